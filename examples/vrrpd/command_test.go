// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// write makes a configuration file.
func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keepalived.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// outcome runs the program.
func outcome(args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = command(args, &out, &err, process{})
	return status, out.String(), err.String()
}

// twoNodes is one node of the pair that every introduction to keepalived has.
const twoNodes = `vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 41
    priority 200
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass 1066
    }
    virtual_ipaddress {
        10.0.0.100/24
    }
}
`

// director is one node of a load balancer pair.
const director = `global_defs {
    notification_email {
        admin@example.org
    }
    notification_email_from lb1@example.org
    smtp_server 127.0.0.1
    smtp_connect_timeout 30
    router_id LVS_1
}
vrrp_instance VI_1 {
    state MASTER
    interface eth0
    lvs_sync_daemon_interface eth0
    virtual_router_id 10
    priority 150
    advert_int 3
    smtp_alert
    authentication {
        auth_type PASS
        auth_pass MY_PASS
    }
    virtual_ipaddress {
        10.10.10.10
    }
}
virtual_server 10.10.10.10 80 {
    delay_loop 10
    lb_algo wlc
    lb_kind DR
    persistence_timeout 5
    protocol TCP
    real_server 10.10.10.41 80 {
        weight 50
        TCP_CHECK {
            connect_timeout 3
        }
    }
    real_server 10.10.10.42 80 {
        weight 50
        TCP_CHECK {
            connect_timeout 3
        }
    }
}
`

func TestCheckTwoNodes(t *testing.T) {
	status, stdout, stderr := outcome("-t", "-f", write(t, twoNodes))
	want := `VI_1: virtual router 41 on eth0, version 2, priority 200, every 1s
  authentication by password
  10.0.0.100/24 on eth0
1 virtual routers
`
	if status != 0 || stderr != "" || stdout != want {
		t.Errorf("status %d, stderr %q, stdout (-want +got):\n%s", status, stderr, cmp.Diff(want, stdout))
	}
}

func TestCheckDirector(t *testing.T) {
	status, stdout, stderr := outcome("-t", "-f", write(t, director))
	want := `VI_1: virtual router 10 on eth0, version 2, priority 150, every 3s
  authentication by password
  10.10.10.10/32 on eth0
1 virtual routers
`
	if status != 0 || stdout != want {
		t.Errorf("status %d, stdout (-want +got):\n%s", status, cmp.Diff(want, stdout))
	}
	for _, name := range []string{"notification_email", "smtp_server", "smtp_alert", "lvs_sync_daemon_interface", "virtual_server"} {
		if !strings.Contains(stderr, name) {
			t.Errorf("no warning about %s:\n%s", name, stderr)
		}
	}
	if strings.Contains(stdout+stderr, "MY_PASS") {
		t.Error("the password is shown")
	}
}

func TestCheckRefuses(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown directive", "advert_int 1", "advert_interval 1", "keepalived.conf:6: "},
		{"priority", "priority 200", "priority 256", "1 to 255"},
		{"interval", "advert_int 1", "advert_int 0.4", "keepalived.conf:6: "},
		{"VRID", "virtual_router_id 41", "virtual_router_id 0", "1 to 255"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, stdout, stderr := outcome("-t", "-f", write(t, strings.Replace(twoNodes, c.old, c.new, 1)))
			if status != 1 || stdout != "" || !strings.Contains(stderr, c.want) {
				t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
			}
		})
	}
}

func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"-h"}, 0, "-f file"},
		{[]string{"-wrong"}, 2, "-wrong"},
		{[]string{"-t", "file"}, 2, `"file"`},
		{[]string{"-t", "--successor=3,1"}, 2, "successor"}, // what is told to a program that doesn't know it
		{[]string{"-t", "-f", "/nowhere/keepalived.conf"}, 1, "/nowhere/keepalived.conf"},
	} {
		if status, _, stderr := outcome(c.args...); status != c.status || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: status %d, %q", c.args, status, stderr)
		}
	}
}
