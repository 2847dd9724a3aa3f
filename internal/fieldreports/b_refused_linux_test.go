// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// errorLog notes the errors that are logged.
type errorLog struct {
	mu   sync.Mutex
	errs []error
}

func (*errorLog) Enabled(context.Context, slog.Level) bool { return true }
func (l *errorLog) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.errs = append(l.errs, err)
		}
		return true
	})
	return nil
}
func (l *errorLog) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l *errorLog) WithGroup(string) slog.Handler      { return l }

// has reports whether one of the errors is of a kind.
func (l *errorLog) has(kind error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Is(errors.Join(l.errs...), kind)
}

// TestFieldReport33RefusedPacketsAreTold: a packet filter refuses what the Active Router sends, as while it is being
// reloaded. That is counted and logged with its cause, and when it is over the roles are as before.
func TestFieldReport33RefusedPacketsAreTold(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	var log errorLog
	n1 := b.startWith("n1", setup{Virtual: []vrrp.VirtualRouterConfig{virtual(200)}, Logger: slog.New(&log)})
	n1.awaitState(vrrp.Active)
	n2 := b.start("n2", virtual(100))
	n2.awaitPeer("n1")
	b.firewall("n1", netlab.Outgoing)
	n2.awaitState(vrrp.Active)
	if n1.router.Stats().SendErrors < 3 {
		t.Errorf("n1 counted %+v", n1.router.Stats())
	}
	await(t, "n1 logs why", func() bool { return log.has(unix.EPERM) })
	b.liftFirewall("n1")
	b.awaitHolder("n1", []string{"n2"}, vip4())
	n1.awaitState(vrrp.Active)
}
