// SPDX-License-Identifier: Apache-2.0

package carp

import "net/netip"

// send queues an advertisement in each family in which there is an address to send
// it from (carp_send_ad). On a link that is down there is nobody to hear it.
func (v *VirtualHost) send(rank Rank) {
	said := false
	for i := range v.paths {
		if v.seat.Leg(i).CanSend() {
			v.sendOn(i, rank)
			said = true
		}
	}
	if !said {
		return
	}
	if rank.IsBowOut() {
		v.stats.BowOutsSent++
	}
	if f := v.host.cfg.Trace.Sent; f != nil {
		f(v, rank)
	}
}

// sendOn queues it on one path, with a counter of its own (carp_prepare_ad).
func (v *VirtualHost) sendOn(i int, rank Rank) {
	h, p, leg := v.host, &v.paths[i], v.seat.Leg(i)
	h.buf = v.advertisement(h.buf[:0], rank)
	p.destinations(leg.Source(), func(dst netip.Addr) {
		v.seat.Send(leg, dst, h.buf)
		v.stats.sent(dst)
		v.queued(p)
	})
}

// queued notes that the outcome of the next flush is to be told.
func (v *VirtualHost) queued(p *path) {
	if !v.sending {
		v.sending = true
		v.host.sent = append(v.host.sent, v)
	}
	p.queued = true
}

// advertisement appends an advertisement to b. This host will know it again.
func (v *VirtualHost) advertisement(b []byte, rank Rank) []byte {
	adv := &v.adv
	*adv = Advertisement{VHID: v.cfg.VHID, AdvBase: rank.AdvBase, AdvSkew: rank.AdvSkew, Demote: rank.Demote, Counter: v.counter.next()}
	v.auth.Sign(adv)
	v.recent.add(adv.Digest)
	if v.strict != nil {
		v.strict.remember(adv)
	}
	b, _ = adv.Append(b) // fails for want of a VHID only
	return b
}
