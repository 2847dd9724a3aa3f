// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/go-fhrp/fhrp/internal/frame"
	"github.com/go-fhrp/fhrp/vrrp"
)

// kind is what a frame is about.
type kind string

const (
	advert  kind = "advertisement"
	goodbye kind = "goodbye"    // an advertisement of priority 0
	broken  kind = "broken"     // of protocol 112, but no valid advertisement
	claim   kind = "claim"      // a gratuitous ARP or an unsolicited neighbour advertisement
	arp     kind = "ARP"        // any other
	ndp     kind = "neighbour"  // neighbour solicitation or solicited advertisement
	igmp    kind = "membership" // IGMP and MLD
	other   kind = "something else"
)

// seen is a frame that crossed the switch.
type seen struct {
	at   time.Time // by the kernel's clock
	kind kind
	host string // that sent it, by the source address of an advertisement, else by the MAC address; empty if unknown

	src, dst [6]byte    // MAC addresses
	from     netip.Addr // source of an advertisement
	adv      vrrp.Advertisement
	addr     netip.Addr // that is claimed
	mac      [6]byte    // by which
	raw      []byte
}

// String is one line for a failed test.
func (s seen) String() string {
	switch s.kind {
	case advert, goodbye:
		return fmt.Sprintf("%s %s: %v %d, priority %d", s.at.Format("05.000"), s.host, s.kind, s.adv.VRID, s.adv.Priority)
	case claim:
		return fmt.Sprintf("%s %s: claim of %v by %x", s.at.Format("05.000"), s.host, s.addr, s.mac)
	}
	return fmt.Sprintf("%s %s: %v, %d octets", s.at.Format("05.000"), s.host, s.kind, len(s.raw))
}

// wire notes the frames that cross the switch.
type wire struct {
	mu     sync.Mutex
	frames []seen
	byAddr map[netip.Addr]string
	byMAC  map[[6]byte]string
	stop   func()
}

// watch begins to take notes.
func watch(b *bench, hosts []string) *wire {
	b.Helper()
	w := &wire{byAddr: map[netip.Addr]string{}, byMAC: map[[6]byte]string{}}
	for _, h := range hosts {
		w.byAddr[b.host(h).Addr(0)], w.byAddr[b.linkLocal(h)] = h, h
		w.byMAC[b.mac(h)] = h
	}
	stop, err := b.lab.Capture(w.note)
	b.must(err)
	w.stop = stop
	b.Cleanup(stop)
	return w
}

// note takes a frame of the switch.
func (w *wire) note(at time.Time, raw []byte) {
	s := seen{at: at, kind: other, raw: slices.Clone(raw)}
	if len(raw) < 14 {
		return
	}
	s.dst, s.src = [6]byte(raw), [6]byte(raw[6:])
	s.classify()
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.host = w.byAddr[s.from]; s.host == "" {
		s.host = w.byMAC[s.src]
	}
	w.frames = append(w.frames, s)
}

// classify finds out what the frame is about.
func (s *seen) classify() {
	ip := s.raw[14:]
	if addr, ok := frame.Claim(s.raw); ok {
		s.kind, s.addr, s.mac = claim, addr, claimedMAC(s.raw)
		return
	}
	switch etherType := binary.BigEndian.Uint16(s.raw[12:]); {
	case etherType == 0x0806:
		s.kind = arp
	case etherType == 0x0800 && len(ip) >= 20 && ip[9] == vrrp.Protocol:
		h := vrrp.IPHeader{Src: netip.AddrFrom4([4]byte(ip[12:])), Dst: netip.AddrFrom4([4]byte(ip[16:])), HopLimit: ip[8]}
		s.message(h, ip, 4*int(ip[0]&0xf), int(binary.BigEndian.Uint16(ip[2:])))
	case etherType == 0x0800 && len(ip) >= 20 && ip[9] == 2:
		s.kind = igmp
	case etherType == 0x86dd && len(ip) >= 40 && ip[6] == vrrp.Protocol:
		h := vrrp.IPHeader{Src: netip.AddrFrom16([16]byte(ip[8:])), Dst: netip.AddrFrom16([16]byte(ip[24:])), HopLimit: ip[7]}
		s.message(h, ip, 40, 40+int(binary.BigEndian.Uint16(ip[4:])))
	case etherType == 0x86dd && len(ip) > 40 && ip[6] == 58 && (ip[40] == 135 || ip[40] == 136):
		s.kind = ndp
	case etherType == 0x86dd && len(ip) > 48 && ip[6] == 0 && ip[40] == 58: // MLD has a hop-by-hop option
		s.kind = igmp
	}
}

// message reads the part of an IP packet that is the message of the protocol.
func (s *seen) message(h vrrp.IPHeader, ip []byte, from, to int) {
	s.kind, s.from = broken, h.Src
	if from > to || to > len(ip) {
		return
	}
	if _, err := s.adv.Parse(ip[from:to], h); err != nil {
		return
	}
	s.adv.Addresses = slices.Clone(s.adv.Addresses)
	if s.kind = advert; s.adv.Priority == vrrp.PriorityGoodbye {
		s.kind = goodbye
	}
}

// claimedMAC returns the MAC address that a claim names: the sender of an ARP packet, or the target link-layer address
// of a neighbour advertisement, which is its last option.
func claimedMAC(raw []byte) [6]byte {
	if binary.BigEndian.Uint16(raw[12:]) == 0x0806 {
		return [6]byte(raw[22:])
	}
	return [6]byte(raw[len(raw)-6:])
}

// mark is a place in the notes, for since.
func (w *wire) mark() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.frames)
}

// since returns what was noted after the mark, 0 for all: of these kinds, or of all.
func (w *wire) since(mark int, kinds ...kind) []seen {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []seen
	for _, s := range w.frames[mark:] {
		if len(kinds) == 0 || slices.Contains(kinds, s.kind) {
			list = append(list, s)
		}
	}
	return list
}

// sent returns what of these kinds came from a host after the mark.
func (w *wire) sent(host string, mark int, kinds ...kind) []seen {
	return slices.DeleteFunc(w.since(mark, kinds...), func(s seen) bool { return s.host != host })
}

// awaitSent waits until a host has sent n frames of a kind after the mark.
func (b *bench) awaitSent(host string, mark, n int, kinds ...kind) []seen {
	b.Helper()
	var list []seen
	await(b.T, fmt.Sprintf("%d of %v from %s", n, kinds, host), func() bool {
		list = b.wire.sent(host, mark, kinds...)
		return len(list) >= n
	})
	return list
}

// senders returns whose advertisements of a virtual router came in turn after the mark, goodbyes apart: each host once
// for all that it sent in a row. The last word of one that yields is not counted: once after the first advertisement of a
// better one.
func (w *wire) senders(mark int, vrid uint8) []string {
	var turns []string
	var last seen // of this turn
	lastWords := 0
	for _, s := range w.since(mark, advert) {
		n := len(turns)
		switch {
		case s.adv.VRID != vrid:
			continue
		case n > 1 && turns[n-2] == s.host && s.adv.Priority < last.adv.Priority && s.at.Sub(last.at) < 2*s.adv.Interval && lastWords == 0:
			lastWords++
			continue
		case n == 0 || turns[n-1] != s.host:
			turns, lastWords = append(turns, s.host), 0
		}
		last = s
	}
	return turns
}
