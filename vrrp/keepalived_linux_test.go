// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vrrp"
)

// patience bounds every wait for an event; nothing is measured against it.
const patience = 30 * time.Second

// live is a router of ours in a network namespace, with the kernel's links and
// addresses.
type live struct {
	router  *vrrp.Router
	network *netif.Network
	device  *vip.Device
	virtual map[string]*vrrp.VirtualRouter
}

// startLive runs a router with the virtual routers of all cases until the test ends.
func startLive(t *testing.T, h *netlab.Host, cases map[string]liveCase) *live {
	t.Helper()
	l := &live{virtual: map[string]*vrrp.VirtualRouter{}}
	ctx, cancel := context.WithCancel(t.Context())
	opened := make(chan error, 1)
	done := h.Go(func() {
		err := l.open(cases)
		if opened <- err; err != nil {
			return
		}
		if err := errors.Join(l.router.Run(ctx), l.device.Close(), l.network.Close()); err != nil {
			t.Errorf("router %s: %v", h.Name(), err)
		}
	})
	if err := <-opened; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); <-done })
	return l
}

// open makes what is on the host, in its network namespace.
func (l *live) open(cases map[string]liveCase) (err error) {
	if l.network, err = netif.Open(nil); err != nil {
		return err
	}
	if l.device, err = vip.Open("eth0", nil); err != nil {
		return err
	}
	if l.router, err = vrrp.NewRouter(vrrp.RouterConfig{Network: l.network}); err != nil {
		return err
	}
	for name, c := range cases {
		c.cfg.Link, c.cfg.Backend = "eth0", l.device
		if l.virtual[name], err = l.router.Add(c.cfg); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// await waits for a condition on the state of a virtual router.
func (l *live) await(t *testing.T, name, what string, condition func(vrrp.Status) bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(l.virtual[name].Status()); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s: %s: %+v", patience, name, what, l.virtual[name].Status())
		}
	}
}

// keepalived is the program of that name.
type keepalived struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (k *keepalived) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.out.Write(p)
}

func (k *keepalived) log() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.out.String()
}

// await waits until an instance of keepalived has entered a state for the nth time.
func (k *keepalived) await(t *testing.T, c liveCase, state string, n int) {
	t.Helper()
	what := fmt.Sprintf("(V%d) Entering %s STATE", c.cfg.VRID, state)
	for end := time.Now().Add(patience); strings.Count(k.log(), what) < n; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: keepalived logs %q, time %d:\n%s", patience, what, n, k.log())
		}
	}
}

// startKeepalived runs keepalived with the virtual routers of all cases, and priority 150,
// until the test ends.
func startKeepalived(t *testing.T, h *netlab.Host, cases map[string]liveCase) *keepalived {
	t.Helper()
	program := netlabtest.Program(t, "keepalived")
	text := "global_defs {\n router_id peer\n}\n"
	for _, c := range cases {
		text += c.instance()
	}
	file := filepath.Join(t.TempDir(), "keepalived.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	k := &keepalived{}
	cmd := exec.Command(program, "-n", "-l", "-D", "-P", "-f", file, "-p", file+".pid", "-r", file+".vpid")
	cmd.Stdout, cmd.Stderr = k, k
	if err := h.Start(cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	return k
}

// liveCase is how a virtual router of ours and keepalived's reach and trust each other.
type liveCase struct {
	cfg   vrrp.VirtualRouterConfig
	lines []string // for keepalived
}

// instance returns the case for keepalived.
func (c *liveCase) instance() string {
	var addrs []string
	for _, p := range c.cfg.Addresses {
		addrs = append(addrs, p.String())
	}
	return fmt.Sprintf("vrrp_instance V%d {\n state BACKUP\n interface eth0\n virtual_router_id %[1]d\n priority 150\n advert_int %g\n version %d\n %s\n virtual_ipaddress {\n %s\n }\n}\n",
		c.cfg.VRID, c.cfg.Interval.Seconds(), c.cfg.Version, strings.Join(c.lines, "\n "), strings.Join(addrs, "\n "))
}

// unicast has the addresses of both as peers on our side, and ours on the other.
func (c *liveCase) unicast(theirs, ours netip.Addr) {
	c.cfg.Source = ours
	for _, a := range []netip.Addr{theirs, ours} {
		p := vrrp.Peer{Addr: a}
		if a.Is6() {
			p.MinHopLimit = 64 // keepalived leaves it to the kernel
		}
		c.cfg.Peers = append(c.cfg.Peers, p)
	}
	c.lines = append(c.lines, "unicast_src_ip "+theirs.String(), "unicast_peer {", ours.String(), "}")
}

// authenticated is a case of version 2.
func (c *liveCase) authenticate(t *testing.T, kind string, as vrrp.AuthType) {
	c.cfg.AuthType, c.cfg.AuthData = as, password(t, "1066")
	c.lines = append(c.lines, "authentication {", "auth_type "+kind, "auth_pass 1066", "}")
}

// newLiveCase returns a case of its own virtual router, for a version of the protocol.
func newLiveCase(version vrrp.Version, vrid uint8, addrs ...string) liveCase {
	return liveCase{cfg: vrrp.VirtualRouterConfig{Checksum: vrrp.ChecksumPseudoHeader,
		Config: vrrp.Config{Version: version, VRID: vrid, Priority: 200, Interval: time.Second, Addresses: prefixes(addrs...)}}}
}

func liveCases(t *testing.T, n1, n2 *netlab.Host) map[string]liveCase {
	cases := map[string]liveCase{}
	add := func(name string, version vrrp.Version, change func(c *liveCase)) {
		vrid := uint8(51 + len(cases))
		c := newLiveCase(version, vrid, fmt.Sprintf("10.0.0.%d/24", vrid+100))
		change(&c)
		cases[name] = c
	}
	unicast := func(c *liveCase) { c.unicast(n1.Addr(0), n2.Addr(0)) }
	add("IPv4", vrrp.V3, unicast)
	add("IPv6", vrrp.V3, func(c *liveCase) {
		c.cfg.Addresses = prefixes("fe80::100/64", "2001:db8::100/64")
		c.unicast(n1.Addr6(0), n2.Addr6(0))
	})
	add("version 2", vrrp.V2, unicast)
	add("old checksum", vrrp.V3, func(c *liveCase) {
		unicast(c)
		c.cfg.Checksum = vrrp.ChecksumPseudoGroup
		c.lines = append(c.lines, "old_unicast_checksum")
	})
	for kind, as := range map[string]vrrp.AuthType{"PASS": vrrp.AuthPassword, "AH": vrrp.AuthAH} {
		add(kind, vrrp.V2, func(c *liveCase) { c.authenticate(t, kind, as) })
		add(kind+", unicast", vrrp.V2, func(c *liveCase) { unicast(c); c.authenticate(t, kind, as) })
	}
	add("both to version 3", vrrp.V3, func(c *liveCase) { c.cfg.WithV2 = true })
	add("both to version 2", vrrp.V3, func(c *liveCase) {
		c.cfg.WithV2 = true
		c.lines = append(c.lines, "version 2")
	})
	if !signs(t) {
		return cases
	}
	for name, version := range map[string]vrrp.Version{"HMAC": vrrp.V3, "HMAC in version 2": vrrp.V2} {
		add(name, version, func(c *liveCase) { c.sign(t) })
		add(name+", unicast", version, func(c *liveCase) { c.sign(t); unicast(c) })
	}
	add("HMAC, IPv6", vrrp.V3, func(c *liveCase) {
		c.sign(t)
		c.cfg.Addresses = prefixes("fe80::200/64")
	})
	return cases
}

// signs reports whether the keepalived that is installed knows the trailer. The one of
// Debian 12, 2.2.7, does not: captures of one that does are in testdata.
func signs(t *testing.T) bool {
	t.Helper()
	out, err := exec.Command(netlabtest.Program(t, "keepalived"), "--version").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	var major, minor, patch int
	if _, err := fmt.Sscanf(string(out), "Keepalived v%d.%d.%d", &major, &minor, &patch); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return major > 2 || major == 2 && (minor > 4 || minor == 4 && patch >= 2)
}

// sign has a case authenticate by the trailer, with the first key of the captures.
func (c *liveCase) sign(t *testing.T) {
	hmacOf(t, vrrp.HMACConfig{Keys: captureKeys(t)[:1]})(&c.cfg)
	c.lines = append(c.lines, "auth_hmac {", fmt.Sprintf("key 1 hex:%x", octets(0, 0x1f)), "active_key 1", "}")
}

// TestKeepalived has virtual routers of ours take the role from keepalived, which hears
// them then, and lose it to keepalived, which they hear then.
func TestKeepalived(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	n1, n2 := lab.Host("n1"), lab.Host("n2")
	cases := liveCases(t, n1, n2)
	theirs := startKeepalived(t, n1, cases)
	for _, c := range cases {
		theirs.await(t, c, "MASTER", 1)
	}
	ours := startLive(t, n2, cases)
	for name, c := range cases {
		ours.await(t, name, "Active", func(s vrrp.Status) bool { return s.State == vrrp.Active })
		theirs.await(t, c, "BACKUP", 2)
		if s := ours.virtual[name].Status(); s.Stats.Received == 0 {
			t.Errorf("%s: %+v", name, s)
		}
	}
	for name, v := range ours.virtual {
		if err := v.SetPriority(100); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	before := map[string]uint64{}
	for name, c := range cases {
		theirs.await(t, c, "MASTER", 2)
		ours.await(t, name, "Backup", func(s vrrp.Status) bool { return s.State == vrrp.Backup && s.PeerPriority == 150 })
		before[name] = ours.virtual[name].Status().Stats.Received
	}
	for name, received := range before {
		ours.await(t, name, "further advertisements", func(s vrrp.Status) bool { return s.Stats.Received > received+1 })
		if s := ours.virtual[name].Status().Stats; s.DigestErrors+s.AuthTypeErrors+s.AuthDataErrors+s.ChecksumErrors+s.SourceErrors+
			s.HopLimitErrors+s.HeaderErrors+s.LengthErrors+s.SendErrors > 0 {
			t.Errorf("%s: %+v", name, s)
		}
	}
}
