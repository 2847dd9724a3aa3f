// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// patience bounds every wait for an event; nothing is measured against it.
const patience = 60 * time.Second

// bench is hosts on a switch, what runs on them and what crosses the switch.
type bench struct {
	*testing.T
	lab     *netlab.Lab
	hosts   []string
	wire    *wire
	members []*member
	before  map[string]state // of each host, before anything was started
	last    string           // what a wait has to add if it is in vain
}

// state is what a host has that could be left over.
type state struct {
	sockets map[string]bool
	links   []string
}

// newBench makes hosts. The test must be in its namespaces, see netlabtest.Enter.
func newBench(t *testing.T, hosts ...string) *bench {
	t.Helper()
	b := &bench{T: t, lab: netlabtest.New(t, netlab.Config{Hosts: hosts}), hosts: hosts, before: map[string]state{}}
	b.wire = b.watch()
	for _, h := range hosts {
		b.before[h] = b.state(h)
	}
	return b
}

// state returns that of a host.
func (b *bench) state(host string) (s state) {
	b.Helper()
	var err error
	s.sockets, err = b.lab.Host(host).Sockets()
	b.must(err)
	b.must(b.lab.Host(host).Do(func() (err error) {
		s.links, err = linkNames()
		return err
	}))
	return s
}

// must fails the test for an error.
func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// await waits until a condition holds.
func (b *bench) await(what string, condition func() bool) {
	b.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("not within %v: %s\n%s", patience, what, b.report())
		}
	}
}

// lastly keeps what a wait has to add if it is in vain.
func (b *bench) lastly(format string, args ...any) { b.last = fmt.Sprintf(format, args...) }

// report says how things are, for a failed test.
func (b *bench) report() string {
	text := b.last + "\n" + b.wire.picture()
	for _, h := range b.hosts {
		all, err := b.lab.Host(h).Addresses(0)
		text += fmt.Sprintf("%s has %v %v\n", h, all, err)
	}
	return text
}

// wantNothingLeft waits until the hosts are as before: no process, no socket, no interface and no service address is
// there that wasn't.
func (b *bench) wantNothingLeft() {
	b.Helper()
	for _, h := range b.hosts {
		b.await("no process on "+h, func() bool {
			pids, err := b.lab.Host(h).Processes()
			return err == nil && len(pids) == 0
		})
		var now state
		b.await("sockets and links as before on "+h, func() bool {
			now = b.state(h)
			extra := maps.Clone(now.sockets)
			maps.DeleteFunc(extra, func(s string, _ bool) bool { return b.before[h].sockets[s] })
			return len(extra) == 0 && slices.Equal(now.links, b.before[h].links)
		})
	}
	for _, m := range b.members {
		b.await("no address of "+m.String(), m.holdsNone)
	}
}
