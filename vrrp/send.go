// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"net/netip"
	"slices"
	"time"
)

// seal is what authenticates the copies of one message to several peers: they have
// the same trailer, or the same sequence number.
type seal struct {
	made     bool
	signed   bool
	trailer  Trailer
	sequence uint32 // of the authentication header
}

// send queues an advertisement, built from the configuration as it is now. On a
// link that is down there is nobody to hear it.
func (v *VirtualRouter) send(priority uint8) {
	if priority == PriorityGoodbye {
		v.seat.Holder.Silence() // whoever comes next is announced by others
	}
	if !v.leg().CanSend() {
		v.seat.Unheard()
		return
	}
	for _, version := range [...]Version{V3, V2} {
		if !v.machine.cfg.speaks(version) {
			continue
		}
		if err := v.sendCopies(v.advertisement(version, priority)); err != nil {
			v.stats.rare().SendErrors++
			v.seat.Failed("advertisement not built", err)
			return
		}
	}
	v.stats.sent++
	v.outdated = v.router.cfg.Guard != nil && v.signingKey() != 0 && priority != PriorityGoodbye
	if priority == PriorityGoodbye {
		v.stats.goodbyesSent++
	}
	if f := v.router.cfg.Trace.Sent; f != nil {
		f(v, priority)
	}
}

// advertisement returns what is sent in a version, until the next call: in version 2
// besides version 3 with the interval in whole seconds, which that can say.
func (v *VirtualRouter) advertisement(version Version, priority uint8) *Advertisement {
	c, a := &v.machine.cfg, &v.router.sent
	*a = Advertisement{Version: version, VRID: c.VRID, Priority: priority, Interval: c.Interval, Addresses: a.Addresses[:0]}
	for _, p := range c.Addresses {
		a.Addresses = append(a.Addresses, p.Addr())
	}
	if version == V2 {
		a.AuthType = v.authType
		if v.authType == AuthPassword {
			a.AuthData = v.authData
		}
	}
	if version != c.Version {
		a.Interval = (c.Interval + time.Second - 1).Truncate(time.Second)
	}
	return a
}

// sendCopies queues an advertisement to all who are to hear it. What goes to the
// group is sealed by itself: who hears both would take the second for a replay.
func (v *VirtualRouter) sendCopies(adv *Advertisement) error {
	if v.toGroup() {
		if err := v.sendTo(adv, &seal{}, v.leg().Group(), v.groupForm); err != nil {
			return err
		}
	}
	var shared seal
	for i := range v.peers {
		if p := &v.peers[i]; !p.own {
			if err := v.sendTo(adv, &shared, p.Addr, p.form); err != nil {
				return err
			}
		}
	}
	return nil
}

// toGroup reports whether the group is sent to.
func (v *VirtualRouter) toGroup() bool { return len(v.peers) == 0 || v.withGroup }

// sendTo queues one copy of an advertisement. heard is the form of checksum that the
// receiver has.
func (v *VirtualRouter) sendTo(adv *Advertisement, s *seal, dst netip.Addr, heard ChecksumForm) error {
	r, leg := v.router, v.leg()
	message, err := adv.Append(r.buf[:0], leg.Source(), dst, v.checksum(heard))
	if err != nil {
		return err
	}
	message = v.sign(s, r.engine.Now(), message, leg.Source())
	r.buf = message
	limit := uint8(255)
	if v.hopLimit > 0 && !dst.IsMulticast() {
		limit = v.hopLimit
	}
	switch {
	case v.ah == nil && limit == 255:
		v.seat.Send(leg, dst, message)
		return nil
	case v.ah == nil:
		v.seat.SendTo(leg, limit, dst, message)
		return nil
	}
	if !s.made {
		if s.sequence, err = v.ah.Next(); err != nil {
			return err
		}
		s.made = true
	}
	r.packet, err = v.ah.Append(r.packet[:0], message, leg.Source(), dst, s.sequence)
	if err == nil {
		r.packet[offIPv4TTL] = limit // which isn't authenticated
		v.seat.SendAH(leg, r.packet)
	}
	return err
}

// sign appends the trailer to a message, if there is to be one.
func (v *VirtualRouter) sign(s *seal, now time.Time, message []byte, src netip.Addr) []byte {
	if v.hmac == nil {
		return message
	}
	if !s.made {
		s.trailer, s.signed = v.hmac.Sign(now, message, src)
		s.made = true
	}
	if !s.signed {
		return message
	}
	return s.trailer.Append(message, src.Is6())
}

// checksum returns the form of the checksum to send: under ChecksumAuto that of
// the peer.
func (v *VirtualRouter) checksum(heard ChecksumForm) ChecksumForm {
	if v.checksumForm == ChecksumAuto {
		return heard
	}
	return v.checksumForm
}

// renewWill gives the guard another goodbye after a signed advertisement, with a
// sequence number above that: peers take no other.
func (v *VirtualRouter) renewWill() {
	if v.outdated {
		v.outdated = false
		v.seat.GoodbyeChanged()
		v.seat.Follow(v.standing())
	}
}

// goodbye returns the advertisement of priority 0 for the guard to send, and where
// to: to the group or, of several peers, to the first. There is none with an
// authentication header, which the guard can't send.
func (v *VirtualRouter) goodbye() (dst netip.Addr, message []byte) {
	dst, form := v.leg().Group(), v.groupForm
	if !v.toGroup() {
		i := slices.IndexFunc(v.peers, func(p remote) bool { return !p.own })
		if i < 0 {
			return netip.Addr{}, nil
		}
		dst, form = v.peers[i].Addr, v.peers[i].form
	}
	if v.ah != nil {
		return netip.Addr{}, nil
	}
	src := v.leg().Source()
	message, err := v.advertisement(v.machine.cfg.Version, PriorityGoodbye).Append(nil, src, dst, v.checksum(form))
	if err != nil {
		return netip.Addr{}, nil
	}
	return dst, v.sign(&seal{}, v.router.engine.Now(), message, src)
}
