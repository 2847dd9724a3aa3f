// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// Blocks that are not read are noted once, whatever is in them.
func TestKnownBlocks(t *testing.T) {
	const text = `
linkbeat_use_polling
net_namespace x
static_ipaddress {
	10.0.0.1/24 dev eth0
}
track_group G {
	group { A }
}
garp_group {
	garp_interval 0.1
	interfaces {
		eth0
	}
}
bfd_instance b {
	neighbor_ip 10.0.0.2
}
SSL {
	password x
}
virtual_server_group V {
	10.0.0.1 80
}
virtual_server group V {
	lb_algo rr
	mh-port
	real_server 10.0.0.2 80 {
		weight 1
		HTTP_GET {
			url {
				path /
				digest 0123
			}
			connect_timeout 3
		}
		MISC_CHECK {
			misc_path "/bin/true {}"
		}
		SMTP_CHECK {
			host {
				connect_ip 10.0.0.3
			}
		}
	}
}
`
	c, err := keepalived.Read(source(text))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range c.Warnings {
		got = append(got, w.Directive)
		if w.Kind != keepalived.Unsupported {
			t.Errorf("%v", w)
		}
	}
	want := strings.Fields(`linkbeat_use_polling net_namespace static_ipaddress track_group garp_group
		bfd_instance SSL virtual_server_group virtual_server`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// In blocks that are not read, directives that keepalived does not know are errors all the same.
func TestUnknownDirectives(t *testing.T) {
	refused(t, `colour red
vrrp_instance_x A {
	interface eth0
}
vrrp_sync_group G {
	members {
	}
	group
}
virtual_server 10.0.0.1 80 {
	lb_colour red
	real_server 10.0.0.2 80 {
		TCP_CHECK {
			connect_colour red
		}
		HTTP_GET {
			url {
				digits 1
			}
		}
		weight {
		}
	}
}
vrrp_script x {
	"script y" z
}
`,
		`26: "script y": unknown directive in vrrp_script`,
		`25: vrrp_script "x": has no script`,
		"1: colour: unknown directive",
		"2: vrrp_instance_x: unknown directive",
		"6: members: unknown directive in vrrp_sync_group",
		"8: group: has no block; allowed: { on the same line or the next",
		`5: vrrp_sync_group "G": has no members; allowed: a block group with the names of instances`,
		"11: lb_colour: unknown directive in virtual_server",
		"14: connect_colour: unknown directive in TCP_CHECK",
		"18: digits: unknown directive in url",
		"21: weight: takes no block; allowed: one directive a line",
	)
}

// Words of the file can't forge a message.
func TestMessagesAreOneLine(t *testing.T) {
	_, err := keepalived.Read(source(`script "a\nb" {` + "\n}\n" + strings.Repeat("x", 100) + "\nvrrp_version\x1b[31m 3"))
	want := []string{
		"keepalived: keepalived.conf:1: script: unknown directive",
		`keepalived: keepalived.conf:3: "` + strings.Repeat("x", 64) + `"...: unknown directive`,
		`keepalived: keepalived.conf:4: "vrrp_version\x1b[31m": unknown directive`,
	}
	if diff := cmp.Diff(want, errorLines(err)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
