// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"encoding/binary"
	"fmt"
	"maps"
	"net/netip"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/netif"
)

// Files of /proc/net as Linux 6.18 writes them.
const (
	rawSockets = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  112: 00000000:0070 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 22155 2 0000000000000000 0
`
	rawSockets6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
   58: 00000000000000000000000000000000:003A 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12 2 0000000000000000 0
  112: 00000000000000000000000000000000:0070 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 22156 2 0000000000000000 0
`
	igmp6 = `1    lo              ff020000000000000000000000000001     1 0000000C 0
2    eth0            ff0200000000000000000001ff000071     1 00000004 0
3    eth1            ff020000000000000000000000000012     1 00000004 0
`
)

// igmp returns such a file; numbers are in the byte order of the machine.
func igmp() string {
	number := func(a string) uint32 {
		b := netip.MustParseAddr(a).As4()
		return binary.NativeEndian.Uint32(b[:])
	}
	return fmt.Sprintf(`Idx	Device    : Count Querier	Group    Users Timer	Reporter
1	lo        :     1      V3
				%08X     1 0:00000000		0
2	eth0      :     1      V3
				%08X     1 0:00000000		0
3	eth1      :     2      V3
				%08X     1 0:00000000		0
				%08X     1 0:00000000		0
`, number("224.0.0.1"), number("224.0.0.1"), number("224.0.0.18"), number("224.0.0.1"))
}

func TestCheckMembership(t *testing.T) {
	files := map[string]string{
		"proc/thread-self/net/raw": rawSockets, "proc/thread-self/net/raw6": rawSockets6,
		"proc/thread-self/net/igmp": igmp(), "proc/thread-self/net/igmp6": igmp6,
	}
	for _, addr := range []string{"10.0.0.200/32", "fe80::200/128"} {
		r := router(addr)
		wantFixes(t, checkMembership, newHost(files), r, Membership, "restart the daemon if it is to run on this link")
		r.Unicast = true
		wantFixes(t, checkMembership, newHost(files), r, Membership)
		r.Unicast, r.Link = false, "eth1"
		wantFixes(t, checkMembership, newHost(files), r, Membership)
	}
	for _, name := range []string{"raw", "raw6"} {
		idle := maps.Clone(files)
		idle["proc/thread-self/net/"+name] = strings.ReplaceAll(files["proc/thread-self/net/"+name], ":0070 ", ":0001 ")
		wantFixes(t, checkMembership, newHost(idle), router(map[string]string{"raw": "10.0.0.200/32", "raw6": "fe80::200/128"}[name]), Membership)
	}
}

func TestCheckVirtualMAC(t *testing.T) {
	r := router("10.0.0.200/32")
	r.VirtualMAC = true
	good := make(map[string]string)
	for _, s := range netif.MacvlanSettings("vmac", "eth0", false) {
		good["proc/sys/"+s.Name] = s.Want + "\n"
	}
	good["proc/sys/net/ipv4/conf/all/rp_filter"] = "0\n"
	withLink := func(files map[string]string, change func(*link)) *host {
		h := newHost(files)
		l := link{name: "vmac", index: 9, kind: "macvlan", lower: 2, mac: netif.VirtualMAC(51, false), mode: macvlanModePrivate}
		change(&l)
		h.links = append(h.links, l)
		return h
	}
	same := func(*link) {}
	wantFixes(t, checkVirtualMAC, newHost(nil), r, VirtualMAC) // it does not run
	wantFixes(t, checkVirtualMAC, withLink(good, same), r, VirtualMAC)
	wantFixes(t, checkVirtualMAC, withLink(good, func(l *link) { l.mode = 4 }), r, VirtualMAC, "ip link set vmac type macvlan mode private")
	wantFixes(t, checkVirtualMAC, withLink(nil, func(l *link) { l.lower = 3 }), r, VirtualMAC)

	bad := maps.Clone(good)
	bad["proc/sys/net/ipv4/conf/all/rp_filter"] = "2\n"
	bad["proc/sys/net/ipv4/conf/vmac/accept_local"] = "0\n"
	bad["proc/sys/net/ipv4/conf/eth0/arp_ignore"] = "0\n"
	wantFixes(t, checkVirtualMAC, withLink(bad, same), r, VirtualMAC,
		"sysctl -w net/ipv4/conf/all/rp_filter=0, and the former value for each other link",
		"sysctl -w net/ipv4/conf/vmac/accept_local=1", "sysctl -w net/ipv4/conf/eth0/arp_ignore=1")

	overruled := maps.Clone(good)
	overruled["proc/sys/net/ipv4/conf/eth0/arp_ignore"] = "0\n"
	overruled["proc/sys/net/ipv4/conf/all/arp_ignore"] = "1\n"
	wantFixes(t, checkVirtualMAC, withLink(overruled, same), r, VirtualMAC)
}

// netplan is what systemd-networkd writes about a link that netplan has configured.
const netplan = `# This is private data. Do not parse.
ADMIN_STATE=configured
OPER_STATE=routable
NETWORK_FILE=/run/systemd/network/10-netplan-eth0.network
`

func TestCheckNetworkd(t *testing.T) {
	const (
		file = "run/systemd/network/10-netplan-eth0.network"
		keep = "mkdir -p /etc/systemd/network/10-netplan-eth0.network.d && printf '[Network]\\nKeepConfiguration=yes\\n' > " +
			"/etc/systemd/network/10-netplan-eth0.network.d/fhrp.conf && networkctl reload"
		routes = "mkdir -p /etc/systemd/networkd.conf.d && printf '[Network]\\nManageForeignRoutes=no\\n' > " +
			"/etc/systemd/networkd.conf.d/fhrp.conf && systemctl restart systemd-networkd"
		dropIn = "network/10-netplan-eth0.network.d/"
	)
	for name, tt := range map[string]struct {
		files map[string]string
		fixes []string
	}{
		"default": {map[string]string{file: "[Match]\nName=eth0\n[Network]\nDHCP=ipv4\n"}, []string{keep, routes}},
		"in the file": {map[string]string{
			file: "[Network]\n KeepConfiguration = yes \n", "etc/systemd/networkd.conf": "[Network]\nManageForeignRoutes=false\n",
		}, nil},
		"in another section":     {map[string]string{file: "[Link]\nKeepConfiguration=yes\n"}, []string{keep, routes}},
		"commented out":          {map[string]string{file: "[Network]\n#KeepConfiguration=yes\n;KeepConfiguration=yes\n"}, []string{keep, routes}},
		"permanent ones only":    {map[string]string{file: "[Network]\nKeepConfiguration=static\n"}, []string{keep, routes}},
		"the last one counts":    {map[string]string{file: "[Network]\nKeepConfiguration=yes\nKeepConfiguration=no\n"}, []string{keep, routes}},
		"in a drop-in":           {map[string]string{file: "[Network]\n", "etc/systemd/" + dropIn + "a.conf": "[Network]\nKeepConfiguration=true\n"}, []string{routes}},
		"undone in a drop-in":    {map[string]string{file: "[Network]\nKeepConfiguration=yes\n", "run/systemd/" + dropIn + "a.conf": "[Network]\nKeepConfiguration=no\n"}, []string{keep, routes}},
		"masked by one in etc":   {map[string]string{"usr/lib/systemd/" + dropIn + "a.conf": "[Network]\nKeepConfiguration=no\n", "etc/systemd/" + dropIn + "a.conf": "[Network]\nKeepConfiguration=yes\n"}, []string{routes}},
		"drop-ins by their name": {map[string]string{"etc/systemd/" + dropIn + "b.conf": "[Network]\nKeepConfiguration=no\n", "run/systemd/" + dropIn + "c.conf": "[Network]\nKeepConfiguration=yes\n"}, []string{routes}},
		"routes, first file":     {map[string]string{file: "[Network]\nKeepConfiguration=1\n", "etc/systemd/networkd.conf": "[Network]\n", "usr/lib/systemd/networkd.conf": "[Network]\nManageForeignRoutes=no\n"}, []string{routes}},
		"routes, drop-in":        {map[string]string{file: "[Network]\nKeepConfiguration=on\n", "run/systemd/networkd.conf.d/x.conf": "[Network]\nManageForeignRoutes=off\n"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			tt.files["run/systemd/netif/links/2"] = netplan
			if tt.files[file] == "" {
				tt.files[file] = "[Network]\n"
			}
			wantFixes(t, checkNetworkd, newHost(tt.files), router(), Networkd, tt.fixes...)
		})
	}
}

func TestCheckNetworkdUnmanaged(t *testing.T) {
	for name, state := range map[string]string{
		"unmanaged": "ADMIN_STATE=unmanaged\nNETWORK_FILE=/etc/systemd/network/a.network\n",
		"no file":   "ADMIN_STATE=pending\n",
	} {
		t.Run(name, func(t *testing.T) {
			wantFixes(t, checkNetworkd, newHost(map[string]string{"run/systemd/netif/links/2": state}), router(), Networkd)
		})
	}
	wantFixes(t, checkNetworkd, newHost(nil), router(), Networkd)
	unreadable := newHost(map[string]string{"run/systemd/netif/links/2": netplan})
	wantFixes(t, checkNetworkd, unreadable, router(), NotChecked, "run as root")
}

// TestCheckNetworkdDropIns has systemd-networkd say itself what it has read.
func TestCheckNetworkdDropIns(t *testing.T) {
	files := map[string]string{
		"run/systemd/netif/links/4":             "ADMIN_STATE=configured\nNETWORK_FILE=/etc/systemd/network/a.network\nNETWORK_FILE_DROPINS=\"/usr/lib/x.conf:/etc/y.conf\"\n",
		"etc/systemd/network/a.network":         "[Network]\n",
		"etc/y.conf":                            "[Network]\nKeepConfiguration=yes\n",
		"etc/systemd/networkd.conf.d/fhrp.conf": "[Network]\nManageForeignRoutes=no\n",
	}
	r := router()
	r.Device = "dummy0"
	wantFixes(t, checkNetworkd, newHost(files), r, Networkd)
}

func TestCheckNetworkManager(t *testing.T) {
	const state = "run/NetworkManager/devices/2"
	wantFixes(t, checkNetworkManager, newHost(nil), router(), NetworkManager)
	wantFixes(t, checkNetworkManager, newHost(map[string]string{state: "[device]\nmanaged=false\n"}), router(), NetworkManager)
	wantFixes(t, checkNetworkManager, newHost(map[string]string{state: "[device]\nnm-owned=0\n"}), router(), NetworkManager)
	wantFixes(t, checkNetworkManager, newHost(map[string]string{state: "[device]\nmanaged=true\nconnection-uuid=6c\n"}), router(), NetworkManager,
		"put service addresses on a link that it does not have, as dummy0, or nmcli device set eth0 managed no")
}

// TestFieldReport70Environment knows where a virtual MAC address needs a setting of the network around a
// virtual machine, and says nothing where it does not know.
func TestFieldReport70Environment(t *testing.T) {
	for _, tt := range []struct {
		vendor, product, asset string
		plain, virtual         Severity // 0: no finding
	}{
		{"", "", "", 0, 0},
		{"QEMU", "Standard PC (Q35 + ICH9, 2009)", "", 0, 0},
		{"Dell Inc.", "PowerEdge R650", "", 0, 0},
		{"VMware, Inc.", "VMware7,1", "No Asset Tag", 0, Note},
		{"innotek GmbH", "VirtualBox", "", 0, Note},
		{"Microsoft Corporation", "Surface Pro", "", 0, 0},
		{"Microsoft Corporation", "Virtual Machine", "4411", 0, Note},
		{"Microsoft Corporation", "Virtual Machine", "7783-7084-3265-9085-8269-3286-77", Warning, Warning},
		{"OpenStack Foundation", "OpenStack Nova", "", Warning, Warning},
		{"Amazon EC2", "m7i.large", "Amazon EC2", Warning, Warning},
		{"Google", "Google Compute Engine", "", Warning, Warning},
	} {
		h := newHost(map[string]string{
			"sys/class/dmi/id/sys_vendor": tt.vendor + "\n", "sys/class/dmi/id/product_name": tt.product + "\n",
			"sys/class/dmi/id/chassis_asset_tag": tt.asset + "\n",
		})
		for virtual, want := range map[bool]Severity{false: tt.plain, true: tt.virtual} {
			r := router()
			r.VirtualMAC = virtual
			var got Severity
			for _, f := range checkEnvironment(h, subjects(h, []Router{r})[0]) {
				got = f.Severity
				if f.Kind != Environment || f.Fix == "" {
					t.Errorf("%#v", f)
				}
			}
			if got != want {
				t.Errorf("%s %s, virtual MAC %v: %v, want %v", tt.vendor, tt.product, virtual, got, want)
			}
		}
	}
	if got := checkEnvironment(newHost(nil), subjects(newHost(nil), []Router{router()})[0]); len(got) > 0 {
		t.Errorf("without firmware: %v", got)
	}
}

func FuzzSetting(f *testing.F) {
	f.Add("[Network]\nKeepConfiguration=\"yes\"\n# x\n[")
	f.Fuzz(func(t *testing.T, text string) {
		if value, found := setting(text, "Network", "KeepConfiguration"); !strings.Contains(text, value) || !found && value != "" {
			t.Errorf("value %q, found %v", value, found)
		}
	})
}
