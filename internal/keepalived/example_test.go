// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"fmt"
	"os"
	"testing/fstest"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

func ExampleRead() {
	config, err := keepalived.Read(keepalived.Source{FS: os.DirFS("testdata"), File: "pair-first.conf"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, in := range config.Instances {
		fmt.Println(in.Name, "on", in.Interface, "router", in.VRID, "priority", in.Priority, in.State, in.Addresses[0].Prefix)
		fmt.Println("authentication", in.Auth.Type, in.Auth.Pass)
	}
	// Output:
	// VI_1 on eth0 router 41 priority 200 MASTER 10.0.0.100/24
	// authentication PASS (withheld)
}

func ExampleRead_errors() {
	files := fstest.MapFS{"etc/keepalived/keepalived.conf": {Data: []byte(`
vrrp_instance VI_1 {
	interface eth0
	virtual_router_id 256
	colour red
	virtual_ipaddress { 10.0.0.100/24 }
}
`)}}
	_, err := keepalived.Read(keepalived.Source{FS: files, File: "/etc/keepalived/keepalived.conf"})
	fmt.Println(err)
	// Output:
	// keepalived: /etc/keepalived/keepalived.conf:4: virtual_router_id "256": not a number in range; allowed: 1 to 255
	// keepalived: /etc/keepalived/keepalived.conf:5: colour: unknown directive in vrrp_instance
}

func ExampleParse() {
	tree, err := keepalived.Parse(keepalived.Source{FS: os.DirFS("testdata"), File: "director-first.conf"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range tree.Directives {
		if d.Name != "virtual_server" {
			continue
		}
		fmt.Println(d.Args)
		for _, inner := range d.Block {
			if inner.Name == "real_server" {
				fmt.Println("->", inner.Args, "line", inner.Line)
			}
		}
	}
	// Output:
	// [10.10.10.10 80]
	// -> [10.10.10.41 80] line 37
	// -> [10.10.10.42 80] line 44
}
