// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"cmp"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// row is a line of the table in the documentation of the package.
type row struct{ block, name, how, reason string }

// table reads it.
func table(t *testing.T) []row {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "// # Coverage\n")
	if !ok {
		t.Fatal("no table")
	}
	var rows []row
	block := ""
	for line := range strings.Lines(rest) {
		if !strings.HasPrefix(line, "//") {
			break
		}
		line = strings.TrimSpace(strings.TrimPrefix(line, "//"))
		fields := strings.Fields(line)
		switch {
		case line == "Outside all blocks:":
			block = "top"
		case strings.HasPrefix(line, "Block "):
			block = strings.TrimSuffix(fields[1], ":")
		case block != "" && len(fields) > 1:
			rows = append(rows, row{block, fields[0], fields[1], strings.Join(fields[2:], " ")})
		}
	}
	return rows
}

// blocks are those that the table is about.
func blocks() map[string]body {
	return map[string]body{
		"top": known, "global_defs": globalDefs, "vrrp_instance": vrrpInstance, "vrrp_sync_group": vrrpSyncGroup,
		"vrrp_script": known["vrrp_script"], "vrrp_track_process": known["vrrp_track_process"], "track_file": known["track_file"],
	}
}

// TestCoverageComplete wants a line for every directive that keepalived has for VRRP, and a directive for every line.
func TestCoverageComplete(t *testing.T) {
	used := map[row]bool{}
	rows := table(t)
	for block, names := range blocks() {
		for name := range names {
			if i := find(rows, block, name); i < 0 {
				t.Errorf("%s in %s is not in the table", name, block)
			} else {
				used[rows[i]] = true
			}
		}
	}
	for _, r := range rows {
		if !used[r] {
			t.Errorf("the table has %s in %s, which is no directive", r.name, r.block)
		}
		if (r.how == "supported") != (r.reason == "") {
			t.Errorf("%s in %s is %s, with the reason %q", r.name, r.block, r.how, r.reason)
		}
		if text, ok := reasons[r.name]; ok && r.how == "warned" && text != r.reason {
			t.Errorf("%s in %s: the warning says %q, the table %q", r.name, r.block, text, r.reason)
		}
	}
}

// find returns the first line that a directive fits.
func find(rows []row, block, name string) int {
	return slices.IndexFunc(rows, func(r row) bool {
		ok, err := path.Match(r.name, name)
		return r.block == block && ok && err == nil
	})
}

// TestCoverageTrue has each directive read, and compares what is said about it with the table.
func TestCoverageTrue(t *testing.T) {
	rows := table(t)
	for block, names := range blocks() {
		for name, inner := range names {
			i := find(rows, block, name)
			if i < 0 || block == "top" && rows[i].how == "supported" {
				continue // the former is told above, the latter are what the others stand in
			}
			kind := says(t, block, name, inner)
			want := map[string]WarningKind{"warned": Unsupported, "unused": Unused}[rows[i].how]
			if kind != want {
				t.Errorf("%s in %s is %s by the table; its warning is of kind %v", name, block, rows[i].how, kind)
			}
		}
	}
}

// says returns the kind of the warning that a directive leads to, 0 without one.
func says(t *testing.T, block, name string, inner body) WarningKind {
	t.Helper()
	line := name + " " + cmp.Or(valuesOf()[block+" "+name], valuesOf()[name], "1")
	if inner != nil {
		line = name + " {\n" + cmp.Or(valuesOf()[block+" "+name], valuesOf()[name]) + "\n}"
	}
	cfg, err := Read(Source{File: "f", FS: fstest.MapFS{"f": {Data: []byte(around(block, line))}}})
	if err != nil {
		t.Errorf("%s in %s: %v", name, block, err)
	}
	for _, w := range cfg.Warnings {
		if w.Directive == name && (w.Kind == Unsupported || w.Kind == Unused) {
			return w.Kind
		}
	}
	return 0
}

// around returns a file with a line in a block.
func around(block, line string) string {
	const usual = "interface eth0\nvirtual_router_id 1\nversion 3\nvirtual_ipaddress {\n10.0.0.1\n}\n"
	const tracked = "vrrp_script s {\nscript /bin/true\n}\nvrrp_track_process p {\nprocess x\n}\ntrack_file f {\nfile /f\n}\n"
	switch block {
	case "top":
		return line + "\n"
	case "global_defs":
		return "global_defs {\n" + line + "\n}\n"
	case "vrrp_instance":
		if name, _, _ := strings.Cut(line, " "); slices.Contains([]string{"native_ipv6"}, name) {
			return "vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\n" + line + "\nvirtual_ipaddress {\nfe80::1\n}\n}\n"
		}
		return tracked + "vrrp_instance A {\n" + usual + line + "\n}\n"
	case "vrrp_sync_group":
		return tracked + "vrrp_instance A {\n" + usual + "}\nvrrp_sync_group G {\ngroup {\nA\n}\n" + strings.Replace(line, "group {\nA\n}", "", 1) + "\n}\n"
	}
	required := map[string]string{"vrrp_script": "script /bin/true\n", "vrrp_track_process": "process x\n", "track_file": "file /f\n"}[block]
	return block + " x {\n" + required + line + "\n}\n"
}

// valuesOf are values of directives that don't take a 1.
func valuesOf() map[string]string {
	return map[string]string{
		"group": "A", "track_script": "s", "track_process": "p", "track_file": "f", "track_interface": "eth1",
		"authentication": "auth_type PASS\nauth_pass x", "auth_hmac": "key 1 0123456789abcdef0123456789abcdef",
		"unicast_peer": "10.0.0.2", "virtual_ipaddress": "10.0.0.3", "virtual_ipaddress_excluded": "10.0.0.4",
		"state": "BACKUP", "interface": "eth0", "mcast_src_ip": "10.0.0.9", "mcast_dst_ip": "224.0.0.99", "unicast_src_ip": "10.0.0.9\nunicast_peer {\n10.0.0.2\n}",
		"old_unicast_checksum": "never\nunicast_peer {\n10.0.0.2\n}", "unicast_fault_no_peer": "\nunicast_peer {\n10.0.0.2\n}", "version": "3", "use_vmac": "vrrp.1",
		"v3_checksum_as_v2": "on", "strict_mode": "off", "skip_check_adv_addr": "on", "lower_prio_no_advert": "on",
		"higher_prio_send_advert": "on", "vrrp_mcast_group4": "224.0.0.99", "vrrp_mcast_group6": "ff02::99", "vrrp_version": "3",
		"vrrp_min_garp": "on", "vrrp_strict": "off", "vrrp_lower_prio_no_advert": "on", "vrrp_higher_prio_send_advert": "on",
		"vrrp_skip_check_adv_addr": "on", "native_ipv6": " ", "virtual_routes": "192.0.2.0/24 via 10.0.0.9", "virtual_rules": "from 10.0.0.0/8 table 5 priority 5",
	}
}
