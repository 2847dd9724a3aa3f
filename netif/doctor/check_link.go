// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"fmt"
	"strings"
)

// checkLink wants the link there and in use.
func checkLink(_ *host, s *subject) []Finding {
	switch {
	case s.link == nil:
		return s.found(LinkMissing, Error, "correct the name, or make the link", "there is no such link: nothing runs on it until there is")
	case s.link.down == nil:
		return nil
	}
	// The error begins with the package and the link, which are told already.
	detail := s.link.down.Error()
	if _, reason, ok := strings.Cut(detail, s.name+": "); ok {
		detail = reason
	}
	fix := "look at the cable and at the other end of it"
	if !s.link.up {
		fix = "ip link set " + s.name + " up"
	}
	return s.found(LinkDown, Error, fix, "%s", detail)
}

// checkBridgePort wants the link not to be a port of a bridge, which takes all packets before protocols see them.
func checkBridgePort(h *host, s *subject) []Finding {
	if s.link == nil {
		return nil
	}
	br := h.linkOf(s.link.master)
	if br == nil || br.kind != "bridge" {
		return nil
	}
	return s.found(BridgePort, Error, fmt.Sprintf("use %s instead of %s", br.name, s.name),
		"it is a port of bridge %s, which takes its packets: advertisements of others don't arrive", br.name)
}

// checkSnooping looks for a bridge that forwards by what hosts reported, and knows nobody who asks them. It is
// about IPv6 only: Linux forwards 224.0.0.x to all ports whatever was reported (RFC 4541 section 2.1.2).
func checkSnooping(h *host, s *subject) []Finding {
	br := h.bridge(s.link)
	if br == nil || !s.ipv6 || !s.multicast() || !br.snooping || br.querier || br.otherQuerier {
		return nil
	}
	return s.found(Snooping, Note, fmt.Sprintf("ip link set %s type bridge mcast_querier 1", br.name),
		"bridge %s forwards multicast by membership reports, and nobody on it asks for them: "+
			"Linux floods until somebody does, a switch that forwards in hardware may drop what goes to %v", br.name, group(true))
}
