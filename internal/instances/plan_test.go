// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"testing"
	"testing/fstest"
	"time"

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
