// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

const (
	maxLetters = 64 // that wait
	maxOmitted = 20 // subjects that are told of what was left out
	maxTries   = 4  // for one letter, with pauses of firstPause and twice as long each time
	firstPause = 10 * time.Second
)

// letter is an alert on its way.
type letter struct {
	subject, body string
	at            time.Time // when it happened
}

// mailer delivers letters one after the other, in their order. Nobody ever waits for it: what is more than it holds is left
// out, the oldest first, and the next letter that gets through tells what that was.
type mailer struct {
	log     *slog.Logger
	deliver func(ctx context.Context, l letter) error // tries once; an error that matches errRefused is final
	wake    chan struct{}

	mu      sync.Mutex
	waiting []letter
	omitted []string // subjects of what was left out and not told yet
	more    int      // how many besides
}

func newMailer(log *slog.Logger, deliver func(context.Context, letter) error) *mailer {
	return &mailer{log: log, deliver: deliver, wake: make(chan struct{}, 1)}
}

// post hands in a letter.
func (m *mailer) post(l letter) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.waiting) == maxLetters {
		m.omit(m.waiting[0], errors.New("too many wait"))
		m.waiting = m.waiting[1:]
	}
	m.waiting = append(m.waiting, l)
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// omit notes that a letter doesn't go. It is called with the lock.
func (m *mailer) omit(l letter, why error) {
	m.log.Error("alert left out", "subject", l.subject, "error", why)
	if len(m.omitted) == maxOmitted {
		m.more++
		return
	}
	m.omitted = append(m.omitted, l.at.Format(time.RFC3339)+" "+l.subject)
}

// take returns the next letter, with what was left out before it.
func (m *mailer) take() (l letter, told int, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.waiting) == 0 {
		return letter{}, 0, false
	}
	l, m.waiting = m.waiting[0], m.waiting[1:]
	if told = len(m.omitted); told > 0 {
		l.body += "\n\nLeft out before:\n" + strings.Join(m.omitted, "\n")
		if m.more > 0 {
			l.body += fmt.Sprintf("\nand %d more", m.more)
		}
	}
	return l, told, true
}

// settle notes what became of a letter that was taken.
func (m *mailer) settle(l letter, told int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		m.omit(l, err)
		return
	}
	m.log.Info("alert sent", "subject", l.subject)
	if m.omitted = m.omitted[told:]; told > 0 {
		m.more = 0
	}
}

// run delivers until ctx ends, and what is left then for a limited time.
func (m *mailer) run(ctx context.Context) {
	sending, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	defer context.AfterFunc(ctx, func() {
		pause(sending, lastTime)
		cut()
	})()
	for {
		l, told, ok := m.take()
		switch {
		case ok:
			m.settle(l, told, m.insist(ctx, sending, l))
		case ctx.Err() != nil:
			return
		default:
			select {
			case <-m.wake:
			case <-ctx.Done():
			}
		}
	}
}

// insist tries to deliver a letter some times, once more after ctx has ended, and not at all after sending has.
func (m *mailer) insist(ctx, sending context.Context, l letter) error {
	wait := firstPause
	for try := 1; ; try++ {
		if sending.Err() != nil {
			return errLate
		}
		last := ctx.Err() != nil || try == maxTries
		err := m.deliver(sending, l)
		if err == nil || last || errors.Is(err, errRefused) {
			return err
		}
		m.log.Warn("alert not sent: it is tried again", "subject", l.subject, "error", err)
		pause(ctx, wait)
		wait *= 2
	}
}
