// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/vrrp"
)

func TestTranslate(t *testing.T) {
	cfg, err := keepalived.Read(keepalived.Source{File: "keepalived.conf", FS: fstest.MapFS{"keepalived.conf": {Data: []byte(`global_defs {
  vrrp_version 3
  vrrp_startup_delay 7
}
vrrp_instance A {
  interface eth0
  virtual_router_id 1
  priority 120
  advert_int 0.25
  preempt_delay 30
  mcast_src_ip 10.0.0.9
  garp_master_delay 0
  garp_master_repeat 3
  garp_master_refresh 60
  v3_checksum_as_v2
  virtual_ipaddress {
    10.0.0.100/24 dev eth1 label eth1:vip
    10.0.0.101
  }
  virtual_ipaddress_excluded {
    2001:db8::1/64
  }
}
vrrp_instance B {
  state MASTER
  interface eth0
  virtual_router_id 1
  virtual_ipaddress {
    2001:db8::2
  }
}
`)}}})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := NewPlan(cfg)
	if err != nil {
		t.Fatal(err)
	}
	a, b := plan.Instances[0].Config, plan.Instances[1].Config
	if a.Version != vrrp.V3 || a.Priority != 120 || a.Interval != 250*time.Millisecond || a.NoPreempt || a.PreemptDelay != 30*time.Second ||
		a.StartupHold != 7*time.Second || a.Source.String() != "10.0.0.9" || a.Checksum != vrrp.ChecksumMessage || a.EagerStart ||
		a.Announcements != (vrrp.Announcements{Burst: 3, Delay: -1, Refresh: time.Minute}) || len(a.Addresses) != 2 || len(a.Excluded) != 1 {
		t.Errorf("A: %+v", a)
	}
	if b.Version != vrrp.V3 || b.Priority != 255 || !b.OwnerAdds || b.Interval != time.Second || !b.EagerStart || b.Group != vrrp.GroupIPv6() || b.Checksum != vrrp.ChecksumPseudoHeader {
		t.Errorf("B: %+v", b)
	}
	devices := newDevices(plan, nil)
	if got := devices.configs["eth1"].Attributes[a.Addresses[0]]; got.Label != "eth1:vip" || !got.PrefixRoute {
		t.Errorf("attributes on eth1: %+v", got)
	}
	if got := devices.configs["eth0"].Attributes[a.Addresses[1]]; got.PrefixRoute {
		t.Errorf("attributes on eth0: %+v", got)
	}
}

// TestTranslateAuthenticationAndPeers has a peer of any distance where the file doesn't say, as keepalived sends IPv6 to peers with
// a hop limit of 64, and reads keys from where they stand.
func TestTranslateAuthenticationAndPeers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("0123456789abcdef0123456789abcdef\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	plan := planOf(t, one("A", 0, 1, 100, "}\n unicast_peer {\n 10.0.0.2\n 10.0.0.3 min_ttl 254 max_ttl 254\n }\n old_unicast_checksum\n"+
		" auth_hmac {\n key 1 hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n key 2 file:"+file+"\n active_key 2\n mode permissive"))
	c := plan.Instances[0].Config
	peers := []vrrp.Peer{
		{Addr: netip.MustParseAddr("10.0.0.2"), MinHopLimit: 1, MaxHopLimit: 255}, {Addr: netip.MustParseAddr("10.0.0.3"), MinHopLimit: 254, MaxHopLimit: 254},
	}
	if !slices.Equal(c.Peers, peers) || c.Checksum != vrrp.ChecksumPseudoGroup {
		t.Errorf("%+v", c)
	}
	secret, err := vrrp.ParseSecret("0123456789abcdef0123456789abcdef")
	if h := c.HMAC; err != nil || len(h.Keys) != 2 || h.ActiveKey != 2 || h.Mode != vrrp.HMACPermissive || !h.Keys[1].Secret.Equal(secret) {
		t.Errorf("%v, %+v", err, h)
	}
	if len(plan.Warnings) != 1 || !strings.Contains(plan.Warnings[0], "open to group or others") {
		t.Errorf("warnings %q", plan.Warnings)
	}
}

// TestTranslateNoSecret names the instance and the key where it can't be read.
func TestTranslateNoSecret(t *testing.T) {
	for text, want := range map[string]string{
		"file:relative": "the path of a key must begin at the root", "file:/does/not/exist": "no such file", "short": "32 to 64",
	} {
		cfg, err := keepalived.Read(keepalived.Source{File: "f", FS: fstest.MapFS{"f": {Data: []byte(one("A", 0, 1, 100, "}\n auth_hmac {\n key 7 "+text))}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = NewPlan(cfg); err == nil || !strings.Contains(err.Error(), "f:1: vrrp_instance A: auth_hmac key 7: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestPrint tells what would run.
func TestPrint(t *testing.T) {
	var b strings.Builder
	plan := planOf(t, "vrrp_script s {\n script /bin/true\n}\n"+one("A", 0, 1, 100, "}\n use_vmac\n nopreempt\n unicast_peer {\n 10.0.0.2\n }\n"+
		" track_interface {\n eth1 weight -5 reverse\n }\n track_script {\n s\n")+"vrrp_sync_group G {\n sync_group_tracking_weight\n group {\n A\n }\n}\n")
	if err := plan.Print(&b); err != nil {
		t.Fatal(err)
	}
	want := `A: virtual router 1 on eth0, version 3, priority 100, every 1s
  does not preempt
  peer 10.0.0.2
  track_interface eth1, weight -5 reverse
  track_script s
  10.0.1.1/32 on vrrp.1
G: group of A
1 virtual routers
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestWarnings tells of what is read and can't be had.
func TestWarnings(t *testing.T) {
	plan := planOf(t, one("A", 0, 1, 100, "}\n no_accept\n higher_prio_send_advert\n garp_master_refresh_repeat 2\n use_vmac\n"+
		" virtual_ipaddress_excluded {\n 2001:db8::1\n"))
	var got []string
	for _, w := range plan.Warnings {
		name, _, _ := strings.Cut(strings.TrimPrefix(w, "keepalived.conf:1: vrrp_instance A: "), ":")
		got = append(got, name)
	}
	if diff := cmp.Diff([]string{"no_accept", "higher_prio_send_advert", "garp_master_refresh_repeat", "use_vmac"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
