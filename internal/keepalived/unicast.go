// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"net/netip"
	"slices"
	"strconv"
)

// Peer is a line of unicast_peer. Safe for concurrent reading.
type Peer struct {
	Addr   netip.Addr
	MinTTL uint8 // what packets must arrive with at least, default 0
	MaxTTL uint8 // and at most, default 255
}

// VMAC says that an instance has an interface with a MAC address of its own. Safe for concurrent reading.
type VMAC struct {
	Name     string // of the interface; "": the program chooses one
	XmitBase bool   // vmac_xmit_base: advertisements come from the interface below
}

// readUnicast reads what is about peers, and about the MAC address, but the list of peers itself.
func (in *draft) readUnicast(r *report, dir *Directive) bool {
	switch dir.Name {
	case "unicast_src_ip":
		in.readSource(r, dir)
	case "check_unicast_src":
		r.atMost(dir, 0) // packets of others are never accepted
		return true
	case "unicast_fault_no_peer":
		r.atMost(dir, 0)
	case "old_unicast_checksum":
		if len(dir.Args) > 0 && dir.Args[0] != "never" {
			r.fail(dir, ErrValue, dir.Args[0], "not a way to deal with old checksums", "never, or nothing")
		}
		in.OldUnicastChecksum = len(dir.Args) == 0
	case "unicast_ttl":
		setNumber(r, dir, &in.UnicastTTL, 0, 255)
		return true
	case "use_vmac":
		in.readVMAC(r, dir)
		return true
	case "vmac_xmit_base":
		r.atMost(dir, 0)
		return true
	default:
		return false
	}
	in.unicast = dir
	return true
}

// readPeers reads unicast_peer.
func (in *draft) readPeers(r *report, dir *Directive) {
	r.noArgs(dir)
	in.unicast = dir
	for i := range dir.Block {
		in.readPeer(r, dir, &dir.Block[i])
	}
	if len(dir.Block) == 0 {
		r.fail(dir, ErrMissing, "", "there are no peers", "one address a line, at least one")
	}
}

// readPeer reads a line of unicast_peer.
func (in *draft) readPeer(r *report, dir, line *Directive) {
	const allowed = "an address, min_ttl and max_ttl with 0 to 255 each"
	named := line.as(dir.Name)
	addr, err := netip.ParseAddr(line.Name)
	if err != nil || addr.Zone() != "" || addr.Is4In6() || addr.IsUnspecified() || addr.IsMulticast() || line.Block != nil {
		r.fail(named, ErrValue, line.Name, "not an address of a peer", allowed)
		return
	}
	if !in.setFamily(r, named, familyOf(addr), line.Name) {
		return
	}
	p := Peer{Addr: addr, MaxTTL: 255}
	for args := line.Args; len(args) > 0; args = args[2:] {
		if len(args) == 1 {
			r.fail(named, ErrMissing, args[0], "the option has no value", allowed)
			return
		}
		n, err := strconv.ParseUint(args[1], 10, 8)
		switch {
		case err != nil:
			r.fail(named, ErrValue, args[1], "not a hop limit", allowed)
			return
		case args[0] == "min_ttl":
			p.MinTTL = uint8(n)
		case args[0] == "max_ttl":
			p.MaxTTL = uint8(n)
		default:
			r.fail(named, ErrUnknown, args[0], "not an option of a peer", allowed)
			return
		}
	}
	switch {
	case p.MinTTL > p.MaxTTL || p.MaxTTL == 0:
		r.fail(named, ErrConflict, line.Name, "no packet is between min_ttl and max_ttl", "min_ttl up to max_ttl, and that from 1")
	case slices.ContainsFunc(in.Peers, func(o Peer) bool { return o.Addr == addr }):
		r.note(named, Adjusted, "%s is there already: ignored, as in keepalived", line.Name)
	default:
		in.Peers = append(in.Peers, p)
	}
}

// readVMAC reads use_vmac.
func (in *draft) readVMAC(r *report, dir *Directive) {
	in.VMAC = &VMAC{}
	words := slices.DeleteFunc(slices.Clone(dir.Args), func(w string) bool { return w == "name" })
	switch {
	case len(words) > 1 || len(words) == 1 && slices.Contains([]byte(words[0]), ':'):
		r.note(dir, Unsupported, "the MAC address is always that of RFC 9568 section 7.3: leave out other words than the name")
	case len(words) == 1 && r.checkLink(dir, words[0]):
		in.VMAC.Name = words[0]
	}
}

// completeUnicast settles what has no meaning without peers, or without a MAC address.
func (in *draft) completeUnicast(r *report) {
	base := in.given["vmac_xmit_base"]
	switch {
	case base == nil:
	case in.VMAC == nil:
		r.note(base, Adjusted, "is about an interface of use_vmac only: ignored, as in keepalived")
	case in.Strict:
		r.note(base, Adjusted, "strict mode: ignored, as in keepalived")
	default:
		in.VMAC.XmitBase = true
	}
	if in.unicast != nil && in.Peers == nil && in.given["unicast_peer"] == nil {
		r.fail(in.unicast, ErrMissing, "", "there are no peers", "with a block unicast_peer")
	}
	if ttl := in.given["unicast_ttl"]; ttl != nil && in.UnicastTTL == 0 {
		r.note(ttl, Adjusted, "no packet with a hop limit of 0 leaves the host: 255")
	}
	if in.OldUnicastChecksum && (in.Peers == nil || in.Version == 2 || in.IPv6) {
		r.note(in.dir("old_unicast_checksum"), Adjusted, "is about version 3 over IPv4 to peers only: ignored")
		in.OldUnicastChecksum = false
	}
}
