// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// elsewhereFile has service addresses of both families on another device than the link.
const elsewhereFile = `vrrp_instance IPV4 {
	version 3
	interface eth0
	virtual_router_id 41
	priority %[1]d
	advert_int 0.5
	virtual_ipaddress {
		10.0.0.100 dev lo
	}
}
vrrp_instance IPV6 {
	version 3
	interface eth0
	virtual_router_id 41
	priority %[1]d
	advert_int 0.5
	virtual_ipaddress {
		fd00::100 dev lo
	}
}
`

// resolve returns the MAC address at which a client finds an address that it knows nothing of, the zero value without an
// answer.
func resolve(t *testing.T, client *netlab.Host, addr netip.Addr) (mac [6]byte) {
	t.Helper()
	ask := func(f func(eth0 int) error) {
		t.Helper()
		if err := client.Do(func() error {
			eth0, err := netlink.LinkByName("eth0")
			if err != nil {
				return err
			}
			return f(eth0.Attrs().Index)
		}); err != nil {
			t.Fatal(err)
		}
	}
	ask(func(eth0 int) error {
		err := netlink.NeighDel(&netlink.Neigh{LinkIndex: eth0, IP: addr.AsSlice()})
		if errors.Is(err, unix.ENOENT) {
			return nil
		}
		return err
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := netlab.Ping(ctx, client, addr, 50*time.Millisecond, func(r netlab.PingResult) {
		if r.Answers > 0 {
			cancel()
		}
	}); err != nil {
		t.Fatal(err)
	}
	ask(func(eth0 int) error {
		list, err := netlab.Whole(func() ([]netlink.Neigh, error) { return netlink.NeighList(eth0, netlink.FAMILY_ALL) })
		for _, n := range list {
			if ip, _ := netip.AddrFromSlice(n.IP); ip.Unmap() == addr && len(n.HardwareAddr) == 6 {
				mac = [6]byte(n.HardwareAddr)
			}
		}
		return err
	})
	return mac
}

// linkMAC returns the MAC address of a host.
func linkMAC(t *testing.T, h *netlab.Host) (mac [6]byte) {
	t.Helper()
	if err := h.Do(func() error {
		eth0, err := netlink.LinkByName("eth0")
		if err == nil {
			copy(mac[:], eth0.Attrs().HardwareAddr)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return mac
}

// TestElsewhere has addresses of both families on another device than the link found on the link, with no setting made for
// it, at the router that is Active: also while the one that was so has frozen, which must not answer for them any more.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2", "client"}})
	start := func(name string, priority int) *program {
		p := &program{cmd: exec.Command("/proc/self/exe", "-f", filepath.Join(t.TempDir(), "keepalived.conf"))}
		if err := os.WriteFile(p.cmd.Args[2], fmt.Appendf(nil, elsewhereFile, priority), 0o600); err != nil {
			t.Fatal(err)
		}
		p.cmd.Env = append(os.Environ(), beProgram+"=1")
		p.cmd.Stdout, p.cmd.Stderr = &p.buffer, &p.buffer
		if err := lab.Host(name).Start(p.cmd); err != nil {
			t.Fatal(err)
		}
		return p
	}
	addrs := []netip.Addr{netip.MustParseAddr("10.0.0.100"), netip.MustParseAddr("fd00::100")}
	found := func(at string) {
		t.Helper()
		mac := linkMAC(t, lab.Host(at))
		for _, a := range addrs {
			eventually(t, fmt.Sprintf("%v at %s", a, at), func() bool { return resolve(t, lab.Host("client"), a) == mac })
		}
	}
	p1 := start("n1", 200)
	found("n1")
	p2 := start("n2", 100)
	p1.signal(t, syscall.SIGSTOP)
	found("n2")
	for range 5 {
		for _, a := range addrs {
			if resolve(t, lab.Host("client"), a) == linkMAC(t, lab.Host("n1")) {
				t.Errorf("n1, which is frozen, answers for %v", a)
			}
		}
	}
	p1.signal(t, syscall.SIGKILL)
	_ = p1.cmd.Wait() // it was killed
	p2.signal(t, syscall.SIGTERM)
	if err := p2.cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, p2.log())
	}
	if mac := resolve(t, lab.Host("client"), addrs[1]); mac != ([6]byte{}) {
		t.Errorf("%v is left at %v", addrs[1], mac)
	}
}
