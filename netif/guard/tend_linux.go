// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"syscall"
	"time"
)

// Bounds of the pause before another guard process is started, which doubles until one has lived for the longer one.
const (
	minPause = 100 * time.Millisecond
	maxPause = time.Minute
)

// A tender sees to it that there is a guard process and that it has the wills.
type tender struct {
	cfg       Config
	outbox    *outbox
	pulse     *pulse
	page      *os.File    // its heartbeat
	namespace os.FileInfo // the network namespace that the guard belongs to
}

func (g *Guard) start(ctx context.Context, cfg Config) error {
	namespace, err := threadNamespace()
	if err != nil {
		return fmt.Errorf("guard: network namespace: %w", err)
	}
	pulse, page, err := newPulse()
	if err != nil {
		return fmt.Errorf("guard: heartbeat: %w", err)
	}
	t := &tender{cfg: cfg, outbox: &g.outbox, pulse: pulse, page: page, namespace: namespace}
	life, end := context.WithCancel(context.Background())
	p, err := t.startProcess(ctx, life)
	if err != nil {
		end()
		page.Close()
		return fmt.Errorf("guard: %w", err)
	}
	g.pulse.Store(pulse)
	g.outbox.restart()
	done := make(chan struct{})
	go func() {
		defer close(done)
		t.tend(life, p)
	}()
	g.stop = func() {
		end()
		<-done
		g.pulse.Store(nil)
		page.Close()
	}
	return nil
}

// startProcess starts a guard process in the network namespace that the first one was started in.
func (t *tender) startProcess(ctx, life context.Context) (*process, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	namespace, err := threadNamespace()
	if err != nil {
		return nil, err
	}
	if !os.SameFile(namespace, t.namespace) {
		return nil, errors.New("this thread is in another network namespace")
	}
	p, r, err := startProcess(ctx, life, t.page, t.cfg.Output)
	if err != nil {
		return nil, err
	}
	if r.send != 0 {
		p.kill()
		return nil, fmt.Errorf("the guard process can't send: %w", syscall.Errno(r.send))
	}
	if r.remove != 0 {
		t.cfg.Logger.Warn("guard process can't remove addresses", slog.Any("error", syscall.Errno(r.remove)))
	}
	return p, nil
}

// threadNamespace returns the network namespace of this thread.
func threadNamespace() (os.FileInfo, error) {
	return os.Stat("/proc/thread-self/ns/net")
}

// tend serves guard processes, one after the other, until life ends.
func (t *tender) tend(life context.Context, p *process) {
	defer t.outbox.close()
	pause := minPause
	for p != nil {
		began := time.Now()
		err := t.serve(p)
		if life.Err() != nil {
			return
		}
		if time.Since(began) > maxPause {
			pause = minPause
		}
		t.cfg.Logger.Error("guard process lost", slog.Any("error", err))
		t.cfg.Lost(err)
		p, pause = t.replace(life, pause)
	}
}

// serve gives the guard process what it is to have until that one ends, and returns why it did.
func (t *tender) serve(p *process) error {
	t.outbox.restart()
	for {
		changes, waiting := t.outbox.take()
		if err := p.hand(t.encode(changes)); err != nil {
			t.outbox.putBack(waiting)
			p.kill()
			return p.err
		}
		t.outbox.delivered(t.pulse.beat)
		for _, done := range waiting {
			done <- nil
		}
		select {
		case <-t.outbox.wake:
		case <-p.done:
			return p.err
		}
	}
}

// encode returns the records of changes. A will that can't be executed is none.
func (t *tender) encode(changes []change) []byte {
	var b []byte
	for _, c := range changes {
		if c.will != nil {
			if err := c.will.check(); err != nil {
				t.cfg.Logger.Error("will can't be executed", slog.Int("id", c.id), slog.Any("error", err))
				c.will = nil
			}
		}
		b = c.append(b)
	}
	return b
}

// replace starts another guard process, after a pause that gets longer with each failure. It returns nil when life ends.
func (t *tender) replace(life context.Context, pause time.Duration) (*process, time.Duration) {
	for {
		select {
		case <-life.Done():
			return nil, pause
		case <-time.After(pause):
		}
		pause = min(2*pause, maxPause)
		p, err := t.startProcess(life, life)
		if err == nil {
			t.cfg.Logger.Info("guard process started again")
			return p, pause
		}
		if life.Err() == nil {
			t.cfg.Logger.Error("guard process not started", slog.Any("error", err))
		}
	}
}
