// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"strconv"
	"strings"
)

// Capabilities, as capabilities(7) numbers them in linux/capability.h.
const (
	capNetAdmin = 12
	capNetRaw   = 13
)

// checkCapabilities wants what a daemon needs: raw sockets, and addresses.
func checkCapabilities(h *host) []Finding {
	effective, ok := h.capabilities()
	if !ok {
		return found(NotChecked, Note, "", "mount /proc", "capabilities: can't read /proc/thread-self/status")
	}
	const fix = "run as root, or AmbientCapabilities=CAP_NET_RAW CAP_NET_ADMIN in the systemd unit, " +
		"or docker run --cap-add NET_RAW --cap-add NET_ADMIN"
	var findings []Finding
	for _, c := range []struct {
		bit        int
		name, what string
	}{
		{capNetRaw, "CAP_NET_RAW", "neither advertisements nor announcements can be sent or received"},
		{capNetAdmin, "CAP_NET_ADMIN", "addresses can't be added or removed"},
	} {
		if effective>>c.bit&1 == 0 {
			findings = append(findings, found(Capability, Error, "", fix, "this process lacks %s: %s", c.name, c.what)...)
		}
	}
	return findings
}

// capabilities returns the effective capabilities of this thread, a bit each.
func (h *host) capabilities() (set uint64, ok bool) {
	status, _ := h.read("proc/thread-self/status")
	for line := range strings.Lines(status) {
		if value, found := strings.CutPrefix(line, "CapEff:"); found {
			set, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64)
			return set, err == nil
		}
	}
	return 0, false
}
