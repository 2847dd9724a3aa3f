// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// kernel is a model of carp(4): FreeBSD and NetBSD (carp_input_c, carp_setrun,
// carp_send_ad, carp_master_down), or OpenBSD (carp_proto_input_c).
type kernel struct {
	local      netip.Addr
	base, skew uint8
	demote     uint8
	preempts   bool
	openBSD    bool
	isMaster   bool
	timer      time.Time
}

func (k *kernel) addrs() []netip.Addr         { return []netip.Addr{k.local} }
func (k *kernel) master() bool                { return k.isMaster }
func (k *kernel) deadline() (time.Time, bool) { return k.timer, true }

func (k *kernel) advert() carp.Advertisement {
	return carp.Advertisement{VHID: 42, AdvBase: k.base, AdvSkew: k.skew, Demote: k.demote}
}

// setrun is carp_setrun in state BACKUP.
func (k *kernel) setrun(now time.Time) {
	down := 3*time.Duration(k.base)*time.Second + time.Duration(k.skew)*skew
	if k.openBSD {
		down = 3 * k.interval()
	}
	k.isMaster, k.timer = false, now.Add(down)
}

func (k *kernel) interval() time.Duration {
	return time.Duration(k.base)*time.Second + time.Duration(k.skew)*skew
}

func (k *kernel) expire(now time.Time) []carp.Advertisement {
	k.isMaster, k.timer = true, now.Add(k.interval())
	return []carp.Advertisement{k.advert()}
}

func (k *kernel) receive(now time.Time, _ netip.Addr, adv carp.Advertisement) []carp.Advertisement {
	own, peer := timeval(k.base, k.skew), timeval(adv.AdvBase, adv.AdvSkew)
	mine, theirs := 0, 0
	if k.openBSD {
		mine, theirs = int(k.demote), int(adv.Demote)
	}
	switch {
	case k.isMaster:
		if own >= peer && theirs <= mine || theirs < mine {
			k.setrun(now)
		}
	case k.preempts && own < peer && theirs >= mine, theirs > mine, timeval(3*k.base, k.skew) < peer:
		return k.expire(now)
	default:
		k.setrun(now)
	}
	return nil
}

// timeval is a struct timeval in microseconds, as the kernels compute it.
func timeval(base, skew uint8) int { return int(base)*1000000 + int(skew)*1000000/256 }

// ucarp is a model of ucarp 1.5.2 (carp.c: carp_setrun, packethandler): addresses
// are compared as little-endian integers, a last advertisement goes out before it
// yields, and in state BACKUP timers are looked at once in an interval.
type ucarp struct {
	local      netip.Addr
	base, skew uint8
	preempts   bool
	polls      bool // else timers are exact
	isMaster   bool
	timer      time.Time
	polled     time.Time
}

func (u *ucarp) addrs() []netip.Addr { return []netip.Addr{u.local} }
func (u *ucarp) master() bool        { return u.isMaster }

// deadline is when the process looks at its timer.
func (u *ucarp) deadline() (time.Time, bool) {
	if !u.polls || u.isMaster || u.polled.IsZero() {
		return u.timer, true
	}
	at := u.polled
	for at.Before(u.timer) {
		at = at.Add(u.interval())
	}
	return at, true
}

func (u *ucarp) interval() time.Duration {
	return time.Duration(u.base)*time.Second + time.Duration(u.skew)*skew
}

func (u *ucarp) setrun(now time.Time) {
	u.isMaster, u.polled = false, now
	u.timer = now.Add(3*time.Duration(u.base)*time.Second + time.Duration(u.skew)*skew)
}

func (u *ucarp) expire(now time.Time) []carp.Advertisement {
	u.isMaster, u.timer = true, now.Add(u.interval())
	return []carp.Advertisement{{VHID: 42, AdvBase: u.base, AdvSkew: u.skew}}
}

func (u *ucarp) receive(now time.Time, src netip.Addr, adv carp.Advertisement) []carp.Advertisement {
	own, peer := timeval(u.base, u.skew), timeval(adv.AdvBase, adv.AdvSkew)
	switch {
	case u.isMaster:
		if own > peer || own == peer && reversed(src).Less(reversed(u.local)) {
			last := u.expire(now)
			u.setrun(now)
			return last
		}
	case u.preempts && own < peer, timeval(3*u.base, u.skew) < peer:
		return u.expire(now)
	default:
		u.setrun(now)
	}
	return nil
}

// reversed returns the address that ucarp compares on a little-endian machine.
func reversed(a netip.Addr) netip.Addr {
	octets := a.As4()
	slices.Reverse(octets[:])
	return netip.AddrFrom4(octets)
}
