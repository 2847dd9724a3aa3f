// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/vip"
)

// holderEnv has the holding of a process, in JSON.
const holderEnv = "FHRP_VIP_HOLDER"

// A holding is what a process of its own is to hold on eth0 of a host.
type holding struct {
	Addrs    []netip.Prefix
	Lifetime time.Duration // of leases, which it renews; 0: none
	NoMarks  bool          // as on an old kernel
	StateDir string
}

// A holder is a process that does that.
type holder struct {
	t   *testing.T
	cmd *exec.Cmd
	out *bufio.Scanner
}

// startHolder returns a holder that has its addresses.
func startHolder(t *testing.T, h *netlab.Host, what holding) *holder {
	t.Helper()
	text, err := json.Marshal(what)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestHolder$")
	cmd.Env = append(os.Environ(), holderEnv+"="+string(text))
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = h.Start(cmd)
	}
	if err != nil {
		t.Fatal(err)
	}
	p := &holder{t, cmd, bufio.NewScanner(out)}
	t.Cleanup(p.kill)
	p.await()
	return p
}

// await waits until the process has added its addresses, or renewed their leases, once more.
func (p *holder) await() {
	p.t.Helper()
	for p.out.Scan() {
		if p.out.Text() == "holding" {
			return
		}
		p.t.Log("holder: ", p.out.Text())
	}
	p.t.Fatal("the holder ended")
}

// kill ends the process as nobody can prevent, and waits until it has ended.
func (p *holder) kill() {
	_ = p.cmd.Process.Kill() // it may have ended before
	_ = p.cmd.Wait()
}

// signal sends the process a signal.
func (p *holder) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// TestHolder is the process of a holder, and no test otherwise.
func TestHolder(t *testing.T) {
	text := os.Getenv(holderEnv)
	if text == "" {
		return
	}
	var what holding
	if err := json.Unmarshal([]byte(text), &what); err != nil {
		t.Fatal(err)
	}
	d, err := vip.Open("eth0", nil)
	if err != nil {
		t.Fatal(err)
	}
	if what.NoMarks {
		vip.WithoutMarks(d)
	}
	k, err := vip.Keep(d, &vip.KeeperConfig{StateDir: what.StateDir})
	if err != nil {
		t.Fatal(err)
	}
	for {
		if what.Lifetime == 0 {
			err = k.Add(t.Context(), what.Addrs)
		} else {
			err = k.Lease(t.Context(), what.Addrs, what.Lifetime)
		}
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("holding")
		time.Sleep(max(what.Lifetime/2, time.Second))
	}
}
