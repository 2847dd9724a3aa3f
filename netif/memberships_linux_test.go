// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What Linux 6 has in /proc/net/igmp on a little-endian machine, and in /proc/net/igmp6.
const (
	igmpTable = "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n" +
		"1\tlo        :     1      V3\n" +
		"\t\t\t\t010000E0     1 0:00000000\t\t0\n" +
		"12\teth0      :     2      V2\n" +
		"\t\t\t\t120000E0     1 0:00000000\t\t1\n" +
		"\t\t\t\t010000E0     1 0:00000000\t\t0\n" +
		"13\tlong-name-eth13:     0      V3\n"
	igmp6Table = "1    lo              ff020000000000000000000000000001     1 0000000C 0\n" +
		"2    eth0            ff020000000000000000000000000012     2 00000004 0\n" +
		"12345 eth1            ff0200000000000000000001ff000001     1 00000004 0\n"
)

func TestParseMemberships(t *testing.T) {
	for name, tt := range map[string]struct {
		parse func(b []byte, f func(index int, group netip.Addr))
		table string
		want  []string
	}{
		"IPv4":                {parseIGMP, igmpTable, []string{"1 224.0.0.1", "12 224.0.0.18", "12 224.0.0.1"}},
		"IPv6":                {parseIGMP6, igmp6Table, []string{"1 ff02::1", "2 ff02::12", "12345 ff02::1:ff00:1"}},
		"nothing":             {parseIGMP, "", nil},
		"nothing in IPv6":     {parseIGMP6, "", nil},
		"empty lines":         {parseIGMP, "\n\t\n\n", nil},
		"empty lines in IPv6": {parseIGMP6, "\n \n", nil},
		"no numbers":          {parseIGMP, "x\ty\n\t\t\t\tz 1\n\t120000E0F 1\n", nil},
		"no numbers in IPv6":  {parseIGMP6, "1 eth0 zz020000000000000000000000000012 1\n2 eth0 ff02\n3 eth0\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			tt.parse([]byte(tt.table), func(index int, group netip.Addr) {
				if group.Is4() && binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
					b := group.As4()
					group = netip.AddrFrom4([4]byte{b[3], b[2], b[1], b[0]})
				}
				got = append(got, fmt.Sprintf("%d %v", index, group))
			})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("memberships (-want +got):\n%s", diff)
			}
		})
	}
}

// TestMembershipsOfManyLinks reads a list that is longer than what is read of it at first, twice.
func TestMembershipsOfManyLinks(t *testing.T) {
	var table strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&table, "%-4d %-15s ff020000000000000000000000000012     1 00000004 0\n", i+1, fmt.Sprint("eth", i))
	}
	path := filepath.Join(t.TempDir(), "igmp6")
	if err := os.WriteFile(path, []byte(table.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	m := memberships{files: [2]*os.File{file, nil}, found: make(map[membership]bool)}
	m.buf = make([]byte, 16)
	defer m.close()
	for range 2 {
		if err := m.read(false); err != nil || len(m.found) != 5000 || !m.found[membership{5000, netip.MustParseAddr("ff02::12")}] {
			t.Errorf("%d memberships, error %v", len(m.found), err)
		}
	}
	if err := m.read(true); err == nil {
		t.Error("no error without a file")
	}
}

func FuzzParseMemberships(f *testing.F) {
	f.Add([]byte(igmpTable))
	f.Add([]byte(igmp6Table))
	f.Fuzz(func(t *testing.T, b []byte) {
		check := func(_ int, group netip.Addr) {
			if !group.IsValid() {
				t.Error("no group")
			}
		}
		parseIGMP(b, check)
		parseIGMP6(b, check)
	})
}
