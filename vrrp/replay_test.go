// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// exchange is a sender with a clock of its own and a receiver.
type exchange struct {
	t        *testing.T
	sender   *vrrp.HMAC
	receiver *vrrp.HMAC
	message  []byte
	src      netip.Addr
}

func newExchange(t *testing.T, c vrrp.HMACConfig) *exchange {
	h := headers()[0]
	message, _ := signed(t, noon(), h, vrrp.V3)
	return &exchange{t, newHMAC(t, c), newHMAC(t, c), message, h.Src}
}

// sign returns what the sender makes at a time of its clock after noon.
func (e *exchange) sign(after time.Duration) *vrrp.Trailer {
	trailer, _ := e.sender.Sign(noon().Add(after), e.message, e.src)
	return &trailer
}

// hear has the receiver verify at a time of its clock after noon.
func (e *exchange) hear(after time.Duration, trailer *vrrp.Trailer, want error) {
	e.t.Helper()
	if _, err := e.receiver.Verify(noon().Add(after), e.message, trailer, e.src); !errors.Is(err, want) {
		e.t.Errorf("%v at %v: %v, want %v", trailer.Sequence(), after, err, want)
	}
}

// numbered returns the trailer with a sequence number: the first of a time, and
// as many more as count says.
func (e *exchange) numbered(after time.Duration, count int) *vrrp.Trailer {
	fresh := newExchange(e.t, vrrp.HMACConfig{Monotonic: true})
	trailer := fresh.sign(after)
	for range count {
		trailer = fresh.sign(after)
	}
	return trailer
}

// The fields of the draft: seconds, 1/65536 seconds, counter.
func TestSequenceAt(t *testing.T) {
	for _, c := range []struct {
		at   time.Time
		want vrrp.Sequence
		text string
	}{
		{time.Unix(0, 0), 0, "0.00000#0"},
		{time.Unix(0x68000000, 500_000_000), 0x68000000_8000_0000, "1744830464.50000#0"},
		{time.Unix(1, 15_258), 1 << 32, "1.00000#0"},
		{time.Unix(1, 15_259), 1<<32 | 1<<16, "1.00001#0"},
		{time.Unix(1, 999_999_999), 1<<32 | 0xffff<<16, "1.99998#0"},
		{time.Unix(1<<32-1, 0), 0xffffffff << 32, "4294967295.00000#0"},
		{time.Unix(1<<32, 0), 0, "0.00000#0"}, // 2106
		{time.Unix(-1, 0), 0xffffffff << 32, "4294967295.00000#0"},
	} {
		if got := vrrp.SequenceAt(c.at); got != c.want || got.String() != c.text {
			t.Errorf("SequenceAt(%v) = %#x %v, want %#x %v", c.at, uint64(got), got, uint64(c.want), c.text)
		}
	}
	if s := vrrp.Sequence(0x68000000_8000_0007).String(); s != "1744830464.50000#7" {
		t.Error(s)
	}
}

// RFC 1982.
func TestSequenceAfter(t *testing.T) {
	for _, c := range []struct {
		s, other vrrp.Sequence
		want     bool
	}{
		{1, 0, true}, {0, 1, false}, {1, 1, false}, {0, 1<<64 - 1, true}, {1<<64 - 1, 0, false},
		{1<<63 - 1, 0, true}, {1<<63 + 1, 0, false}, {1<<63 + 1, 1<<63 - 1, true},
	} {
		if got := c.s.After(c.other); got != c.want {
			t.Errorf("%d after %d: %v", c.s, c.other, got)
		}
	}
}

// What has the same time as the one before gets the next number.
func TestHMACSequenceGrows(t *testing.T) {
	e := newExchange(t, vrrp.HMACConfig{})
	first := e.sign(0)
	for i := range 70_000 { // carries into the fraction
		if got, want := e.sign(0).Sequence(), first.Sequence()+vrrp.Sequence(i)+1; got != want {
			t.Fatalf("%v, want %v", got, want)
		}
	}
	if got, want := e.sign(2*time.Second).Sequence(), vrrp.SequenceAt(noon().Add(2*time.Second)); got != want {
		t.Errorf("%v, want that of the clock, %v", got, want)
	}
}

// freshness window: whole seconds, both ends included.
func TestHMACWindow(t *testing.T) {
	for _, c := range []struct {
		window, late time.Duration
		want         error
	}{
		{0, 5 * time.Second, nil},
		{0, 5*time.Second + 499*time.Millisecond, nil},
		{0, 5*time.Second + 500*time.Millisecond, vrrp.FaultStale},
		{0, -5*time.Second - 500*time.Millisecond, nil},
		{0, -5*time.Second - 501*time.Millisecond, vrrp.FaultStale},
		{time.Second, time.Second, nil},
		{time.Second, 2 * time.Second, vrrp.FaultStale},
		{time.Second, -2 * time.Second, vrrp.FaultStale},
		{300 * time.Second, 300 * time.Second, nil},
		{300 * time.Second, -301 * time.Second, vrrp.FaultStale},
		{0, 1 << 31 * time.Second, vrrp.FaultStale},
		{0, 24 * time.Hour, vrrp.FaultStale},
	} {
		e := newExchange(t, vrrp.HMACConfig{Window: c.window})
		e.hear(c.late, e.sign(0), c.want)
	}
}

// Over the end of the seconds in 2106, and the middle in 2038, nothing happens.
func TestHMACOverTheWrap(t *testing.T) {
	for _, wrap := range []int64{1 << 31, 1 << 32} {
		for _, monotonic := range []bool{false, true} {
			e := newExchange(t, vrrp.HMACConfig{Monotonic: monotonic})
			for i := range int64(10) {
				after := time.Unix(wrap-5+i, 0).Sub(noon())
				trailer := e.sign(after)
				if want := vrrp.SequenceAt(time.Unix(wrap-5+i, 0)); trailer.Sequence() != want {
					t.Errorf("%v, want %v", trailer.Sequence(), want)
				}
				e.hear(after, trailer, nil)
				e.hear(after, trailer, vrrp.FaultReplay)
			}
		}
	}
}

func TestHMACReplay(t *testing.T) {
	for _, monotonic := range []bool{false, true} {
		e := newExchange(t, vrrp.HMACConfig{Monotonic: monotonic})
		e.hear(0, e.numbered(0, 1), nil)
		e.hear(0, e.numbered(0, 1), vrrp.FaultReplay)
		e.hear(0, e.numbered(0, 0), vrrp.FaultReplay)
		e.hear(0, e.numbered(0, 3), nil) // one is lost
		e.hear(0, e.numbered(0, 2), vrrp.FaultReplay)
		e.hear(0, e.numbered(-time.Second, 0), vrrp.FaultReplay)
		e.hear(time.Second, e.numbered(time.Second, 0), nil)
		e.hear(time.Second, e.numbered(0, 9), vrrp.FaultReplay)
	}
}

// What is rejected leaves no mark: a forged trailer far ahead is no means to have
// the right ones rejected.
func TestHMACRejectedLeavesNoMark(t *testing.T) {
	e := newExchange(t, vrrp.HMACConfig{Monotonic: true})
	forged := *e.numbered(time.Hour, 0)
	forged[vrrp.TrailerLen-1]++
	e.hear(0, &forged, vrrp.FaultDigest)
	e.hear(0, e.sign(0), nil)
}

// The draft and keepalived: nothing is kept over a restart, the clock goes on.
func TestHMACRestartOfSender(t *testing.T) {
	e := newExchange(t, vrrp.HMACConfig{})
	e.hear(0, e.sign(0), nil)
	e.sender = newHMAC(t, vrrp.HMACConfig{})
	e.hear(20*time.Microsecond, e.sign(20*time.Microsecond), nil)
}

// A receiver that has restarted accepts what was recorded, but not what is older
// than the window.
func TestHMACRestartOfReceiver(t *testing.T) {
	e := newExchange(t, vrrp.HMACConfig{})
	recorded := e.sign(0)
	e.hear(0, recorded, nil)
	e.receiver = newHMAC(t, vrrp.HMACConfig{})
	e.hear(4*time.Second, recorded, nil)
	e.receiver = newHMAC(t, vrrp.HMACConfig{})
	e.hear(6*time.Second, recorded, vrrp.FaultStale)
}

// With Inherit it doesn't.
func TestHMACInherit(t *testing.T) {
	e := newExchange(t, vrrp.HMACConfig{})
	ahead := e.sign(time.Second)
	e.hear(0, ahead, nil)
	for _, senders := range []int{1, 256} {
		next := newHMAC(t, vrrp.HMACConfig{Senders: senders})
		next.Inherit(e.receiver)
		e.receiver = next
		e.hear(0, ahead, vrrp.FaultReplay)
	}
	next := newHMAC(t, vrrp.HMACConfig{})
	next.Inherit(e.sender)
	e.sender = next
	if got, want := e.sign(0).Sequence(), ahead.Sequence()+1; got != want {
		t.Errorf("signs %v, want %v", got, want)
	}
}

// keepalived 2.4.3: a clock that ran ahead is set right. The sender goes back to
// the clock, because the receivers would take nothing else.
func TestHMACSenderWhoseClockIsSetBack(t *testing.T) {
	for _, c := range []struct {
		monotonic bool
		ahead     time.Duration
		back      bool
	}{
		{false, 5 * time.Second, false}, {false, 6 * time.Second, true}, {false, time.Hour, true},
		{true, 5 * time.Second, false}, {true, time.Hour, false},
	} {
		e := newExchange(t, vrrp.HMACConfig{Monotonic: c.monotonic})
		want := e.sign(c.ahead).Sequence() + 1
		if c.back {
			want = vrrp.SequenceAt(noon())
		}
		if got := e.sign(0).Sequence(); got != want {
			t.Errorf("monotonic %v, %v ahead: %v, want %v", c.monotonic, c.ahead, got, want)
		}
	}
}

// keepalived 2.4.3: the mark of a sender whose clock, and that of the receiver,
// ran ahead counts no more when they are right.
func TestHMACMarkOutsideTheWindow(t *testing.T) {
	e := newExchange(t, vrrp.HMACConfig{})
	e.hear(time.Hour, e.numbered(time.Hour, 0), nil)
	e.hear(0, e.numbered(0, 0), nil)
	e.hear(0, e.numbered(0, 0), vrrp.FaultReplay)

	e = newExchange(t, vrrp.HMACConfig{Monotonic: true})
	e.hear(time.Hour, e.numbered(time.Hour, 0), nil)
	e.hear(0, e.numbered(0, 0), vrrp.FaultReplay)
	e.hear(2*time.Hour, e.numbered(time.Hour, 1), nil)
}

// Each sender has a mark of its own.
func TestHMACSendersDontOvertakeEachOther(t *testing.T) {
	a := newHMAC(t, vrrp.HMACConfig{})
	for i := range 5 {
		for _, src := range addrs("192.0.2.1", "192.0.2.2", "192.0.2.3") {
			h := header(src.String(), "224.0.0.18")
			now := noon().Add(time.Duration(i) * time.Second)
			for _, late := range []time.Duration{0, 100 * time.Millisecond} {
				message, trailer := signed(t, now.Add(late), h, vrrp.V3)
				if _, err := a.Verify(now, message, trailer, src); err != nil {
					t.Errorf("%v at %v: %v", src, now.Add(late), err)
				}
				if _, err := a.Verify(now, message, trailer, src); !errors.Is(err, vrrp.FaultReplay) {
					t.Errorf("%v at %v: %v", src, now.Add(late), err)
				}
			}
		}
	}
}

// Of more senders than there is room for the one that was heard least recently is
// forgotten, and no other.
func TestHMACForgetsTheLeastRecentlyHeard(t *testing.T) {
	a := newHMAC(t, vrrp.HMACConfig{Senders: 3})
	hear := func(last byte, count int, want error) {
		t.Helper()
		src := netip.AddrFrom4([4]byte{192, 0, 2, last})
		message, trailer := signed(t, noon().Add(time.Duration(count)*time.Millisecond), header(src.String(), "224.0.0.18"), vrrp.V3)
		if _, err := a.Verify(noon(), message, trailer, src); !errors.Is(err, want) {
			t.Errorf("%v, %d: %v, want %v", src, count, err, want)
		}
	}
	hear(1, 1, nil)
	hear(2, 1, nil)
	hear(3, 1, nil)
	hear(1, 2, nil)
	hear(2, 1, vrrp.FaultReplay) // is no hearing
	hear(4, 1, nil)              // in the place of 2
	hear(1, 2, vrrp.FaultReplay)
	hear(3, 1, vrrp.FaultReplay)
	hear(4, 1, vrrp.FaultReplay)
	hear(2, 1, nil) // in the place of 3
	hear(3, 1, nil) // in the place of 1
	hear(4, 1, vrrp.FaultReplay)
	hear(2, 1, vrrp.FaultReplay)
	hear(1, 1, nil)
}
