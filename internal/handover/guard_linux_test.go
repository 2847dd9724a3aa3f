// SPDX-License-Identifier: Apache-2.0

package handover_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif/guard"
	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vip/viptest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// dying is the environment variable that makes a program of this executable that is Active, has a guard, hands over, and is
// killed at the step that it names.
const dying = "HANDOVER_TEST_DIES"

// step is how far a hand-over has come.
type step string

// The steps.
const (
	stepBefore   step = "before it"
	stepBegun    step = "the other one has nothing yet"
	stepTaken    step = "the other one has taken over"
	stepHeard    step = "that is known"
	stepOver     step = "it has ended"
	stepRestored step = "it has failed"
)

// die kills this process.
func (s step) die() {
	if step(os.Getenv(dying)) == s {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

// runOld is the program, if this process is to be it, or its guard.
func runOld() {
	will := guard.Main()
	if os.Getenv(dying) != "" {
		fmt.Fprintln(os.Stderr, old(will))
		os.Exit(1)
	}
}

// old does what it does. The router is that of a LAN in memory.
func old(will *guard.Guard) error {
	ctx := context.Background()
	if err := will.Start(ctx, &guard.Config{Output: os.Stderr}); err != nil {
		return err
	}
	host := netiftest.New(netiftest.Config{}).Host("a", netiftest.Link{Addresses: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/24")}})
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network(), Guard: will})
	if err != nil {
		return err
	}
	v, err := router.Add(vrrp.VirtualRouterConfig{Link: "eth0", Backend: &viptest.Memory{}, NoLease: true,
		Config: vrrp.Config{VRID: 1, Priority: 254, Interval: time.Second, Addresses: []netip.Prefix{netip.MustParsePrefix("10.0.0.100/32")}}})
	if err != nil {
		return err
	}
	go func() { _ = router.Run(ctx) }()
	for v.Status().State != vrrp.Active {
		time.Sleep(10 * time.Millisecond)
		if err := v.Force(0); err != nil && !errors.Is(err, vrrp.ErrNotReady) {
			return err
		}
	}
	if err := will.Flush(ctx); err != nil {
		return err
	}
	stepBefore.die()
	if err := handOver(router); err != nil {
		return err
	}
	stepHeard.die()
	if err := will.Flush(ctx); err != nil {
		return err
	}
	stepOver.die()
	stepRestored.die()
	return errors.New("it lives")
}

// handOver hands the router over, or tries to.
func handOver(router *vrrp.Router) error {
	broken := errors.New("broken")
	for {
		err := router.HandOver(context.Background(), func(context.Context, []byte) ([]byte, error) {
			stepBegun.die()
			if step(os.Getenv(dying)) == stepRestored {
				return nil, broken
			}
			stepTaken.die()
			return []byte(`{"taken":[0]}`), nil
		})
		switch {
		case errors.Is(err, context.DeadlineExceeded): // the guard was slow
		case errors.Is(err, broken):
			return nil
		default:
			return err
		}
	}
}

// TestDeathInTheMiddle: whenever the old process of a hand-over dies, either its will is in force, and nobody else can have the role,
// or nothing is said and removed in its name.
func TestDeathInTheMiddle(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	host := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}}).Host("n1")
	for at, goodbyes := range map[step]int{stepBefore: 1, stepBegun: 0, stepTaken: 0, stepHeard: 0, stepOver: 0, stepRestored: 1} {
		said, err := dieAt(host, at)
		if want := fmt.Sprintf("goodbyes=%d addresses=%d", goodbyes, goodbyes); err != nil || strings.Contains(said, "ended without a goodbye") != (goodbyes > 0) ||
			goodbyes > 0 && !strings.Contains(said, want) {
			t.Errorf("%s: %q, %v; want %s", at, said, err, want)
		}
	}
}

// dieAt runs the program, and returns what it and its guard have said.
func dieAt(host *netlab.Host, at step) (said string, err error) {
	var log strings.Builder
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), dying+"="+string(at))
	cmd.Stderr = &log // Wait waits for the guard, too
	if err := host.Start(cmd); err != nil {
		return "", err
	}
	err = cmd.Wait()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signal() == syscall.SIGKILL {
		err = nil
	}
	return log.String(), err
}
