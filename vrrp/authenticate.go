// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"cmp"
	"crypto/subtle"
	"net/netip"
	"time"
)

// authenticators are what a virtual router signs and verifies with: one of them, or
// none.
type authenticators struct {
	hmac *HMAC
	ah   *AH
}

// authenticators returns those of a configuration, or why they can't be.
func (c *VirtualRouterConfig) authenticators() (a authenticators, err error) {
	if c.HMAC != nil {
		full := *c.HMAC
		full.Window = cmp.Or(full.Window, DefaultWindow(cmp.Or(c.Interval, defaultInterval)))
		full.Senders = cmp.Or(full.Senders, min(max(len(c.Peers), defaultSenders), mostSenders))
		a.hmac, err = NewHMAC(full)
	}
	if c.AuthType == AuthAH {
		a.ah, err = NewAH(c.AuthData)
	}
	return a, err
}

// authenticate changes to other authenticators. They go on with what was sent and
// received by those before.
func (v *VirtualRouter) authenticate(a authenticators) {
	if a.hmac != nil && v.hmac != nil {
		a.hmac.Inherit(v.hmac)
	}
	if a.ah != nil && v.ah != nil {
		a.ah.Inherit(v.ah)
	}
	v.authenticators = a
}

// signingKey returns the id of the key that is signed with, 0 for none.
func (v *VirtualRouter) signingKey() uint8 {
	if v.hmac == nil {
		return 0
	}
	return v.hmac.signingKey(v.router.engine.Now())
}

// received is a packet on its way through the checks.
type received struct {
	IPHeader
	at      time.Time
	message []byte
	trailer *Trailer      // nil if there is none, or none is looked for
	payload []byte        // message and trailer, as they came; nil behind an authentication header that is none
	packet  []byte        // from the IP header on, if it has an authentication header
	form    *ChecksumForm // that the sender has, where that is noted
	verdict Verdict
}

// cut parts the payload of a packet for v, which may be nil, into message and
// trailer. With IPv6 the message is changed by that: it is a copy then, because the
// payload is somebody else's.
func (r *Router) cut(v *VirtualRouter, payload []byte, v6 bool) ([]byte, *Trailer) {
	if v == nil || v.hmac == nil {
		return payload, nil
	}
	if v6 {
		r.copied = append(r.copied[:0], payload...)
		payload = r.copied
	}
	return CutTrailer(payload, v6)
}

// authentic makes sure that an intact advertisement is of the right version and by
// one of those who may send it: what costs little first.
func (v *VirtualRouter) authentic(in *received, adv *Advertisement) (fault PacketError) {
	want := v.auth(adv.Version)
	in.form = v.formOf(&in.IPHeader)
	switch {
	case !v.machine.cfg.speaks(adv.Version):
		return PacketError{FaultVersion, int(adv.Version), int(v.machine.cfg.Version)}
	case in.form == nil:
		return PacketError{Fault: FaultSource}
	case adv.AuthType != want || (in.packet != nil) != (want == AuthAH):
		return PacketError{FaultAuthType, int(adv.AuthType), int(want)}
	case want == AuthPassword && subtle.ConstantTimeCompare(adv.AuthData[:], v.authData[:]) != 1:
		return PacketError{Fault: FaultAuthData}
	case v.ah != nil:
		_, fault = v.ah.verify(in.packet)
	case v.hmac != nil:
		in.verdict, fault = v.hmac.verify(in.at, in.message, in.trailer, in.Src)
	}
	return fault
}

// auth returns what authenticates the messages of a version (RFC 2338 section 5.3.6,
// for keepalived's sake).
func (v *VirtualRouter) auth(version Version) AuthType {
	if version == V2 {
		return v.authType
	}
	return AuthNone
}

// checkAuthentication reports what is wrong with it.
func (c *VirtualRouterConfig) checkAuthentication(wrong func(bad bool, name string, value any, allowed string)) error {
	version := cmp.Or(c.Version, V3)
	wrong(c.AuthType > AuthAH, "authentication type", uint8(c.AuthType), "none, password and AH")
	wrong(c.AuthType != AuthNone && version != V2 && !c.WithV2, "authentication type", uint8(c.AuthType), "none in version 3")
	wrong(c.AuthType == AuthAH && c.WithV2, "authentication type", uint8(c.AuthType), "none and password beside version 3")
	wrong(c.AuthType == AuthAH && c.VirtualMAC, "virtual MAC", true, "only without authentication type AH")
	wrong(c.AuthType != AuthNone && c.HMAC != nil, "authentication type", uint8(c.AuthType), "none beside HMAC")
	_, err := c.authenticators()
	return err
}

// ahHeader returns the addresses and the TTL of an IPv4 packet that has them.
func ahHeader(packet []byte) IPHeader {
	return IPHeader{
		Src:      netip.AddrFrom4([4]byte(packet[offIPv4Source:])),
		Dst:      netip.AddrFrom4([4]byte(packet[offIPv4Target:])),
		HopLimit: packet[offIPv4TTL],
	}
}
