// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// outcomes is a probe that says what it is told to, by how long ago the test began.
type outcomes struct {
	begin time.Time
	fails func(after time.Duration) bool
	log   []string
}

func (o *outcomes) probe(context.Context) (int, error) {
	if after := time.Since(o.begin); o.fails(after) {
		return 0, errDifferent
	}
	return 0, nil
}

// report notes what is reported, and when, if it is news.
func (o *outcomes) report(v verdict, _ error) {
	text := "down"
	if v.up {
		text = "up"
	}
	if len(o.log) == 0 || !strings.HasSuffix(o.log[len(o.log)-1], text) {
		o.log = append(o.log, fmt.Sprint(time.Since(o.begin), " ", text))
	}
}

// between returns a function that fails in a span of seconds.
func between(from, to int) func(time.Duration) bool {
	return func(after time.Duration) bool {
		return after >= time.Duration(from)*time.Second && after < time.Duration(to)*time.Second
	}
}

// TestChecker repeats checks, tries again before a server that was up is down, and not for one that is down.
func TestChecker(t *testing.T) {
	for _, c := range []struct {
		name    string
		retries int
		up      bool
		fails   func(time.Duration) bool
		want    string
	}{
		{"within one interval", 0, true, between(5, 35), "0s up, 10s down, 40s up"},
		{"a retry", 1, true, between(5, 35), "0s up, 11s down, 41s up"},
		{"a failure that passes", 1, true, between(10, 11), "0s up"},
		{"two retries", 2, true, between(10, 12), "0s up"},
		{"all of two retries", 2, true, between(10, 13), "0s up, 12s down, 22s up"},
		{"down from the start", 3, false, between(0, 1), "0s down, 10s up"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &outcomes{begin: time.Now(), fails: c.fails}
				k := &checker{probe: o.probe, up: c.up, report: o.report,
					config: keepalived.Check{Interval: 10 * time.Second, Retries: c.retries, RetryDelay: time.Second, Timeout: time.Second}}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				k.run(ctx)
				if got := strings.Join(o.log, ", "); got != c.want {
					t.Errorf("%s, want %s", got, c.want)
				}
			})
		})
	}
}

// TestCheckerTimeout counts what takes too long as a failure.
func TestCheckerTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outcomes{begin: time.Now()}
		k := &checker{up: true, report: o.report, config: keepalived.Check{Interval: 10 * time.Second, Timeout: 3 * time.Second}}
		k.probe = func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		k.run(ctx)
		if got := strings.Join(o.log, ", "); got != "3s down" {
			t.Error(got)
		}
	})
}

// TestCheckerSuspended doesn't look while it is suspended.
func TestCheckerSuspended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outcomes{begin: time.Now(), fails: between(0, 100)}
		k := &checker{probe: o.probe, up: true, report: o.report, config: keepalived.Check{Interval: 10 * time.Second, Timeout: time.Second}}
		k.suspended = func() bool { return time.Since(o.begin) < 35*time.Second }
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		k.run(ctx)
		if got := strings.Join(o.log, ", "); got != "40s down" {
			t.Error(got)
		}
	})
}

// TestBalancer runs a balancer on a table in memory: a server fails, the file is read again, the end.
func TestBalancer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryTable()
		var mu sync.Mutex
		down := map[string]bool{}
		var calls []string
		b := newBalancer(m, quiet())
		b.call = func(command keepalived.Command) { calls = append(calls, strings.Join(command.Argv, " ")) }
		b.probes = func(c keepalived.Check, _ int) probe {
			return func(context.Context) (int, error) {
				mu.Lock()
				defer mu.Unlock()
				if down[c.Addr.String()] {
					return 0, errDifferent
				}
				return 0, nil
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- b.run(ctx, []keepalived.VirtualServer{withSorry(virtual(50, 50))}) }()
		want := func(after time.Duration, text string) {
			t.Helper()
			time.Sleep(after)
			synctest.Wait()
			if got := m.took(); got != text {
				t.Errorf("%q, want %q", got, text)
			}
		}
		fail := func(addr string, failed bool) {
			mu.Lock()
			defer mu.Unlock()
			down[addr] = failed
		}
		want(time.Second, "add TCP 10.0.0.100:80, add 10.0.0.1:80, add 10.0.0.2:80")
		fail("10.0.0.1:80", true)
		want(10*time.Second, "remove 10.0.0.1:80")
		b.reload <- []keepalived.VirtualServer{withSorry(virtual(50, 20))}
		want(time.Second, "set 10.0.0.2:80")
		fail("10.0.0.2:80", true)
		want(10*time.Second, "add 10.0.0.9:80, remove 10.0.0.2:80")
		m.mu.Lock()
		m.broken = true
		m.mu.Unlock()
		fail("10.0.0.1:80", false)
		want(10*time.Second, "")
		m.mu.Lock()
		m.broken = false
		m.mu.Unlock()
		want(retryTime, "add 10.0.0.1:80, remove 10.0.0.9:80")
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		want(0, "remove TCP 10.0.0.100:80")
		if got := strings.Join(calls, ", "); got != "quorum up, down 1, down 2, quorum down, up 1, quorum up" {
			t.Errorf("called: %s", got)
		}
	})
}
