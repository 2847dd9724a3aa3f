// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"io/fs"
	"net/netip"
	"path"
	"strconv"
	"strings"
)

// A host is what the kernel said about this host when it was looked at.
type host struct {
	files     fs.FS
	links     []link
	addresses []address

	// way returns the number of the link by which packets to an address leave.
	way func(netip.Addr) (index int, err error)
}

// A link is a network interface.
type link struct {
	name  string
	index int
	kind  string // name of the driver, as ip-link(8) has it
	up    bool   // administratively
	down  error  // why it can't be used, of the links of routers only
	mac   [6]byte

	master int // the link that this one is a port of, 0 if none
	lower  int // the link that this one is on top of, 0 if there is none in this namespace

	mode         uint32 // of a macvlan
	snooping     bool   // of a bridge: it looks at membership reports
	querier      bool   // and asks for them
	otherQuerier bool   // and knows somebody else that asks, in IPv6
}

// An address is one that a link has.
type address struct {
	link   int // its number
	prefix netip.Prefix
	flags  uint32
	mark   uint8 // who added it (IFA_PROTO), 0 if he did not say
}

// Flags of addresses, of linux/if_addr.h.
const (
	flagOptimistic = 0x04
	flagDADFailed  = 0x08
	flagTentative  = 0x40
	flagPermanent  = 0x80
)

// link returns the link of that name, nil if there is none.
func (h *host) link(name string) *link {
	for i := range h.links {
		if h.links[i].name == name {
			return &h.links[i]
		}
	}
	return nil
}

// linkOf returns the link of that number, nil if there is none.
func (h *host) linkOf(index int) *link {
	for i := range h.links {
		if h.links[i].index == index {
			return &h.links[i]
		}
	}
	return nil
}

// bridge returns the bridge that a link is, or is on top of as a VLAN is, or is plugged into as one end of a
// veth pair. It is nil if there is none in this namespace.
func (h *host) bridge(l *link) *link {
	for range len(h.links) { // a chain that is longer goes round
		if l == nil || l.kind == "bridge" {
			return l
		}
		veth := l.kind == "veth"
		if l = h.linkOf(l.lower); veth && l != nil {
			l = h.linkOf(l.master)
		}
	}
	return nil
}

// read returns what is in a file, without white space around it. It is not ok if the file can't be read.
func (h *host) read(elem ...string) (text string, ok bool) {
	b, err := fs.ReadFile(h.files, path.Join(elem...))
	return strings.TrimSpace(string(b)), err == nil
}

// sysctl returns the number in a setting below /proc/sys; ok is false if there is none.
func (h *host) sysctl(name string) (value int, ok bool) {
	text, ok := h.read("proc/sys", name)
	value, err := strconv.Atoi(text)
	return value, ok && err == nil
}

// ipv4Conf returns the IPv4 setting of a link and that of all links.
func (h *host) ipv4Conf(link, setting string) (own, all int) {
	own, _ = h.sysctl("net/ipv4/conf/" + link + "/" + setting)
	all, _ = h.sysctl("net/ipv4/conf/all/" + setting)
	return own, all
}

// procNet returns the lines of a file of the thread's network namespace.
func (h *host) procNet(name string) []string {
	text, _ := h.read("proc/thread-self/net", name)
	return strings.Split(text, "\n")
}

// running reports whether a program has a raw socket of protocol 112, as a daemon of VRRP or CARP has.
func (h *host) running(ipv6 bool) bool {
	name := "raw"
	if ipv6 {
		name = "raw6"
	}
	for _, line := range h.procNet(name) {
		// The local address is one of the protocol: what is the port in other files.
		if fields := strings.Fields(line); len(fields) > 1 && strings.HasSuffix(fields[1], ":0070") {
			return true
		}
	}
	return false
}
