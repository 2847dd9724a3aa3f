// SPDX-License-Identifier: Apache-2.0

package handover_test

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"testing"

	"github.com/go-fhrp/fhrp/internal/handover"
	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vip"
)

// TestReplaceFailsAtTheReceipt: if what the successor says can't be made use of, the keepers go on with the router.
func TestReplaceFailsAtTheReceipt(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	host := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}}).Host("n1")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	err = host.Do(func() (err error) {
		device, err := vip.Open("eth0", nil)
		if err != nil {
			return err
		}
		defer device.Close()
		keeper, err := vip.Keep(device, nil)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, keeper.Close()) }()
		cmd := exec.Command(exe, "argument")
		cmd.Env = append(os.Environ(), behaviour+"=take eth0")
		bad := errors.New("bad receipt")
		_, err = handover.Replace(t.Context(), cmd, handover.Keepers{"eth0": keeper}, func(ctx context.Context, transfer handover.Transfer) error {
			_, err := transfer(ctx, []byte("{}"))
			return errors.Join(err, bad)
		})
		if !errors.Is(err, bad) || alive(cmd.Process.Pid) {
			t.Errorf("%v, successor alive: %t", err, alive(cmd.Process.Pid))
		}
		return keeper.Add(t.Context(), []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")})
	})
	if err != nil {
		t.Error(err)
	}
}
