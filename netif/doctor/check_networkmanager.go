// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"fmt"
	"strconv"
)

// checkNetworkManager looks for links that NetworkManager has: it removes addresses that others added when it
// activates a connection anew. What it manages is in its state files.
func checkNetworkManager(h *host, s *subject) []Finding {
	var findings []Finding
	for _, l := range s.devices(h) {
		state, _ := h.read("run/NetworkManager/devices", strconv.Itoa(l.index))
		if managed, _ := setting(state, "device", "managed"); !isYes(managed) {
			continue
		}
		fix := fmt.Sprintf("put service addresses on a link that it does not have, as dummy0, or nmcli device set %s managed no", l.name)
		findings = append(findings, s.found(NetworkManager, Warning, fix,
			"NetworkManager has %s: when its connection is brought up anew (nmcli connection up) service addresses are removed", l.name)...)
	}
	return findings
}
