// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"

	"github.com/go-fhrp/fhrp/carp"
)

// reporter tells of changes, in ucarp's words and in the status file, on a goroutine
// of its own: neither may delay the protocol.
type reporter struct {
	log    *logger
	status string     // the file; empty for none
	host   *carp.Host // as hosts, not changed after start
	hosts  []reported
	events chan func()
	left   atomic.Bool // another process writes the file
}

// reported is a virtual host and what it was asked to be.
type reported struct {
	*carp.VirtualHost
	instance *instance
}

// backlog is how many events may wait to be told. Of more, the last state is what
// matters, and that the next event tells.
const backlog = 256

func newReporter(log *logger, p *plan) *reporter {
	return &reporter{log: log, status: p.status, events: make(chan func(), backlog)}
}

// start begins to report. stop returns when all that waits is told.
func (r *reporter) start() (stop func()) {
	done, end := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case f := <-r.events:
				f()
			case <-end:
				r.rest()
				return
			}
		}
	}()
	r.post(r.save)
	return func() { close(end); <-done }
}

// rest tells what waits, and nothing after that.
func (r *reporter) rest() {
	for {
		select {
		case f := <-r.events:
			f()
		default:
			return
		}
	}
}

// post has f called, and doesn't wait.
func (r *reporter) post(f func()) {
	select {
	case r.events <- f:
	default:
	}
}

// trace returns what a host is to call.
func (r *reporter) trace() carp.Trace {
	return carp.Trace{
		Transition: func(v *carp.VirtualHost, t carp.Transition) { r.post(func() { r.changed(v, t) }) },
		WrongDigest: func(v *carp.VirtualHost, w carp.WrongDigest) {
			line := fmt.Sprintf("Bad digest - from %v: %v - Check vhid, password and virtual IP address", w.Source, w.Explanation)
			r.post(func() { r.warn(v, line) })
		},
		Notice: func(v *carp.VirtualHost, n carp.Notice) {
			if n == carp.NoticeCompetitor {
				r.post(func() {
					r.warn(v, "Non-preferred master advertising: reasserting control of VIP with another gratuitous arp")
				})
			}
		},
	}
}

// changed tells of a transition.
func (r *reporter) changed(v *carp.VirtualHost, t carp.Transition) {
	switch t.Reason {
	case carp.ReasonMoreFrequent, carp.ReasonLessDemoted, carp.ReasonLowerAddress, carp.ReasonEqual, carp.ReasonEqualStays:
		r.warn(v, "Preferred master advertised: going back to BACKUP state")
	case carp.ReasonPreempt, carp.ReasonDemoted:
		r.warn(v, "Putting MASTER down - preemption")
	case carp.ReasonWillTimeOut, carp.ReasonBowOut:
		r.warn(v, "Putting MASTER DOWN (going to time out)")
	}
	r.warn(v, "Switching to state: "+upper(t.To))
	r.save()
}

// warn writes a line, with the name of the virtual host if there are several.
func (r *reporter) warn(v *carp.VirtualHost, line string) {
	for _, h := range r.hosts {
		if h.VirtualHost == v && len(r.hosts) > 1 {
			line += " (" + h.instance.title() + ")"
		}
	}
	r.log.write(slog.LevelWarn, line)
}

// tell answers SIGUSR1.
func (r *reporter) tell() {
	r.post(func() {
		for _, h := range r.hosts {
			r.log.write(slog.LevelInfo, fmt.Sprintf("%s on %s id %d", upper(h.Status().State), h.instance.link, h.instance.vhid))
		}
		r.save()
	})
}

// upper returns a state as ucarp writes it.
func upper(s carp.State) string { return strings.ToUpper(s.String()) }
