// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// conditions defines what instances can track.
const conditions = `
global_defs {
	script_user nobody
}
vrrp_script web {
	script "/usr/bin/curl -f 'http://x/a b'"
	interval 0.5
	timeout 2
	rise 2
	fall 3
	weight -20
	init_fail
}
vrrp_script plain {
	script /bin/true
	user root wheel
}
vrrp_track_process haproxy {
	process /usr/sbin/haproxy -W
	quorum 2
	quorum_max 4
	weight 10 reverse
}
track_file load {
	file /run/load
}
`

// What is tracked is defined once, and weighed where it is tracked.
func TestTracked(t *testing.T) {
	c, err := keepalived.Read(source(instance(`track_interface {
	eth1
	eth2 weight -10
}
track_script {
	web
	plain weight 5 reverse
}
track_process {
	haproxy weight 3 noreverse
}
track_file {
	load weight -2
}`) + conditions))
	if err != nil || len(c.Warnings) > 0 {
		t.Fatal(err, c.Warnings)
	}
	want := []keepalived.Track{
		{Kind: keepalived.TrackInterface, Name: "eth1"},
		{Kind: keepalived.TrackInterface, Name: "eth2", Weight: keepalived.Weight{Value: -10}},
		{Kind: keepalived.TrackScript, Name: "web", Weight: keepalived.Weight{Value: -20}},
		{Kind: keepalived.TrackScript, Name: "plain", Weight: keepalived.Weight{Value: 5, Reverse: true}},
		{Kind: keepalived.TrackProcess, Name: "haproxy", Weight: keepalived.Weight{Value: 3}},
		{Kind: keepalived.TrackFile, Name: "load", Weight: keepalived.Weight{Value: -2}},
	}
	if diff := cmp.Diff(want, c.Instances[0].Tracks); diff != "" {
		t.Errorf("tracks: -want +got:\n%s", diff)
	}
	scripts := []keepalived.Script{
		{Name: "web", Command: keepalived.Command{Argv: []string{"/usr/bin/curl", "-f", "http://x/a b"}, User: "nobody"},
			Interval: 500 * time.Millisecond, Timeout: 2 * time.Second, Rise: 2, Fall: 3, InitFail: true, Weight: keepalived.Weight{Value: -20}},
		{Name: "plain", Command: keepalived.Command{Argv: []string{"/bin/true"}, User: "root", Group: "wheel"},
			Interval: time.Second, Timeout: time.Second, Rise: 1, Fall: 1},
	}
	if diff := cmp.Diff(scripts, c.Scripts); diff != "" {
		t.Errorf("scripts: -want +got:\n%s", diff)
	}
	processes := []keepalived.Process{{Name: "haproxy", Argv: []string{"/usr/sbin/haproxy", "-W"}, Full: true, Min: 2, Max: 4,
		Weight: keepalived.Weight{Value: 10, Reverse: true}}}
	if diff := cmp.Diff(processes, c.Processes); diff != "" {
		t.Errorf("processes: -want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]keepalived.File{{Name: "load", Path: "/run/load", Weight: keepalived.Weight{Value: 1}}}, c.Files); diff != "" {
		t.Errorf("files: -want +got:\n%s", diff)
	}
}

// What can't be tracked is refused.
func TestTrackedRefused(t *testing.T) {
	refused(t, instance("track_script {\nnone\n}\ntrack_interface {\neth1 weight\neth2 weight 254\neth3 priority 3\neth4 weight 1 twice\n}"),
		`8: track_script "none": there is no block that defines it; allowed: a name that one has`,
		`11: track_interface: the weight has no value; allowed: -253 to 253, and reverse or noreverse behind it`,
		`12: track_interface "254": not a weight; allowed: -253 to 253, and reverse or noreverse behind it`,
		`13: track_interface "priority": not an option of a condition; allowed: weight, and reverse or noreverse behind it`,
		`14: track_interface "twice": not an option of a weight; allowed: -253 to 253, and reverse or noreverse behind it`)
	refused(t, "vrrp_script x {\nscript /bin/true\n}\nvrrp_script x {\nscript /bin/true\n}\nvrrp_track_process p {\n}\ntrack_file f {\n}\n"+
		"vrrp_track_process q {\nprocess x\nquorum 3\nquorum_max 2\n}\n",
		`4: vrrp_script "x": the name is taken, in line 1; allowed: another name`,
		`7: vrrp_track_process "p": has no process`,
		`9: track_file "f": has no file`,
		`11: vrrp_track_process "q": the quorum 3 is more than the quorum_max 2`)
}

// Members of a group have the conditions of the group, and no weights of their own.
func TestSyncGroup(t *testing.T) {
	c, err := keepalived.Read(source(instance("track_script {\nweb\nplain\n}\ntrack_interface {\neth1 weight 5\n}\ntrack_file {\nload\n}") + `
vrrp_sync_group G {
	group {
		A
	}
	track_script {
		web
	}
	notify_master "/bin/m x" root
	notify /bin/any
}
` + conditions))
	if err != nil {
		t.Fatal(err)
	}
	tracks := []keepalived.Track{
		{Kind: keepalived.TrackScript, Name: "plain"}, {Kind: keepalived.TrackInterface, Name: "eth1"}, {Kind: keepalived.TrackFile, Name: "load"},
		{Kind: keepalived.TrackScript, Name: "web", Weight: keepalived.Weight{Value: -20}},
	}
	if diff := cmp.Diff(tracks, c.Instances[0].Tracks); diff != "" {
		t.Errorf("tracks: -want +got:\n%s", diff)
	}
	groups := []keepalived.SyncGroup{{Name: "G", Members: []string{"A"}, Notify: keepalived.Notify{
		Master: keepalived.Command{Argv: []string{"/bin/m", "x"}, User: "root"},
		Any:    keepalived.Command{Argv: []string{"/bin/any"}, User: "nobody"},
	}}}
	if diff := cmp.Diff(groups, c.Groups); diff != "" {
		t.Errorf("groups: -want +got:\n%s", diff)
	}
	if len(c.Warnings) != 4 { // three weights, one member
		t.Errorf("warnings: %v", c.Warnings)
	}
}

// A group has instances that exist, each in one group.
func TestSyncGroupRefused(t *testing.T) {
	refused(t, instance("")+"vrrp_sync_group G {\ngroup {\nA B\n}\n}\nvrrp_sync_group H {\ngroup {\nA\n}\n}\nvrrp_sync_group H {\ngroup {\nA\n}\n}\nvrrp_sync_group\n",
		`19: vrrp_sync_group "H": the name is taken, in line 14; allowed: another name`,
		`24: vrrp_sync_group: has no block; allowed: { on the same line or the next`,
		`9: vrrp_sync_group "B": there is no vrrp_instance of that name; allowed: the names of instances`,
		`14: vrrp_sync_group "A": the instance is in the group "G"; allowed: one group for each instance`)
}

// Peers have the hop limits of their lines.
func TestUnicast(t *testing.T) {
	want := defaults()
	want.Source = netip.MustParseAddr("10.0.0.71")
	want.UnicastTTL = 77
	want.Peers = []keepalived.Peer{
		{Addr: netip.MustParseAddr("10.0.0.72"), MaxTTL: 255},
		{Addr: netip.MustParseAddr("10.0.0.73"), MinTTL: 250, MaxTTL: 254},
	}
	accepted(t, instance("unicast_src_ip 10.0.0.71\ncheck_unicast_src\nunicast_ttl 77\nunicast_peer {\n10.0.0.72\n10.0.0.73 min_ttl 250 max_ttl 254\n10.0.0.72\n}"), want,
		"adjusted keepalived.conf:13: unicast_peer: 10.0.0.72 is there already: ignored, as in keepalived")
	for _, alone := range []string{"unicast_src_ip 10.0.0.71", "unicast_fault_no_peer"} {
		name, _, _ := strings.Cut(alone, " ")
		refused(t, instance(alone), "7: "+name+": there are no peers; allowed: with a block unicast_peer")
	}
	const allowed = "; allowed: an address, min_ttl and max_ttl with 0 to 255 each"
	refused(t, instance("unicast_fault_no_peer\nunicast_peer {\n10.0.0.300\n2001:db8::1\n10.0.0.1 min_ttl\n10.0.0.2 min_ttl 256\n10.0.0.3 ttl 3\n10.0.0.4 min_ttl 9 max_ttl 8\n}"),
		`9: unicast_peer "10.0.0.300": not an address of a peer`+allowed,
		`10: unicast_peer "2001:db8::1": the instance is an IPv4 one by the addresses before; allowed: IPv4; other addresses in virtual_ipaddress_excluded`,
		`11: unicast_peer "min_ttl": the option has no value`+allowed,
		`12: unicast_peer "256": not a hop limit`+allowed,
		`13: unicast_peer "ttl": not an option of a peer`+allowed,
		`14: unicast_peer "10.0.0.4": no packet is between min_ttl and max_ttl; allowed: min_ttl up to max_ttl, and that from 1`,
	)
	refused(t, instance("unicast_peer {\n}"), "7: unicast_peer: there are no peers; allowed: one address a line, at least one")
}

// The keys of auth_hmac are read and not shown.
func TestHMAC(t *testing.T) {
	c, err := keepalived.Read(source(instance("auth_hmac {\nkey 1 hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n" +
		"key 2 file:/etc/keepalived/key2\nactive_key 2\nanti_replay monotonic\ntime_window 9\nmode receive-only\n}")))
	if err != nil || len(c.Warnings) > 0 {
		t.Fatal(err, c.Warnings)
	}
	h := c.Instances[0].HMAC
	if len(h.Keys) != 2 || h.Keys[0].ID != 1 || h.Keys[0].Text.Reveal()[:8] != "hex:0001" || h.Keys[1].File != "/etc/keepalived/key2" ||
		h.Active != 2 || !h.Monotonic || h.Window != 9*time.Second || h.Mode != keepalived.HMACReceiveOnly {
		t.Errorf("%+v", h)
	}
	refused(t, instance("auth_hmac {\nkey 0 secretsecret\nkey 1\nkey 2 secretsecret\nkey 2 othersecret\nactive_key 3\nmode off\nanti_replay no\ntime_window 301\n}"),
		`8: key: not a number in range; allowed: 1 to 255`,
		`9: key: has no number or no key; allowed: a number from 1 to 255, then 32 to 64 octets, hex: and their digits, or file: and a path`,
		`11: key: the number 2 is taken; allowed: another number`,
		`13: mode: not one of the words for it; allowed: enforce, permissive, receive-only`,
		`14: anti_replay: not one of the words for it; allowed: time, monotonic`,
		`15: time_window: not a number in range; allowed: 1 to 300`,
		`7: auth_hmac: active_key 3 is none of the keys; allowed: the number of a key`)
}

// A key can stand where a variable of the environment says, as the credentials of a unit do.
func TestHMACCredential(t *testing.T) {
	s := source(instance("auth_hmac {\nkey 1 file:${_ENV CREDENTIALS_DIRECTORY}/vrrp\n}"))
	s.Env = func(name string) string { return map[string]string{"CREDENTIALS_DIRECTORY": "/run/credentials"}[name] }
	c, err := keepalived.Read(s)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Instances[0].HMAC.Keys[0].File; got != "/run/credentials/vrrp" {
		t.Errorf("file %q", got)
	}
}
