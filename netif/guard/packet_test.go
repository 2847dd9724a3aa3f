// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"encoding/hex"
	"net/netip"
	"testing"
)

// TestPacket writes down the headers, as the kernel is given them.
func TestPacket(t *testing.T) {
	for _, test := range []struct{ src, dst, want string }{
		{"10.0.0.71", "224.0.0.18", "45c0" + "0000" + "0000" + "4000" + "ff70" + "0000" + "0a000047" + "e0000012" + "3133"},
		{"fe80::1", "ff02::12", "6c000000" + "0002" + "70ff" + "fe800000000000000000000000000001" + "ff020000000000000000000000000012" + "3133"},
	} {
		got := hex.EncodeToString(packet(netip.MustParseAddr(test.src), netip.MustParseAddr(test.dst), []byte{0x31, 0x33}))
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.dst, got, test.want)
		}
	}
}
