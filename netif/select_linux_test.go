// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"testing"

	"golang.org/x/net/bpf"
)

// TestWantedFilter looks at every identifier, in packets of both families.
func TestWantedFilter(t *testing.T) {
	var wanted [256]bool
	for _, id := range []int{1, 2, 31, 32, 100, 255} {
		wanted[id] = true
	}
	for name, test := range map[string]struct {
		ipv4   bool
		header []byte
	}{
		"IPv4":              {true, append([]byte{0x45}, make([]byte, 19)...)},
		"IPv4 with options": {true, append([]byte{0x46}, make([]byte, 23)...)},
		"IPv6":              {false, nil},
	} {
		vm, err := bpf.NewVM(wantedFilter(test.ipv4, &wanted))
		if err != nil {
			t.Fatal(err)
		}
		for id := range 256 {
			kept, err := vm.Run(append(test.header[:len(test.header):len(test.header)], 0x31, byte(id), 100, 1))
			if err != nil || kept > 0 != wanted[id] {
				t.Errorf("%s, identifier %d: kept %d, %v", name, id, kept, err)
			}
		}
		if kept, err := vm.Run(append(test.header[:len(test.header):len(test.header)], 0x31)); err != nil || kept != 0 {
			t.Errorf("%s: a packet of one octet: kept %d, %v", name, kept, err)
		}
	}
}
