// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

// args are arguments of Set.
type args struct {
	link     string
	src, dst netip.Addr
	goodbye  []byte
	addrs    map[netip.Prefix]string
	validity time.Duration
}

func good() args {
	return args{
		link: "eth0", src: netip.MustParseAddr("10.0.0.71"), dst: netip.MustParseAddr("224.0.0.18"), goodbye: []byte{0x31, 51},
		addrs:    map[netip.Prefix]string{netip.MustParsePrefix("10.0.0.100/24"): "eth0", netip.MustParsePrefix("fd00::1/128"): "eth1"},
		validity: time.Second,
	}
}

func (a args) will() *will { return newWill(a.link, a.src, a.dst, a.goodbye, a.addrs, a.validity) }

func (a args) are(w *will) bool { return w.is(a.link, a.src, a.dst, a.goodbye, a.addrs, a.validity) }

// TestCheck refuses what can't be executed, and what the records have no room for.
func TestCheck(t *testing.T) {
	many := map[netip.Prefix]string{}
	for i := range maxAddrs + 1 {
		many[netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 32)] = "eth0"
	}
	for want, change := range map[string]func(*args){
		"":                           func(*args) {},
		"goodbye from 10.0.0.71 to ": func(a *args) { a.dst = netip.MustParseAddr("ff02::12") },
		"goodbye from invalid IP to": func(a *args) { a.src, a.dst = netip.Addr{}, netip.Addr{} },
		"goodbye of 65496 octets":    func(a *args) { a.goodbye = make([]byte, maxGoodbye+1) },
		`device name "" has not`:     func(a *args) { a.link = "" },
		`device name "llllllllll`:    func(a *args) { a.link, a.goodbye = strings.Repeat("l", 300), nil },
		"invalid prefix":             func(a *args) { a.addrs[netip.Prefix{}] = "eth0" },
		"10.0.0.100/24: device name": func(a *args) { a.addrs[netip.MustParsePrefix("10.0.0.100/24")] = strings.Repeat("d", 16) },
		"16385 addresses":            func(a *args) { a.addrs = many },
	} {
		a := good()
		change(&a)
		err := a.will().check()
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestWillIs compares arguments with the will that was made of others.
func TestWillIs(t *testing.T) {
	w := good().will()
	for name, change := range map[string]func(*args){
		"link":         func(a *args) { a.link = "eth1" },
		"src":          func(a *args) { a.src = a.src.Next() },
		"dst":          func(a *args) { a.dst = a.dst.Next() },
		"goodbye":      func(a *args) { a.goodbye = []byte{0x31, 52} },
		"validity":     func(a *args) { a.validity++ },
		"more":         func(a *args) { a.addrs[netip.MustParsePrefix("10.0.0.100/32")] = "eth0" },
		"less":         func(a *args) { delete(a.addrs, netip.MustParsePrefix("fd00::1/128")) },
		"device":       func(a *args) { a.addrs[netip.MustParsePrefix("fd00::1/128")] = "eth0" },
		"other prefix": func(a *args) { a.addrs = map[netip.Prefix]string{{}: "", netip.MustParsePrefix("fd00::1/64"): "eth1"} },
	} {
		a := good()
		if !a.are(w) {
			t.Fatal("not what it was made of")
		}
		if change(&a); a.are(w) {
			t.Errorf("%s: no difference", name)
		}
	}
}

// TestWillOwns changes what a will was made of.
func TestWillOwns(t *testing.T) {
	a := good()
	w := a.will()
	a.goodbye[0] = 0
	clear(a.addrs)
	if !good().are(w) {
		t.Errorf("changed with what it was made of: %v", w)
	}
}

// TestSays holds goodbyes to their validity.
func TestSays(t *testing.T) {
	w := good().will()
	for age, want := range map[time.Duration]bool{0: true, time.Second: true, time.Second + 1: false, -1: true} {
		if got := w.says(age); got != want {
			t.Errorf("after %v: %t", age, got)
		}
	}
	a := good()
	a.goodbye = nil
	if a.will().says(0) {
		t.Error("says nothing")
	}
}
