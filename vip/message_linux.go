// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"syscall"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// Numbers of linux/if_addr.h, linux/ip.h and linux/netlink.h that package unix does not have.
const (
	typeMask               = 0x3fff // NLA_TYPE_MASK
	attrProto              = 11     // IFA_PROTO
	confPromoteSecondaries = 20     // IPV4_DEVCONF_PROMOTE_SECONDARIES
)

// An order is an address as it is to be on a device.
type order struct {
	prefix     netip.Prefix
	attributes Attributes
	mark       uint8
	life       lifetime
	replace    bool   // also where it is there: it then gets the mark and the lifetime
	upper      uint16 // half of the sequence number, see package rtseq
	err        error  // EEXIST if it is there and not to be replaced
}

// appendNewAddr appends the message to add an address.
func appendNewAddr(b []byte, index int32, o *order) []byte {
	mode := uint16(unix.NLM_F_CREATE | unix.NLM_F_EXCL)
	if o.replace {
		mode = unix.NLM_F_CREATE | unix.NLM_F_REPLACE
	}
	p, a := o.prefix, &o.attributes
	flags := uint32(0)
	if p.Addr().Is6() {
		flags = unix.IFA_F_NODAD
	}
	if !a.PrefixRoute {
		flags |= unix.IFA_F_NOPREFIXROUTE
	}
	b = appendAbout(b, unix.RTM_NEWADDR, mode, index, p, a.Scope)
	b = binary.NativeEndian.AppendUint32(appendAttribute(b, unix.IFA_FLAGS, 4), flags)
	b = append(appendAttribute(b, attrProto, 1), o.mark, 0, 0, 0)
	if a.Label != "" && p.Addr().Is4() {
		b = append(append(appendAttribute(b, unix.IFA_LABEL, len(a.Label)+1), a.Label...), 0)
		b = append(b, make([]byte, align(len(a.Label)+1)-len(a.Label)-1)...)
	}
	if o.life != forever {
		b = appendAttribute(b, unix.IFA_CACHEINFO, unix.SizeofIfaCacheinfo)
		b = binary.NativeEndian.AppendUint32(b, uint32(o.life.preferred(p)))
		b = binary.NativeEndian.AppendUint32(b, uint32(o.life))
		b = append(b, 0, 0, 0, 0, 0, 0, 0, 0) // what it says about times past is the kernel's
	}
	return b
}

// appendAttribute appends the header of an attribute that has size octets.
func appendAttribute(b []byte, typ uint16, size int) []byte {
	b = binary.NativeEndian.AppendUint16(b, uint16(unix.SizeofRtAttr+size))
	return binary.NativeEndian.AppendUint16(b, typ)
}

// appendAddr appends an attribute that is an address.
func appendAddr(b []byte, typ uint16, a netip.Addr) []byte {
	if a.Is4() {
		v := a.As4()
		return append(appendAttribute(b, typ, len(v)), v[:]...)
	}
	v := a.As16()
	return append(appendAttribute(b, typ, len(v)), v[:]...)
}

// appendDelAddr appends the message to remove an address.
func appendDelAddr(b []byte, index int32, p netip.Prefix) []byte {
	return appendAbout(b, unix.RTM_DELADDR, 0, index, p, 0)
}

// appendAbout appends the beginning of a message about an address, with the length and the number for ask to fill in. The
// address of the peer, which IFA_ADDRESS is, is the address itself where there is no peer.
func appendAbout(b []byte, typ, flags uint16, index int32, p netip.Prefix, scope Scope) []byte {
	family := uint8(unix.AF_INET)
	if p.Addr().Is6() {
		family = unix.AF_INET6
	}
	b = append(b, 0, 0, 0, 0) // length
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = binary.NativeEndian.AppendUint16(b, flags|unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0) // sequence number and sender
	b = append(b, family, uint8(p.Bits()), 0, uint8(scope))
	b = binary.NativeEndian.AppendUint32(b, uint32(index))
	return appendAddr(appendAddr(b, unix.IFA_LOCAL, p.Addr()), unix.IFA_ADDRESS, p.Addr())
}

// setPromote returns the request to set the sysctl net.ipv4.conf.DEVICE.promote_secondaries. By rtnetlink that needs no
// /proc, and is done in the right network namespace.
func setPromote(index int32, on bool) *nl.NetlinkRequest {
	m := nl.NewIfInfomsg(unix.AF_UNSPEC)
	m.Index = index
	value := uint32(0)
	if on {
		value = 1
	}
	spec := nl.NewRtAttr(unix.IFLA_AF_SPEC, nil)
	spec.AddRtAttr(unix.AF_INET, nil).AddRtAttr(unix.IFLA_INET_CONF, nil).AddRtAttr(confPromoteSecondaries, nl.Uint32Attr(value))
	r := nl.NewNetlinkRequest(unix.RTM_SETLINK, unix.NLM_F_ACK)
	r.AddData(m)
	r.AddData(spec)
	return r
}

// A link is what we know of a device.
type link struct {
	index    int32
	name     string
	up       bool // administratively
	promotes bool // the sysctl promote_secondaries; taken for on where it is not known
}

// link returns the device of that name; the error is ENODEV if there is none.
func (c *conn) link(ctx context.Context, name string) (link, error) {
	r := nl.NewNetlinkRequest(unix.RTM_GETLINK, unix.NLM_F_ACK)
	r.AddData(nl.NewIfInfomsg(unix.AF_UNSPEC))
	r.AddData(nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(name)))
	return c.getLink(ctx, r)
}

// linkAt returns the device of that index; the error is ENODEV if there is none.
func (c *conn) linkAt(ctx context.Context, index int32) (link, error) {
	m := nl.NewIfInfomsg(unix.AF_UNSPEC)
	m.Index = index
	r := nl.NewNetlinkRequest(unix.RTM_GETLINK, unix.NLM_F_ACK)
	r.AddData(m)
	return c.getLink(ctx, r)
}

// getLink returns the answer to a request for a device.
func (c *conn) getLink(ctx context.Context, r *nl.NetlinkRequest) (link, error) {
	l, err := link{}, errors.New("the kernel did not answer")
	c.request(r)
	answers := c.exchange(ctx, func(_ int, m syscall.NetlinkMessage) {
		if m.Header.Type == unix.RTM_NEWLINK && len(m.Data) >= unix.SizeofIfInfomsg {
			l, err = parseLink(m.Data), nil
		}
	})
	if err := answers[0].err; err != nil {
		return link{}, err
	}
	return l, err
}

// parseLink reads the body of a link message.
func parseLink(b []byte) link {
	m := nl.DeserializeIfInfomsg(b)
	conf := b[unix.SizeofIfInfomsg:]
	l := link{index: m.Index, up: m.Flags&unix.IFF_UP != 0, promotes: true}
	l.name = unix.ByteSliceToString(attribute(conf, unix.IFLA_IFNAME))
	for _, typ := range []uint16{unix.IFLA_AF_SPEC, unix.AF_INET, unix.IFLA_INET_CONF} {
		conf = attribute(conf, typ)
	}
	// An array of 32 bits for each setting, which are counted from one.
	if n := 4 * (confPromoteSecondaries - 1); len(conf) >= n+4 {
		l.promotes = binary.NativeEndian.Uint32(conf[n:]) != 0
	}
	return l
}

// attribute returns the value of the first attribute of that type, nil if it is not among b.
func attribute(b []byte, typ uint16) []byte {
	for len(b) >= unix.SizeofRtAttr {
		n := int(binary.NativeEndian.Uint16(b))
		if n < unix.SizeofRtAttr || n > len(b) {
			return nil
		}
		if binary.NativeEndian.Uint16(b[2:])&typeMask == typ {
			return b[unix.SizeofRtAttr:n]
		}
		b = b[min(align(n), len(b)):]
	}
	return nil
}

// align returns where the next message or attribute begins after one of length n.
func align(n int) int { return (n + 3) &^ 3 }

// maxListings bounds how often a listing that was disturbed is begun again.
const maxListings = 10

// addrs returns the addresses of a device.
func (c *conn) addrs(ctx context.Context, index int32) ([]heldAddr, error) {
	for range maxListings {
		m := nl.NewIfAddrmsg(unix.AF_UNSPEC)
		m.Index = uint32(index) // heeded by strict checking; else addresses of all devices come
		r := nl.NewNetlinkRequest(unix.RTM_GETADDR, unix.NLM_F_DUMP)
		r.AddData(m)
		var held []heldAddr
		c.request(r)
		answers := c.exchange(ctx, func(_ int, m syscall.NetlinkMessage) { held = appendListed(held, m, index) })
		if a := answers[0]; a.err != nil || !a.disturbed {
			return held, a.err
		}
	}
	return nil, fmt.Errorf("addresses changed during each of %d listings: %w", maxListings, unix.EINTR)
}

// appendListed appends the address that a message is about, if it is one of the device.
func appendListed(held []heldAddr, m syscall.NetlinkMessage, index int32) []heldAddr {
	if m.Header.Type != unix.RTM_NEWADDR || len(m.Data) < unix.SizeofIfAddrmsg {
		return held
	}
	if h, ok := parseHeld(m.Data); ok && nl.DeserializeIfAddrmsg(m.Data).Index == uint32(index) {
		held = append(held, h)
	}
	return held
}

// parseHeld reads the body of an address message.
func parseHeld(b []byte) (heldAddr, bool) {
	m := nl.DeserializeIfAddrmsg(b)
	attributes := b[unix.SizeofIfAddrmsg:]
	far, _ := netip.AddrFromSlice(attribute(attributes, unix.IFA_ADDRESS))
	near, ok := netip.AddrFromSlice(attribute(attributes, unix.IFA_LOCAL))
	// Where they differ, IFA_ADDRESS is the peer. IPv6 has no IFA_LOCAL where there is none.
	if !ok {
		near = far
	}
	if !near.IsValid() || int(m.Prefixlen) > near.BitLen() {
		return heldAddr{}, false
	}
	flags := uint32(m.Flags)
	if b := attribute(attributes, unix.IFA_FLAGS); len(b) == 4 {
		flags = binary.NativeEndian.Uint32(b)
	}
	h := heldAddr{prefix: netip.PrefixFrom(near, int(m.Prefixlen)), passing: flags&unix.IFA_F_PERMANENT == 0}
	if b := attribute(attributes, attrProto); len(b) == 1 {
		h.protocol = b[0]
	}
	if near.Is6() {
		h.dadFailed = flags&unix.IFA_F_DADFAILED != 0
		return h, true
	}
	h.label = unix.ByteSliceToString(attribute(attributes, unix.IFA_LABEL))
	h.secondary = flags&unix.IFA_F_SECONDARY != 0
	h.peer = far.IsValid() && netip.PrefixFrom(far, int(m.Prefixlen)).Masked() != h.prefix.Masked()
	return h, true
}
