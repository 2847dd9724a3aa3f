// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
)

// families are the groups that tests of both families run with.
func families(t *testing.T, f func(t *testing.T, group netip.Addr)) {
	for name, group := range map[string]netip.Addr{"IPv4": group4, "IPv6": group6} {
		t.Run(name, func(t *testing.T) { f(t, group) })
	}
}

// twoHosts returns two peers on one switch.
func twoHosts(t *testing.T, cfg *netif.Config) (lab *netlab.Lab, n1, n2 *peer) {
	t.Helper()
	lab = netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	return lab, newPeer(t, lab.Host("n1"), cfg), newPeer(t, lab.Host("n2"), cfg)
}

func TestPacketGoesFromHostToHost(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) {
		lab, n1, n2 := twoHosts(t, nil)
		from, to := n1.attach(t, "eth0", group), n2.attach(t, "eth0", group)
		own := lab.Host("n2").Addr(0)
		if group.Is6() {
			own = n2.addr(to)
		}
		for _, dst := range []netip.Addr{group, own} {
			payload := "to " + dst.String()
			before := time.Now()
			n1.send(from, dst, payload)
			a := n2.awaitPacket(t, payload)
			want := arrived{port: to, src: n1.addr(from), dst: dst, hopLimit: 255, at: a.at, read: a.read, payload: payload}
			if a != want {
				t.Errorf("arrived %+v, want %+v", a, want)
			}
			// The stamp is by another clock, which ticks at the same rate but is read apart.
			if a.at.Before(before.Add(-time.Millisecond)) || a.at.After(a.read) {
				t.Errorf("sent after %v, arrived %v, read %v", before, a.at, a.read)
			}
		}

		n2.send(to, group, "back") // after this one, own packets would have come
		n1.awaitPacket(t, "back")
		if got := n1.seen(); len(got) != 1 {
			t.Errorf("packets at the sender: %v", got)
		}
	})
}

func TestOtherGroupsAreNotReceived(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) {
		other := group.Next()
		lab, n1, n2 := twoHosts(t, nil)
		from := n1.attach(t, "eth0", group)
		n2.attach(t, "eth0", group)
		member := newPeer(t, lab.Host("n2"), nil) // of the other group, on the same host
		member.attach(t, "eth0", other)
		n1.send(from, other, "other")
		member.awaitPacket(t, "other")
		n1.send(from, group, "group")
		n2.awaitPacket(t, "group")
		if got := n2.seen(); len(got) != 1 {
			t.Errorf("packets %v", got)
		}
		n2.attach(t, "eth0", other)
		n1.send(from, other, "joined")
		n2.awaitPacket(t, "joined")
	})
}

func TestPacketsOfOtherLinksAreNotReceived(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	families(t, func(t *testing.T, group netip.Addr) {
		lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}, Links: 2})
		n1, n2 := newPeer(t, lab.Host("n1"), nil), newPeer(t, lab.Host("n2"), nil)
		from0, from1 := n1.attach(t, "eth0", group), n1.attach(t, "eth1", group)
		to0, to1 := n2.attach(t, "eth0", group), n2.attach(t, "eth1", group)
		n1.send(from0, group, "link 0")
		n1.send(from1, group, "link 1")
		if a := n2.awaitPacket(t, "link 0"); a.port != to0 {
			t.Errorf("arrived on port %d, not %d", a.port, to0)
		}
		if a := n2.awaitPacket(t, "link 1"); a.port != to1 {
			t.Errorf("arrived on port %d, not %d", a.port, to1)
		}
		if got := n2.seen(); len(got) != 2 {
			t.Errorf("packets %v", got)
		}
	})
}

// wire collects frames of the switch, in hexadecimal.
func wire(t *testing.T, lab *netlab.Lab) <-chan string {
	frames := make(chan string, 10000)
	stop, err := lab.Capture(func(_ time.Time, frame []byte) { frames <- hex.EncodeToString(frame) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return frames
}

// awaitFrame waits for a frame that ends as given.
func awaitFrame(t *testing.T, frames <-chan string, end string) string {
	t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case f := <-frames:
			if strings.HasSuffix(f, end) {
				return f
			}
		case <-timeout:
			t.Fatalf("no frame that ends with %s", end)
		}
	}
}

func TestHeaderOnTheWire(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	for _, dscp := range []uint8{0, 56} {
		class := byte(0xc0)
		if dscp != 0 {
			class = dscp << 2
		}
		families(t, func(t *testing.T, group netip.Addr) {
			lab, n1, n2 := twoHosts(t, &netif.Config{DSCP: dscp})
			frames := wire(t, lab)
			from := n1.attach(t, "eth0", group)
			n2.attach(t, "eth0", group)
			n1.send(from, group, "payload")
			f, err := hex.DecodeString(awaitFrame(t, frames, hex.EncodeToString([]byte("payload"))))
			if err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprintf("01005e000012 0800 45 %02x 001b 0000 4000 ff 70", class)
			got := fmt.Sprintf("%x %x %x %02x %x %x %x %x %x",
				f[:6], f[12:14], f[14], f[15], f[16:18], f[18:20], f[20:22], f[22], f[23])
			if group.Is6() {
				want = fmt.Sprintf("333300000012 86dd 6 %02x 0007 70 ff", class)
				got = fmt.Sprintf("%x %x %x %02x %x %x %x", f[:6], f[12:14], f[14]>>4, f[14]<<4|f[15]>>4, f[18:20], f[20], f[21])
			}
			if got != want {
				t.Errorf("header %s, want %s", got, want)
			}
		})
	}
}

func TestFlushSendsInOrder(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	const count = 300 // some batches
	families(t, func(t *testing.T, group netip.Addr) {
		_, n1, n2 := twoHosts(t, nil)
		from := n1.attach(t, "eth0", group)
		n2.attach(t, "eth0", group)
		src := n1.addr(from)
		n1.do(func() {
			for i := range count {
				n1.net.Queue(from, [6]byte{}, src, group, fmt.Appendf(nil, "packet %d", i))
			}
		})
		n2.await(t, "last packet", func() bool { return len(n2.packets) == count })
		for i, a := range n2.seen() {
			if want := fmt.Sprintf("packet %d", i); a.payload != want {
				t.Fatalf("packet %d is %q", i, a.payload)
			}
		}
	})
}

// TestBroadcast: CARP can be told to advertise by broadcast where the switch does not forward groups.
func TestBroadcast(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	_, n1, n2 := twoHosts(t, nil)
	port := n1.attach(t, "eth0", group4)
	n2.attach(t, "eth0", group4)
	src := n1.addr(port)
	n1.do(func() { n1.net.Queue(port, [6]byte{}, src, netip.MustParseAddr("255.255.255.255"), []byte("to all")) })
	n2.awaitPacket(t, "to all")
}

func TestFlushReportsWhatFailed(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	_, n1, n2 := twoHosts(t, nil)
	port4, port6 := n1.attach(t, "eth0", group4), n1.attach(t, "eth0", group6)
	n2.attach(t, "eth0", group4)
	n2.attach(t, "eth0", group6)
	src4, src6 := n1.addr(port4), n1.addr(port6)
	n1.do(func() {
		n1.net.Queue(port4, [6]byte{}, src4, group4, []byte("first"))
		n1.net.Queue(port4, [6]byte{}, src4, group4, make([]byte, 1500)) // above the MTU, and must not be fragmented
		n1.net.Queue(port4, [6]byte{}, src4, group4, []byte("after one that fails"))
		n1.net.Queue(port6, [6]byte{}, netip.MustParseAddr("fe80::bad"), group6, []byte("not our address"))
		n1.net.Queue(port6, [6]byte{}, src6, group6, []byte("after another"))
		n1.net.Queue(port4, [6]byte{}, src6, group6, []byte("IPv6 on a port of IPv4"))
		n1.net.Queue(port4, [6]byte{}, netip.Addr{}, netip.Addr{}, []byte("no address"))
		n1.net.Queue(99, [6]byte{}, src4, group4, []byte("no port"))
	})
	for _, payload := range []string{"first", "after one that fails", "after another"} {
		n2.awaitPacket(t, payload)
	}
	want := []error{unix.EAFNOSUPPORT, unix.EAFNOSUPPORT, unix.EMSGSIZE, unix.EINVAL}
	n1.do(func() {})
	n1.do(func() {}) // two turns later, none is reported again
	errs := n1.failures()
	if len(errs) != len(want) {
		t.Fatalf("errors %v", errs)
	}
	for i, err := range errs {
		if !errors.Is(err, want[i]) || !strings.Contains(err.Error(), "eth0") {
			t.Errorf("error %v, want %v", err, want[i])
		}
	}
}

func TestPermission(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	within(t, lab.Host("n1"), func() error {
		if err := dropCapabilities(); err != nil { // of this thread, which is thrown away
			return err
		}
		n, err := netif.Open(nil)
		if err != nil {
			return err
		}
		defer n.Close()
		for _, link := range []string{"eth0", "absent"} {
			for _, group := range []netip.Addr{group4, group6} {
				if _, err := n.Attach(link, group); !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), link) {
					t.Errorf("attach %s %v: error %v", link, group, err)
				}
			}
		}
		_, err = netif.LinkByName("eth0")
		return err
	})
}
