// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// wrongs is a Backup Router at 192.0.2.2 that hears what it has to reject.
type wrongs struct {
	t    testing.TB
	sim  *netiftest.Simulation
	node *node
}

func newWrongs(t testing.TB, c vrrp.Config, change ...func(*vrrp.VirtualRouterConfig)) wrongs {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	change = append(change, func(c *vrrp.VirtualRouterConfig) { c.Name = "VI_1" })
	w := wrongs{t, sim, newNode(t, sim.LAN, "192.0.2.2/24", c, change...)}
	sim.Drive(w.node.host, w.node.router)
	sim.Run(time.Millisecond)
	return w
}

// message returns what a peer of a version advertises.
func (w wrongs) message(version vrrp.Version) []byte {
	w.t.Helper()
	a := vrrp.Advertisement{Version: version, VRID: 51, Priority: 200, Interval: time.Second, Addresses: addrs("192.0.2.100")}
	b, err := a.Append(nil, netip.MustParseAddr("192.0.2.3"), vrrp.GroupIPv4(), vrrp.ChecksumMessage)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// hear has the peer at an address send a message, and returns the last one rejected.
func (w wrongs) hear(src string, hopLimit uint8, message []byte) vrrp.RejectedPacket {
	w.t.Helper()
	w.sim.Inject(netiftest.Packet{Src: netip.MustParseAddr(src), Dst: vrrp.GroupIPv4(), HopLimit: hopLimit, Payload: message})
	w.sim.Run(time.Millisecond)
	all := w.node.router.Rejected()
	if len(all) == 0 {
		return vrrp.RejectedPacket{}
	}
	return all[len(all)-1]
}

// with returns a message in which an octet is another one, and its checksum right.
func with(message []byte, at int, octet byte) []byte {
	b := slices.Clone(message)
	b[at] = octet
	b[6], b[7] = 0, 0
	sum := uint32(0)
	for i := 0; i < len(b); i += 2 {
		sum += uint32(b[i])<<8 | uint32(b[i+1])
	}
	sum = sum>>16 + sum&0xffff
	b[6], b[7] = ^byte(sum>>8), ^byte(sum)
	return b
}

// TestRejectedPackets: what each rejection leaves behind.
func TestRejectedPackets(t *testing.T) {
	w := newWrongs(t, v3())
	good := w.message(vrrp.V3)
	for name, c := range map[string]struct {
		src      string
		hopLimit uint8
		message  []byte
		fault    vrrp.Fault
		vrid     uint8
		name     string
		octets   int
	}{
		"hop limit":    {"192.0.2.3", 64, good, vrrp.FaultHopLimit, 51, "VI_1", 12},
		"version":      {"192.0.2.3", 255, with(good, 0, 0x41), vrrp.FaultVersion, 51, "VI_1", 8},
		"version 2":    {"192.0.2.3", 255, w.message(vrrp.V2), vrrp.FaultVersion, 51, "VI_1", 12},
		"type":         {"192.0.2.3", 255, with(good, 0, 0x32), vrrp.FaultType, 51, "VI_1", 12},
		"short":        {"192.0.2.3", 255, good[:5], vrrp.FaultLength, 51, "VI_1", 5},
		"very short":   {"192.0.2.3", 255, good[:1], vrrp.FaultLength, 0, "", 1},
		"nothing":      {"192.0.2.3", 255, nil, vrrp.FaultLength, 0, "", 0},
		"long":         {"192.0.2.3", 255, append(slices.Clone(good), 1, 2, 3, 4), vrrp.FaultLength, 51, "VI_1", 12},
		"trailer":      {"192.0.2.3", 255, append(slices.Clone(good), make([]byte, vrrp.TrailerLen)...), vrrp.FaultLength, 51, "VI_1", 12},
		"checksum":     {"192.0.2.3", 255, append(slices.Clone(good[:11]), good[11]^1), vrrp.FaultChecksum, 51, "VI_1", 12},
		"VRID":         {"192.0.2.3", 255, with(good, 1, 52), vrrp.FaultVRID, 52, "", 12},
		"address list": {"192.0.2.3", 255, with(good[:8], 3, 0), vrrp.FaultAddressList, 51, "VI_1", 8},
		"interval":     {"192.0.2.3", 255, with(good, 5, 0), vrrp.FaultInterval, 51, "VI_1", 12},
		"own":          {"192.0.2.2", 255, good, vrrp.FaultLooped, 51, "VI_1", 12},
	} {
		w := newWrongs(t, v3())
		at := w.sim.Now()
		p := w.hear(c.src, c.hopLimit, c.message)
		if !errors.Is(p.Err, c.fault) || p.VRID != c.vrid || p.Name != c.name || p.Link != "eth0" || p.Src != netip.MustParseAddr(c.src) ||
			p.Dst != vrrp.GroupIPv4() || p.HopLimit != c.hopLimit || p.Length != len(c.message) || !bytes.Equal(p.Octets, c.message[:c.octets]) {
			t.Errorf("%s: %+v", name, p)
		}
		if p.At.Before(at) || p.At.After(w.sim.Now()) || !p.First.Equal(p.At) || p.Count != 1 {
			t.Errorf("%s: at %v, first %v, %d times", name, p.At, p.First, p.Count)
		}
	}
}

// TestRejectedPacketsByAuthentication: what holds a digest ends before it.
func TestRejectedPacketsByAuthentication(t *testing.T) {
	w := newWrongs(t, v3(), hmacOf(t, vrrp.HMACConfig{}))
	good := w.message(vrrp.V3)
	other := hmacWith(t, 9)
	trailer, ok := other.Sign(epoch, good, netip.MustParseAddr("192.0.2.3"))
	if !ok {
		t.Fatal("not signed")
	}
	p := w.hear("192.0.2.3", 255, trailer.Append(slices.Clone(good), false))
	if !errors.Is(p.Err, vrrp.FaultUnknownKey) || p.Err.Got != 9 || p.Length != len(good)+vrrp.TrailerLen || !bytes.Equal(p.Octets, good) {
		t.Errorf("%+v", p)
	}
	if p := w.hear("192.0.2.3", 255, good); !errors.Is(p.Err, vrrp.FaultUnsigned) || !bytes.Equal(p.Octets, good) {
		t.Errorf("%+v", p)
	}

	sim, a, b := ahPair(t)
	var sent netiftest.Packet
	sim.Tap(func(p netiftest.Packet) {
		if p.From == a.host {
			sent = p
			sent.Payload = slices.Clone(p.Payload)
		}
	})
	sim.Run(2 * time.Second)
	sent.From = nil
	sim.Inject(sent) // a replay
	sent.Payload = slices.Clone(sent.Payload)
	sent.Payload[20] = 6 // next header
	sim.Inject(sent)
	sim.Run(time.Millisecond)
	all := b.router.Rejected()
	message := sent.Payload[20+vrrp.AHLen:]
	if len(all) != 2 || !errors.Is(all[0].Err, vrrp.FaultReplay) || all[0].VRID != 51 || !bytes.Equal(all[0].Octets, message[:12]) || all[0].Length != len(message) {
		t.Errorf("%+v", all)
	}
	if len(all) != 2 || !errors.Is(all[1].Err, vrrp.FaultNextHeader) || all[1].VRID != 0 || len(all[1].Octets) != 0 || all[1].Length != len(sent.Payload) {
		t.Errorf("%+v", all)
	}
}

// hmacWith returns one that signs with a key of this id.
func hmacWith(t testing.TB, id uint8) *vrrp.HMAC {
	t.Helper()
	keys := captureKeys(t)[:1]
	keys[0].ID = id
	return newHMAC(t, vrrp.HMACConfig{Keys: keys})
}

// TestRejectedPacketHasNoPassword: nothing of a password is kept, whatever is wrong with
// the message that has it.
func TestRejectedPacketHasNoPassword(t *testing.T) {
	const secret = "Xq7#vLp2"
	w := newWrongs(t, v2(), func(c *vrrp.VirtualRouterConfig) { c.AuthType, c.AuthData = vrrp.AuthPassword, password(t, "another") })
	for _, service := range [][]netip.Addr{addrs("192.0.2.100"), addrs("192.0.2.100", "192.0.2.101", "192.0.2.102", "192.0.2.103", "192.0.2.104")} {
		a := vrrp.Advertisement{Version: vrrp.V2, VRID: 51, Priority: 200, Interval: time.Second, AuthType: vrrp.AuthPassword, AuthData: password(t, secret), Addresses: service}
		good, err := a.Append(nil, netip.MustParseAddr("192.0.2.3"), vrrp.GroupIPv4(), vrrp.ChecksumMessage)
		if err != nil || !bytes.HasSuffix(good, []byte(secret)) {
			t.Fatalf("%x, %v", good, err)
		}
		spoilt := [][]byte{good, append(slices.Clone(good), 0, 0, 0, 0), append(slices.Clone(good), make([]byte, vrrp.TrailerLen)...)}
		for i := range good {
			spoilt = append(spoilt, good[:i])
		}
		for at := range 8 {
			for octet := range 256 {
				b := slices.Clone(good)
				b[at] = byte(octet)
				spoilt = append(spoilt, b, with(b, at, byte(octet)))
			}
		}
		for _, b := range spoilt {
			if p := w.hear("192.0.2.3", 255, b); leaks(p, secret) {
				t.Fatalf("%x leaves %+v", b, p)
			}
		}
	}
	if s := w.node.router.Stats(); s.Rejected < 8000 {
		t.Errorf("%+v", s)
	}
}

// TestRejectedPacketHasNoDigest: nothing of the digest in a trailer is kept, whatever is
// wrong with the message before it: not if its count of addresses takes the trailer in.
func TestRejectedPacketHasNoDigest(t *testing.T) {
	other := hmacWith(t, 9)
	for name, w := range map[string]wrongs{"HMAC": newWrongs(t, v3(), hmacOf(t, vrrp.HMACConfig{})), "none": newWrongs(t, v3())} {
		for _, version := range []vrrp.Version{vrrp.V2, vrrp.V3} {
			good := w.message(version)
			trailer, ok := other.Sign(epoch, good, netip.MustParseAddr("192.0.2.3"))
			if !ok {
				t.Fatal("not signed")
			}
			for at := range 8 {
				for octet := range 256 {
					spoilt := slices.Clone(good)
					spoilt[at] = byte(octet)
					for _, b := range [][]byte{spoilt, with(spoilt, at, byte(octet))} {
						if p := w.hear("192.0.2.3", 255, trailer.Append(b, false)); bytes.Contains(p.Octets, trailer[12:14]) {
							t.Fatalf("%s, version %d: %x leaves %+v", name, version, b, p)
						}
					}
				}
			}
		}
	}
}

// leaks reports whether two octets of a secret in succession are in a packet that was kept,
// or in its JSON.
func leaks(p vrrp.RejectedPacket, secret string) bool {
	text, err := json.Marshal(p)
	for i := range len(secret) - 1 {
		part := []byte(secret[i : i+2])
		if err != nil || bytes.Contains(p.Octets, part) || strings.Contains(string(text), `"octets":"`+hex.EncodeToString(part)) || strings.Contains(p.Err.Error(), secret) {
			return true
		}
	}
	return false
}

// TestRejectedBuffer: the last kinds are kept, up to their number, and alike ones together.
func TestRejectedBuffer(t *testing.T) {
	for size, want := range map[int]string{
		-1: "", 1: "192.0.2.9×1", 2: "192.0.2.3×1 192.0.2.9×1", 0: "192.0.2.4×1 192.0.2.5×2 192.0.2.6×1 192.0.2.3×3 192.0.2.9×1",
	} {
		sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
		host := sim.Host("a", netiftest.Link{Addresses: prefixes("192.0.2.2/24")})
		router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: host.Network(), Now: sim.Now, RejectedBuffer: size})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := router.Add(vrrp.VirtualRouterConfig{Config: v3(), Link: "eth0"}); err != nil {
			t.Fatal(err)
		}
		sim.Drive(host, router)
		sim.Run(time.Millisecond)
		for _, last := range []int{3, 3, 4, 5, 5, 6, 3, 9} {
			sim.Inject(netiftest.Packet{Src: netip.AddrFrom4([4]byte{192, 0, 2, byte(last)}), Dst: vrrp.GroupIPv4(), HopLimit: 1, Payload: []byte{1, 2, 3}})
			sim.Run(time.Millisecond)
		}
		var got []string
		for _, p := range router.Rejected() {
			got = append(got, fmt.Sprintf("%v×%d", p.Src, p.Count))
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%d: %s", size, diff)
		}
	}
}

// TestRejectedNotInInitialize: who takes no part rejects all, which is no sign of anything.
func TestRejectedNotInInitialize(t *testing.T) {
	w := newWrongs(t, v3())
	if err := w.node.virtual.Maintenance(true); err != nil {
		t.Fatal(err)
	}
	w.sim.Run(time.Second)
	w.hear("192.0.2.3", 255, w.message(vrrp.V3))
	if all, s := w.node.router.Rejected(), w.node.virtual.Status(); len(all) != 0 || s.Stats.NotTakingPart != 1 {
		t.Errorf("%+v, %+v", all, s)
	}
}

// TestRejectionsDoNotAllocate: a flood takes no memory.
func TestRejectionsDoNotAllocate(t *testing.T) {
	host := netiftest.New(netiftest.Config{}).Host("a", netiftest.Link{Addresses: prefixes("192.0.2.2/24")})
	network := &flood{Network: host.Network(), payload: make([]byte, 1400)}
	now := epoch
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: network, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := router.Add(vrrp.VirtualRouterConfig{Config: v3(), Link: "eth0"}); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		router.Turn()
	}
	if n := testing.AllocsPerRun(100, func() { router.Turn() }); n != 0 {
		t.Errorf("%v allocations in a turn", n)
	}
	if s, all := router.Stats(), router.Rejected(); s.Rejected < 10_000 || len(all) != 16 {
		t.Errorf("%+v, %d kept", s, len(all))
	}
}

// flood is a network on which 100 strangers a turn send what is no advertisement.
type flood struct {
	*netiftest.Network
	n       int
	payload []byte
}

func (*flood) Queue(int, [6]byte, netip.Addr, netip.Addr, []byte) {}

func (f *flood) Receive(receive func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)) {
	for range 100 {
		f.n++
		f.payload[0], f.payload[1], f.payload[3] = byte(f.n), byte(f.n>>3), byte(f.n>>1)
		receive(0, netip.AddrFrom4([4]byte{10, 0, byte(f.n >> 8), byte(f.n)}), vrrp.GroupIPv4(), 255-byte(f.n&1), epoch, f.payload[:f.n%1400])
	}
}
