// SPDX-License-Identifier: Apache-2.0

package quietlog_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fhrp/fhrp/internal/quietlog"
)

func TestNilIsSilent(t *testing.T) {
	l := quietlog.New(nil)
	l.Start()(time.Second)
	l.Log(time.Now(), slog.LevelError, "nobody hears it")
	if l.Enabled(slog.LevelError) {
		t.Error("enabled")
	}
}

func TestRecordsArriveInOrder(t *testing.T) {
	var out bytes.Buffer
	l := quietlog.New(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo})))
	l.Log(time.Now(), slog.LevelInfo, "before")
	stop := l.Start()
	l.Log(time.Now(), slog.LevelDebug, "too fine")
	l.Log(time.Now(), slog.LevelInfo, "during", slog.Int("n", 1))
	stop(time.Minute)
	l.Log(time.Now(), slog.LevelInfo, "after")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], "before") || !strings.Contains(lines[1], "msg=during n=1") || !strings.Contains(lines[2], "after") {
		t.Errorf("log:\n%s", out.String())
	}
}

// stuck is a handler whose disk is full.
type stuck struct {
	slog.Handler
	release chan struct{}
	got     []slog.Record
}

func (*stuck) Enabled(context.Context, slog.Level) bool { return true }

func (h *stuck) Handle(_ context.Context, r slog.Record) error {
	<-h.release
	h.got = append(h.got, r)
	return nil
}

func TestStuckHandlerDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &stuck{release: make(chan struct{})}
		l := quietlog.New(slog.New(h))
		stop := l.Start()
		for range 5000 {
			l.Log(time.Now(), slog.LevelInfo, "x")
		}
		before := time.Now()
		stop(3 * time.Second)
		if waited := time.Since(before); waited != 3*time.Second {
			t.Errorf("stop waited %v, want the grace", waited)
		}
		close(h.release)
		synctest.Wait()
		if len(h.got) < 1000 || len(h.got) > 1100 {
			t.Errorf("%d records of 5000 kept", len(h.got))
		}
	})
}

func TestLimit(t *testing.T) {
	var limit quietlog.Limit
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	allowed, suppressed := 0, 0
	for range 1000 {
		if n, ok := limit.Allow(now); ok {
			allowed++
			suppressed += n
		}
		now = now.Add(30 * time.Millisecond)
	}
	if allowed != 3 || suppressed != 666 {
		t.Errorf("%d allowed, %d told to be suppressed, want 3 and 666", allowed, suppressed)
	}
}
