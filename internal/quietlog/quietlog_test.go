// SPDX-License-Identifier: Apache-2.0

package quietlog_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
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

func (h *stuck) Enabled(context.Context, slog.Level) bool {
	<-h.release
	return true
}

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

// A detached logger has the attributes and groups of one that isn't, tells what was
// dropped, and leaves nothing behind.
func TestDetach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &stuck{release: make(chan struct{})}
		var out bytes.Buffer
		h.Handler = slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo})
		log, flush := quietlog.Detach(slog.New(h))
		for i := range 2000 {
			log.Info("x", "i", i)
			if i == 0 {
				synctest.Wait() // it is being handled
			}
		}
		flush(time.Second)
		close(h.release)
		synctest.Wait()
		log.With("a", 1).WithGroup("g").Info("y", "b", 2)
		log.WithGroup("g").Debug("too fine")
		flush(time.Hour)
		if want := "level=INFO msg=y a=1 g.b=2 g.dropped_before=975\n"; !strings.HasSuffix(out.String(), want) || len(h.got) != 1025 {
			t.Errorf("%d records, and then:\n%s", len(h.got), out.String())
		}
	})
}

// gated is a handler that takes nothing before its release.
type gated struct {
	slog.Handler
	release chan struct{}
}

func (h gated) Handle(ctx context.Context, r slog.Record) error {
	<-h.release
	return h.Handler.Handle(ctx, r)
}

// What was dropped is told with the next record that the handler takes, not lost with
// one that it doesn't.
func TestDroppedIsToldWithARecordThatIsWanted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		h := gated{slog.NewTextHandler(&out, nil), make(chan struct{})}
		log, flush := quietlog.Detach(slog.New(h))
		for i := range 2000 {
			log.Info("x", "i", i)
			if i == 0 {
				synctest.Wait() // it is being handled
			}
		}
		close(h.release)
		synctest.Wait()
		log.Debug("too fine")
		log.Info("y")
		flush(time.Hour)
		if want := "level=INFO msg=y dropped_before=975\n"; !strings.HasSuffix(out.String(), want) {
			t.Errorf("log ends with %q, want %q", out.String()[max(0, out.Len()-90):], want)
		}
	})
}

// A writer writes what it is given, in order, and says what it has left out.
func TestWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, to := io.Pipe()
		w := quietlog.NewWriter(to)
		line := []byte("line 0\n")
		for i := range 1030 {
			line[5] = byte('0' + i%10)
			if n, err := w.Write(line); n != len(line) || err != nil {
				t.Errorf("%d, %v", n, err)
			}
			if i == 0 {
				synctest.Wait() // it is being written
			}
		}
		w.Flush(time.Minute)
		go func() {
			w.Flush(time.Minute)
			_, _ = fmt.Fprintln(w, "last")
			w.Flush(time.Minute)
			_ = to.Close()
		}()
		got, err := io.ReadAll(r)
		all := strings.SplitAfter(string(got), "\n")
		want := []string{"line 0\n", "line 1\n", "(5 lines before this one were dropped: nobody took them)\n", "last\n", ""}
		if n := len(all); err != nil || n != 1025+3 || !slices.Equal(append(all[:2:2], all[n-3:]...), want) {
			t.Errorf("%d lines, %v: %q", n, err, all)
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
