// SPDX-License-Identifier: Apache-2.0

package guard_test

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/guard"
)

// TestNotStarted uses a handle that has no guard: nothing happens.
func TestNotStarted(t *testing.T) {
	for name, g := range map[string]*guard.Guard{"Main": guard.Main(), "zero": {}} {
		t.Run(name, func(t *testing.T) {
			g.Set(1, "eth0", netip.Addr{}, netip.Addr{}, []byte{1}, nil, time.Hour)
			g.Clear(1)
			g.Clear(2)
			g.Beat()
			if err := g.Flush(context.Background()); !errors.Is(err, guard.ErrNotRunning) {
				t.Errorf("Flush: %v", err)
			}
			for range 2 {
				if err := g.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			}
		})
	}
}

// TestNotMain starts a handle that shows nothing about function main.
func TestNotMain(t *testing.T) {
	var g guard.Guard
	if err := g.Start(context.Background(), nil); !errors.Is(err, guard.ErrNotMain) {
		t.Errorf("Start: %v", err)
	}
}

// TestUnsupported starts a guard where there is none.
func TestUnsupported(t *testing.T) {
	if runtime.GOOS == "linux" {
		t.Skip("supported here")
	}
	if err := guard.Main().Start(context.Background(), nil); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Start: %v", err)
	}
}
