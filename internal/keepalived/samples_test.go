// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// sample is a file that shows what one of the samples of keepalived's documentation does.
type sample struct {
	name, id, text string
	instances      int
	warned         string // the directives that there are warnings of kind Unsupported about
}

func samples() []sample {
	return []sample{
		{"conditional", "high", `@high net_namespace upper
@low net_namespace lower
vrrp_script check {
@high	script /opt/check/upper.sh
@low	script /opt/check/lower.sh
	interval 1
	timeout 10
	rise 3
	fall 3
}
vrrp_instance R {
	interface eth0
	virtual_router_id 1
@high	priority 170
@low	priority 85
	advert_int 12
	version 3
	use_vmac
	track_script {
		check
	}
	track_interface {
		eth3
		eth2 weight 20
	}
	virtual_ipaddress {
		10.1.0.254/32
	}
}
`, 1, "net_namespace"},
		{"local checks", "", `! comments begin so, too
vrrp_script sshd {
	script "killall -0 sshd"        # cheap
	interval 2
	weight -4
	fall 2
	rise 2
}
vrrp_script port {
	script "</dev/tcp/127.0.0.1/80" # connects and exits
	interval 1
	weight -2
}
vrrp_instance R {
	interface eth0
	state MASTER
	virtual_router_id 51
	priority 100
	virtual_ipaddress {
		192.0.2.18/25
	}
	track_interface {
		eth1 weight 2   # more if it is up
		eth2 weight -2  # less if it is down
		eth3            # a fault if it is down
	}
	track_script {
		sshd
		port weight 2
	}
}
`, 1, ""},
		{"scripts and groups", "", `vrrp_sync_group G {
	group {
		R
		S
	}
	notify_backup "/usr/local/bin/back arg1 arg2"
	notify_master "/usr/local/bin/mast arg1 arg2"
	notify_fault "/usr/local/bin/fault arg1 arg2"
}
vrrp_instance R {
	interface eth0
	virtual_router_id 52
	virtual_ipaddress {
		192.0.2.100/27
	}
	notify_backup "/usr/local/bin/vrrp.sh  BACKUP   R"
}
vrrp_instance S {
	interface eth1
	virtual_router_id 52
	virtual_ipaddress {
		192.0.2.101/27
	}
}
`, 2, ""},
		{"addresses, routes and rules", "", `global_defs {
	router_id ROUTER
}
static_ipaddress {
	192.0.2.1/24 brd + dev eth0 scope global
}
static_routes {
	src 192.0.2.1 to 198.51.100.0/24 via 192.0.2.254 dev eth0
}
static_rules {
	from 192.0.2.0/24 table 1
}
vrrp_instance R {
	state MASTER
	interface eth0
	virtual_router_id 51
	priority 100
	virtual_ipaddress {
		192.0.2.16
		192.0.2.17 dev eth1
		192.0.2.18 dev eth2 label eth2:1
	}
	virtual_routes {
		192.168.210.0/24 via 192.0.2.254 dev eth1
		blackhole 192.168.211.0/24
	}
	virtual_rules {
		from 192.0.2.0/24 table 2
		to 192.0.2.0/24 table 2
	}
}
`, 1, "static_ipaddress static_routes static_rules"},
	}
}

// TestSamples reads files like those of keepalived's documentation that concern VRRP.
func TestSamples(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			source := source(s.text)
			source.ID = s.id
			c, err := keepalived.Read(source)
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Instances) != s.instances {
				t.Errorf("%d instances", len(c.Instances))
			}
			var warned []string
			for _, w := range c.Warnings {
				if w.Kind == keepalived.Unsupported {
					warned = append(warned, w.Directive)
				}
			}
			if diff := cmp.Diff(s.warned, strings.Join(warned, " ")); diff != "" {
				t.Errorf("warnings -want +got:\n%s", diff)
			}
		})
	}
}
