// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
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

	"github.com/go-fhrp/fhrp/internal/instances"
	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// patience bounds every wait for an event; nothing is measured against it.
const patience = 30 * time.Second

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// conf is what the configurations of an interoperability test have in common.
type conf struct {
	version   int
	interval  string
	extra     string
	addresses []string
}

// write makes the file of one node.
func (c conf) write(t *testing.T, name string, priority int) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name+".conf")
	text := fmt.Sprintf(`global_defs {
  router_id %s
  vrrp_version %d
}
vrrp_instance V {
  state BACKUP
  interface eth0
  virtual_router_id 41
  priority %d
  advert_int %s
  %s
  virtual_ipaddress {
    %s
  }
}
`, name, c.version, priority, c.interval, c.extra, strings.Join(c.addresses, "\n    "))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// buffer is a log that can be read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) log() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// ours is this program's daemon on a host.
type ours struct {
	buffer
	daemon *instances.Daemon
	end    context.CancelFunc
	done   <-chan struct{}
}

func startOurs(t *testing.T, h *netlab.Host, file string) *ours {
	t.Helper()
	o := &ours{}
	ctx, cancel := context.WithCancel(t.Context())
	o.end = cancel
	opened := make(chan error, 1)
	o.done = h.Go(func() {
		plan, err := readPlan(file, "", &o.buffer)
		if err == nil {
			o.daemon, err = instances.Open(plan, instances.Options{Logger: slog.New(slog.NewTextHandler(&o.buffer, nil))})
		}
		if opened <- err; err != nil {
			return
		}
		if err := o.daemon.Run(ctx); err != nil {
			t.Errorf("vrrpd on %s: %v", h.Name(), err)
		}
	})
	if err := <-opened; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.stop)
	return o
}

func (o *ours) stop() {
	o.end()
	<-o.done
}

// keepalivedPeer is keepalived on a host.
type keepalivedPeer struct {
	buffer
	cmd  *exec.Cmd
	once sync.Once
}

func startKeepalived(t *testing.T, h *netlab.Host, file string) *keepalivedPeer {
	t.Helper()
	k := &keepalivedPeer{}
	k.cmd = exec.Command(netlabtest.Program(t, "keepalived"), "-n", "-l", "-D", "-P", "-f", file, "-p", file+".pid", "-r", file+".vpid")
	k.cmd.Stdout, k.cmd.Stderr = &k.buffer, &k.buffer
	if err := h.Start(k.cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.stop)
	return k
}

func (k *keepalivedPeer) stop() {
	k.once.Do(func() {
		_ = k.cmd.Process.Signal(syscall.SIGTERM)
		_ = k.cmd.Wait()
	})
}

// wire notes the advertisements that cross the switch.
type wire struct {
	mu      sync.Mutex
	senders []string  // whose advertisements came in turn, goodbyes and last words apart
	best    uint8     // the priority of the last of them
	at      time.Time // and when he advertised last
	said    bool      // the one before him has had his last word
	silent  int       // turns that began after three intervals without a word, as the protocol has it
	broken  []string
}

func watch(t *testing.T, lab *netlab.Lab, hosts map[netip.Addr]string) *wire {
	t.Helper()
	w := &wire{}
	stop, err := lab.Capture(func(at time.Time, frame []byte) { w.frame(hosts, at, frame) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return w
}

// frame takes a frame of the switch.
func (w *wire) frame(hosts map[netip.Addr]string, at time.Time, frame []byte) {
	h, message, ok := unwrap(frame)
	if !ok {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var adv vrrp.Advertisement
	if _, err := adv.Parse(message, h); err != nil {
		w.broken = append(w.broken, fmt.Sprintf("%v from %v: %x", err, h.Src, message))
		return
	}
	if adv.Priority != vrrp.PriorityGoodbye {
		w.turn(hosts[h.Src], at, &adv)
	}
}

// turn notes who advertises. One that yields to a better router may advertise once
// more, and doesn't take its turn before that one was silent for two intervals.
func (w *wire) turn(sender string, at time.Time, adv *vrrp.Advertisement) {
	n := len(w.senders)
	if n > 1 && w.senders[n-2] == sender && adv.Priority < w.best && at.Sub(w.at) < 2*adv.Interval && !w.said {
		w.said = true
		return
	}
	if n == 0 || w.senders[n-1] != sender {
		if n > 0 && at.Sub(w.at) >= 3*adv.Interval {
			w.silent++
		}
		w.senders, w.best, w.said = append(w.senders, sender), adv.Priority, false
	}
	w.at = at
}

// unwrap takes a message of the protocol out of a frame.
func unwrap(frame []byte) (vrrp.IPHeader, []byte, bool) {
	if len(frame) < 14+20 {
		return vrrp.IPHeader{}, nil, false
	}
	ip := frame[14:]
	switch kind := binary.BigEndian.Uint16(frame[12:]); {
	case kind == 0x0800 && ip[9] == vrrp.Protocol:
		h := vrrp.IPHeader{Src: netip.AddrFrom4([4]byte(ip[12:])), Dst: netip.AddrFrom4([4]byte(ip[16:])), HopLimit: ip[8]}
		return h, ip[4*(ip[0]&0xf) : binary.BigEndian.Uint16(ip[2:])], true
	case kind == 0x86dd && len(ip) >= 40 && ip[6] == vrrp.Protocol:
		h := vrrp.IPHeader{Src: netip.AddrFrom16([16]byte(ip[8:])), Dst: netip.AddrFrom16([16]byte(ip[24:])), HopLimit: ip[7]}
		return h, ip[40 : 40+binary.BigEndian.Uint16(ip[4:])], true
	}
	return vrrp.IPHeader{}, nil, false
}

// pair is the bench of one interoperability test: our router on n1, keepalived on
// n2.
type pair struct {
	t      *testing.T
	lab    *netlab.Lab
	conf   conf
	wire   *wire
	prio   map[string]int
	ours   *ours
	theirs *keepalivedPeer
	stats  vrrp.Stats
}

func newPair(t *testing.T, c conf, oursPriority, theirsPriority int) *pair {
	t.Helper()
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	p := &pair{t: t, lab: lab, conf: c, prio: map[string]int{"n1": oursPriority, "n2": theirsPriority}}
	p.wire = watch(t, lab, map[netip.Addr]string{
		lab.Host("n1").Addr(0): "n1", lab.Host("n2").Addr(0): "n2", p.linkLocal("n1"): "n1", p.linkLocal("n2"): "n2"})
	return p
}

// linkLocal waits for the host's link-local address.
func (p *pair) linkLocal(name string) (addr netip.Addr) {
	eventually(p.t, "link-local address of "+name, func() bool {
		all, err := p.lab.Host(name).Addresses(0)
		i := slices.IndexFunc(all, func(a netip.Prefix) bool { return a.Addr().IsLinkLocalUnicast() })
		if err != nil || i < 0 {
			return false
		}
		addr = all[i].Addr()
		return true
	})
	return addr
}

// start starts the router of a host.
func (p *pair) start(name string) {
	file := p.conf.write(p.t, name, p.prio[name])
	if name == "n1" {
		p.ours = startOurs(p.t, p.lab.Host(name), file)
	} else {
		p.theirs = startKeepalived(p.t, p.lab.Host(name), file)
	}
}

// stop stops it as planned.
func (p *pair) stop(name string) {
	if name == "n2" {
		p.theirs.stop()
		return
	}
	p.check()
	p.ours.stop()
}

// holds reports whether a host has all the service addresses, or none of them.
func (p *pair) holds(name string) (all, none bool) {
	have, err := p.lab.Host(name).Addresses(0)
	if err != nil {
		p.t.Fatal(err)
	}
	n := 0
	for _, a := range p.conf.addresses {
		if slices.Contains(have, netip.MustParsePrefix(a)) {
			n++
		}
	}
	return n == len(p.conf.addresses), n == 0
}

// wantHolder waits until the addresses are on one host and on it alone.
func (p *pair) wantHolder(name string) {
	p.t.Helper()
	other := map[string]string{"n1": "n2", "n2": "n1"}[name]
	eventually(p.t, "addresses on "+name+" alone", func() bool {
		all, _ := p.holds(name)
		_, none := p.holds(other)
		return all && none
	})
}

// check notes that our router has found nothing wrong with the peer's packets.
func (p *pair) check() {
	p.t.Helper()
	for _, v := range p.ours.daemon.Router().VirtualRouters() {
		p.stats = v.Status().Stats
	}
	if s := p.ours.daemon.Router().Stats(); s.Rejected > 0 || s.SendErrors > 0 {
		p.t.Errorf("our router: %+v, %+v", s, p.stats)
	}
}

// TestInterop runs our daemon against keepalived, each one being the better in
// its turn: start, planned stop of the better, its return by preemption, the
// failure of its link to the switch, and its return.
func TestInterop(t *testing.T) {
	for _, c := range []struct {
		name string
		conf conf
	}{
		{"v2Pass1", conf{2, "1", "authentication {\n auth_type PASS\n auth_pass 1066\n }", []string{"10.0.0.100/24"}}},
		{"v2Pass3", conf{2, "1", "authentication {\n auth_type PASS\n auth_pass 1066\n }", []string{"10.0.0.100/24", "10.0.0.101/24", "10.9.0.1/32"}}},
		{"v3IPv4Pseudo1", conf{3, "0.2", "", []string{"10.0.0.100/24"}}},
		{"v3IPv4Pseudo3", conf{3, "0.2", "", []string{"10.0.0.100/24", "10.0.0.101/24", "10.9.0.1/32"}}},
		{"v3IPv4Message1", conf{3, "0.2", messageOnly, []string{"10.0.0.100/24"}}},
		{"v3IPv4Message3", conf{3, "0.2", messageOnly, []string{"10.0.0.100/24", "10.0.0.101/24", "10.9.0.1/32"}}},
		{"v3IPv6One", conf{3, "0.2", "", []string{"fe80::100/64"}}},
		{"v3IPv6Three", conf{3, "0.2", "", []string{"fe80::100/64", "2001:db8::100/64", "2001:db8::101/128"}}},
	} {
		for _, better := range []string{"n1", "n2"} {
			t.Run(c.name+map[string]string{"n1": "/OursBetter", "n2": "/KeepalivedBetter"}[better], func(t *testing.T) {
				t.Parallel()
				if netlabtest.Enter(t) {
					interop(t, c.conf, better)
				}
			})
		}
	}
}

// messageOnly asks keepalived for the checksum of RFC 9568.
const messageOnly = "v3_checksum_as_v2"

func interop(t *testing.T, c conf, better string) {
	if c.extra == messageOnly {
		requireMessageOnly(t)
	}
	prio, other := [2]int{200, 100}, "n2"
	if better == "n2" {
		prio, other = [2]int{100, 200}, "n1"
	}
	p := newPair(t, c, prio[0], prio[1])
	p.start(better)
	p.wantHolder(better)
	p.start(other)
	eventually(t, "the other hears the better", func() bool { return p.follows(other) })
	p.wantHolder(better)

	p.stop(better)
	p.wantHolder(other)
	p.wantGoodbyeHeard(other)
	p.start(better)
	p.wantHolder(better)

	if err := p.lab.Host(better).Unplug(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "take-over", func() bool { all, _ := p.holds(other); return all })
	if err := p.lab.Host(better).Plug(); err != nil {
		t.Fatal(err)
	}
	p.wantHolder(better)
	p.stop(other)
	p.stop(better)
	_, none1 := p.holds("n1")
	_, none2 := p.holds("n2")
	if !none1 || !none2 {
		t.Error("addresses are left behind")
	}
	p.wantWire(better, other)
	p.wantNoComplaint()
}

// requireMessageOnly skips the test where keepalived knows the checksum with
// pseudo-header only, as all versions before 2.3 do, that of Debian 12 among them.
func requireMessageOnly(t *testing.T) {
	t.Helper()
	out, err := exec.Command(netlabtest.Program(t, "keepalived"), "-v").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	var major, minor int
	if _, err := fmt.Sscanf(string(out), "Keepalived v%d.%d", &major, &minor); err != nil {
		t.Fatalf("version of keepalived: %v: %s", err, out)
	}
	if major < 2 || major == 2 && minor < 3 {
		t.Skipf("keepalived %d.%d doesn't know %s", major, minor, messageOnly)
	}
}

// follows reports whether a host has become Backup.
func (p *pair) follows(name string) bool {
	if name == "n2" {
		return strings.Contains(p.theirs.log(), "Entering BACKUP STATE")
	}
	return p.ours.daemon.Router().VirtualRouters()[0].Status().Stats.Received > 0
}

// wantGoodbyeHeard checks that the take-over was for a goodbye.
func (p *pair) wantGoodbyeHeard(name string) {
	p.t.Helper()
	if name == "n2" {
		if !strings.Contains(p.theirs.log(), "received priority 0 advertisement") {
			p.t.Errorf("keepalived heard no goodbye:\n%s", p.theirs.log())
		}
		return
	}
	if last := p.ours.daemon.Router().VirtualRouters()[0].Status().Last; last.Reason != vrrp.ReasonGoodbye {
		p.t.Errorf("took over for %v", last)
	}
}

// wantWire checks that the two advertised in turn and never side by side. While
// the better one is off the switch its advertisements aren't on the wire; the
// one with which it returns comes before the other yields. On a machine that is too
// busy for one of them to advertise in time the other is right to take over; that one
// comes back like any that is better.
func (p *pair) wantWire(better, other string) {
	p.t.Helper()
	p.wire.mu.Lock()
	defer p.wire.mu.Unlock()
	want := []string{better, other, better, other, better}
	for range p.wire.silent - 1 { // but for the time off the switch
		want = append(want, other, better)
	}
	if !slices.Equal(p.wire.senders, want) {
		p.t.Errorf("advertisements came from %v in turn, want %v", p.wire.senders, want)
	}
	if len(p.wire.broken) > 0 {
		p.t.Errorf("broken advertisements on the wire: %v", p.wire.broken)
	}
}

// wantNoComplaint checks what keepalived logged.
func (p *pair) wantNoComplaint() {
	p.t.Helper()
	for line := range strings.Lines(p.theirs.log()) {
		lower := strings.ToLower(line)
		for _, bad := range []string{"checksum", "invalid", "bogus", "mismatch", "expected", "incorrect"} {
			if strings.Contains(lower, bad) {
				p.t.Errorf("keepalived complains: %s", line)
			}
		}
	}
}
