// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// delivery notes what a mailer delivers, and when.
type delivery struct {
	begin time.Time
	calls []string
	fail  func(n int, l letter) error // the n-th call, from 0; nil: none fails
	hold  time.Duration               // for how long each takes, unless its context ends
	last  letter
}

func (d *delivery) deliver(ctx context.Context, l letter) error {
	n := len(d.calls)
	d.calls, d.last = append(d.calls, fmt.Sprintf("%v %s", time.Since(d.begin), l.subject)), l
	if !pause(ctx, d.hold) {
		return ctx.Err()
	}
	if d.fail == nil {
		return nil
	}
	return d.fail(n, l)
}

// mailing runs a mailer in a bubble; end ends it.
func mailing(t *testing.T, d *delivery, test func(m *mailer, end func())) {
	synctest.Test(t, func(t *testing.T) {
		d.begin = time.Now()
		m := newMailer(quiet(), d.deliver)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			m.run(ctx)
			close(done)
		}()
		test(m, func() { cancel(); <-done })
		cancel()
		<-done
	})
}

func subject(n int) letter { return letter{subject: fmt.Sprintf("s%d", n), body: "b", at: time.Now()} }

// TestMailerRetries wants a letter tried a few times, with longer and longer pauses, and then left out; the next one that
// gets through tells it.
func TestMailerRetries(t *testing.T) {
	d := &delivery{fail: func(n int, _ letter) error {
		if n < 5 {
			return errors.New("no connection")
		}
		return nil
	}}
	mailing(t, d, func(m *mailer, _ func()) {
		m.post(subject(1))
		m.post(subject(2))
		time.Sleep(time.Hour)
		synctest.Wait()
		want := "0s s1, 10s s1, 30s s1, 1m10s s1, 1m10s s2, 1m20s s2"
		if got := strings.Join(d.calls, ", "); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if !strings.Contains(d.last.body, "Left out before:\n") || !strings.HasSuffix(d.last.body, " s1") {
			t.Errorf("body %q", d.last.body)
		}
		m.post(subject(3))
		synctest.Wait()
		if d.last.body != "b" {
			t.Errorf("told twice: %q", d.last.body)
		}
	})
}

// TestMailerRefused wants no second try of what is refused for good.
func TestMailerRefused(t *testing.T) {
	d := &delivery{fail: func(int, letter) error { return errRefused }}
	mailing(t, d, func(m *mailer, _ func()) {
		m.post(subject(1))
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(d.calls) != 1 {
			t.Errorf("%v", d.calls)
		}
	})
}

// TestMailerBound wants the oldest left out where too many wait, without keeping anybody waiting, and that told.
func TestMailerBound(t *testing.T) {
	const over = maxOmitted + 5
	d := &delivery{hold: time.Hour}
	mailing(t, d, func(m *mailer, _ func()) {
		m.post(subject(0))
		synctest.Wait() // it is under way
		before := time.Now()
		for n := range maxLetters + over {
			m.post(subject(n + 1))
		}
		if !time.Now().Equal(before) {
			t.Error("post has waited")
		}
		time.Sleep(90 * time.Minute)
		synctest.Wait()
		first := fmt.Sprintf("1h0m0s s%d", over+1)
		if len(d.calls) != 2 || d.calls[1] != first || strings.Count(d.last.body, "\n") != 2+maxOmitted+1 || !strings.HasSuffix(d.last.body, "and 5 more") {
			t.Errorf("%v, want %s; body %q", d.calls, first, d.last.body)
		}
		if len(m.waiting) != maxLetters-1 {
			t.Errorf("%d wait", len(m.waiting))
		}
	})
}

// TestMailerEnd wants what is left delivered at the end, for a limited time only, however the server behaves.
func TestMailerEnd(t *testing.T) {
	d := &delivery{hold: 2 * time.Second}
	mailing(t, d, func(m *mailer, end func()) {
		for n := range 4 {
			m.post(subject(n))
		}
		synctest.Wait()
		end()
		if got := strings.Join(d.calls, ", "); got != "0s s0, 2s s1, 4s s2" || time.Since(d.begin) != lastTime {
			t.Errorf("%s, %v", got, time.Since(d.begin))
		}
	})
	d = &delivery{fail: func(int, letter) error { return errors.New("no connection") }}
	mailing(t, d, func(m *mailer, end func()) {
		m.post(subject(1))
		m.post(subject(2))
		synctest.Wait() // it waits for its next try
		end()
		if got := strings.Join(d.calls, ", "); got != "0s s1, 0s s1, 0s s2" {
			t.Errorf("%s", got)
		}
	})
}
