// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
)

// checkMembership wants the link to be a member of the group if a daemon runs: its packets don't arrive else.
func checkMembership(h *host, s *subject) []Finding {
	if s.link == nil || !s.multicast() || !h.running(s.ipv6) || h.isMember(s.link.index, group(s.ipv6)) {
		return nil
	}
	return s.found(Membership, Warning, "restart the daemon if it is to run on this link",
		"a program listens for protocol %d on this host, and the link is no member of %v: advertisements don't arrive here",
		protocol, group(s.ipv6))
}

// isMember reports whether a link is a member of a group.
func (h *host) isMember(index int, group netip.Addr) bool {
	if group.Is6() {
		return h.isMember6(index, group)
	}
	return h.isMember4(index, group)
}

// isMember4 reads /proc/net/igmp: a line a link that begins with its number, and after it a line a group that
// begins with the address as a number in the byte order of the machine.
func (h *host) isMember4(index int, group netip.Addr) bool {
	var current int
	for _, line := range h.procNet("igmp") {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if !strings.HasPrefix(line, "\t") {
			current, _ = strconv.Atoi(fields[0])
			continue
		}
		n, err := strconv.ParseUint(fields[0], 16, 32)
		var b [4]byte
		binary.NativeEndian.PutUint32(b[:], uint32(n))
		if err == nil && current == index && netip.AddrFrom4(b) == group {
			return true
		}
	}
	return false
}

// isMember6 reads /proc/net/igmp6: a line a link and group, with the number of the one, its name, and the other in
// hexadecimal.
func (h *host) isMember6(index int, group netip.Addr) bool {
	want := group.As16()
	for _, line := range h.procNet("igmp6") {
		fields := strings.Fields(line)
		if len(fields) > 2 && fields[0] == strconv.Itoa(index) && fields[2] == hex.EncodeToString(want[:]) {
			return true
		}
	}
	return false
}
