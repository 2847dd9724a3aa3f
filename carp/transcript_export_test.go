// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"fmt"
	"net/netip"
)

// Door is what stands between the network and the machine of a virtual host: what
// it signs and how it checks, in the order of VirtualHost.check.
type Door struct {
	local   netip.Addr
	auth    *Authenticator
	counter counter
	recent  recent
	strict  *strict
}

// NewDoor returns a door. Where it is strict, changed copies are refused.
func NewDoor(c AuthenticatorConfig, local netip.Addr, isStrict bool, random func() uint64) (*Door, error) {
	auth, err := NewAuthenticator(c)
	d := &Door{local: local, auth: auth, counter: counter{random: random}}
	if isStrict {
		d.strict = &strict{}
	}
	return d, err
}

// Advertisement returns the octets of an advertisement.
func (d *Door) Advertisement(vhid uint8, r Rank) ([]byte, error) {
	adv := &Advertisement{VHID: vhid, AdvBase: r.AdvBase, AdvSkew: r.AdvSkew, Demote: r.Demote, Counter: d.counter.next()}
	d.auth.Sign(adv)
	d.recent.add(adv.Digest)
	if d.strict != nil {
		d.strict.remember(adv)
	}
	return adv.Append(nil)
}

// Check returns an advertisement that has passed, or why it hasn't.
func (d *Door) Check(octets []byte, header IPHeader) (*Advertisement, error) {
	adv := &Advertisement{}
	if err := adv.Parse(octets, header); err != nil {
		return nil, err
	}
	if d.recent.has(adv.Digest) || header.Src == d.local {
		return nil, FaultLooped
	}
	if _, ok := d.auth.Verify(adv); !ok {
		return nil, fmt.Errorf("%w: %v", FaultDigest, d.auth.Explain(adv))
	}
	if d.strict != nil && !d.strict.accepts(adv) {
		return nil, FaultReplayed
	}
	d.counter.hear(adv.Counter)
	return adv, nil
}

// Config returns the configuration, with defaults.
func (m *Machine) Config() Config { return m.cfg }
