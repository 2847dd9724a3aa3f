// SPDX-License-Identifier: Apache-2.0

package drivers

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/internal/vmtest"
)

// patience bounds every wait for an event; nothing is measured against it.
const patience = time.Minute

// bench is two routers, each of which runs vrrpd and carpd, and a client.
type bench struct {
	t              *testing.T
	lab            *netlab.Lab
	n1, n2, client *netlab.Host
	link           string     // of the advertisements
	device         string     // of the service addresses
	vrrp4, vrrp6   netip.Addr // service addresses of vrrpd
	carp4, carp6   netip.Addr // and those of carpd
	daemons        map[*netlab.Host][]*daemon
}

// newBench returns a bench on a link whose networks begin with these. It is nil outside of the test's namespaces.
func newBench(t *testing.T, links int, link, device, net4, net6 string) *bench {
	t.Helper()
	vmtest.Only(t)
	t.Parallel()
	if !netlabtest.Enter(t) {
		return nil
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2", "client"}, Links: links})
	return &bench{
		t: t, lab: lab, n1: lab.Host("n1"), n2: lab.Host("n2"), client: lab.Host("client"), link: link, device: device,
		vrrp4: netip.MustParseAddr(net4 + "100"), vrrp6: netip.MustParseAddr(net6 + "100"),
		carp4: netip.MustParseAddr(net4 + "200"), carp6: netip.MustParseAddr(net6 + "200"),
		daemons: map[*netlab.Host][]*daemon{},
	}
}

// addresses returns all service addresses.
func (b *bench) addresses() []netip.Addr { return []netip.Addr{b.vrrp4, b.vrrp6, b.carp4, b.carp6} }

// on calls f in the namespace of a host.
func (b *bench) on(h *netlab.Host, f func() error) {
	b.t.Helper()
	if err := h.Do(f); err != nil {
		b.t.Fatalf("%s: %v", h.Name(), err)
	}
}

// each calls f in the namespaces of some hosts.
func (b *bench) each(f func(h *netlab.Host) error, hosts ...*netlab.Host) {
	b.t.Helper()
	for _, h := range hosts {
		b.on(h, func() error { return f(h) })
	}
}

// start starts both daemons on a router: n1 is the better one.
func (b *bench) start(h *netlab.Host) {
	b.t.Helper()
	priority, skew := 150, "0"
	if h == b.n2 {
		priority, skew = 50, "100"
	}
	file := filepath.Join(b.t.TempDir(), "keepalived.conf")
	text := b.instance("IPV4", priority, b.vrrp4) + b.instance("IPV6", priority, b.vrrp6)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.daemons[h] = []*daemon{
		b.run(h, "vrrpd", "-f", file),
		b.run(h, "carpd", "-i", b.link, "-v", "42", "-p", "mekmitasdigoat", "-a", b.carp4.String(), "-a", b.carp6.String(),
			"-k", skew, "-P", "-f", "none", "--device", b.device),
	}
}

// instance returns a virtual router as keepalived.conf has it.
func (b *bench) instance(name string, priority int, addr netip.Addr) string {
	return fmt.Sprintf(`vrrp_instance %s {
  version 3
  interface %s
  virtual_router_id 41
  priority %d
  advert_int 1
  virtual_ipaddress {
    %v dev %s
  }
}
`, name, b.link, priority, addr, b.device)
}

// daemon is a process of a router.
type daemon struct {
	*exec.Cmd
	name string
	log  log
}

// log is what a process says, while it says it.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// run runs a program on a host until the test stops it or ends.
func (b *bench) run(h *netlab.Host, name string, args ...string) *daemon {
	b.t.Helper()
	d := &daemon{Cmd: exec.Command(name, args...), name: h.Name() + ": " + name}
	d.Stdout, d.Stderr = &d.log, &d.log
	if err := h.Start(d.Cmd); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		if b.t.Failed() {
			b.t.Logf("%s:\n%s", d.name, d.log.String())
		}
	})
	return d
}

// stop stops the daemons of a router as planned.
func (b *bench) stop(h *netlab.Host) {
	b.t.Helper()
	for _, d := range b.daemons[h] {
		if err := d.Process.Signal(syscall.SIGTERM); err != nil {
			b.t.Errorf("%s: %v", d.name, err)
		}
	}
	for _, d := range b.daemons[h] {
		if err := d.Wait(); err != nil {
			b.t.Errorf("%s: %v", d.name, err)
		}
	}
}

// holds returns how many of the service addresses are on the device of a router.
func (b *bench) holds(h *netlab.Host) (n int) {
	b.on(h, func() error {
		device, err := netlink.LinkByName(b.device)
		if _, missing := err.(netlink.LinkNotFoundError); missing {
			return nil
		}
		if err != nil {
			return err
		}
		addrs, err := netlab.Whole(func() ([]netlink.Addr, error) { return netlink.AddrList(device, netlink.FAMILY_ALL) })
		for _, a := range addrs {
			if ip, _ := netip.AddrFromSlice(a.IP); slices.Contains(b.addresses(), ip.Unmap()) {
				n++
			}
		}
		return err
	})
	return n
}

// wantHolder waits until a router has all service addresses and the other none, and the client reaches them.
func (b *bench) wantHolder(h *netlab.Host) {
	b.t.Helper()
	other := map[*netlab.Host]*netlab.Host{b.n1: b.n2, b.n2: b.n1}[h]
	b.eventually("addresses on "+h.Name()+" alone", func() bool { return b.holds(h) == 4 && b.holds(other) == 0 })
	for _, addr := range b.addresses() {
		b.eventually(fmt.Sprintf("answer from %v on %s", addr, h.Name()), func() bool { return b.reaches(addr) })
	}
}

// reaches reports whether the client has an answer from an address.
func (b *bench) reaches(addr netip.Addr) bool {
	args := []string{"-c", "1", "-W", "1", addr.String()}
	if addr.Is6() {
		args = append([]string{"-6"}, args...)
	}
	cmd := exec.Command("ping", args...)
	if err := b.client.Start(cmd); err != nil {
		b.t.Fatal(err)
	}
	return cmd.Wait() == nil
}

// eventually waits until a condition holds.
func (b *bench) eventually(what string, condition func() bool) {
	b.t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// failover has the addresses at the better router, at the other one when that is stopped, and back again.
func (b *bench) failover() {
	b.t.Helper()
	b.start(b.n1)
	b.start(b.n2)
	b.wantHolder(b.n1)
	b.stop(b.n1)
	b.wantHolder(b.n2)
	b.start(b.n1)
	b.wantHolder(b.n1)
}

// end stops all daemons, and wants nothing to be left.
func (b *bench) end() {
	b.t.Helper()
	for _, h := range []*netlab.Host{b.n2, b.n1} {
		b.stop(h)
		if n := b.holds(h); n > 0 {
			b.t.Errorf("%s: %d addresses are left", h.Name(), n)
		}
	}
}

// transitions returns how often a router became Active or Master.
func (b *bench) transitions(h *netlab.Host) (n int) {
	for _, d := range b.daemons[h] {
		n += strings.Count(d.log.String(), "to=Active") + strings.Count(d.log.String(), "Switching to state: MASTER")
	}
	return n
}

// number returns the last octet of a host's addresses in decimal digits.
func number(h *netlab.Host) string {
	return h.Addr(0).String()[strings.LastIndex(h.Addr(0).String(), ".")+1:]
}

// configure gives a link the addresses of a host in these networks, and sets it up.
func configure(h *netlab.Host, link netlink.Link, net4, net6 string) error {
	for _, text := range []string{net4 + number(h) + "/24", net6 + number(h) + "/64"} {
		addr, err := netlink.ParseAddr(text)
		if err != nil {
			return err
		}
		if addr.IP.To4() == nil {
			addr.Flags = 0x02 // IFA_F_NODAD
		}
		if err := netlink.AddrAdd(link, addr); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return netlink.LinkSetUp(link)
}
