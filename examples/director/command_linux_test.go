// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// settingFile is one director of the load balancer pair that every introduction has.
const settingFile = `global_defs {
    notification_email {
        admin@example.org
    }
    notification_email_from lb1@example.org
    smtp_server 127.0.0.1
    smtp_connect_timeout 30
    router_id LVS_1
    lvs_sync_daemon eth0 VI_1
}
vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 10
    priority 150
    advert_int 3
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

// everyFile has what else a virtual server can say.
const everyFile = `global_defs {
    enable_script_security
    script_user root
    notification_email {
        admin@example.org
        root@localhost
    }
    smtp_server localhost 2525
    smtp_helo_name lb1.example.org
    smtp_alert on
    smtp_alert_checker off
    no_email_faults
    no_checker_emails
}
track_file load {
    file /tmp/load
}
virtual_server_group web {
    10.10.10.1-3 80
    10.10.10.8/30 80
    fwmark 7
}
virtual_server group web {
    delay_loop 5
    protocol TCP
    lvs_sched sh
    sh-port
    lvs_method NAT
    persistence_timeout
    persistence_granularity 255.255.255.0
    alpha
    omega
    quorum 3
    hysteresis 1
    smtp_alert
    quorum_up "/bin/true up"
    quorum_down "/bin/true down"
    sorry_server 10.10.10.49 80
    sorry_server_inhibit
    real_server 10.10.10.41 80 {
        weight 2
        inhibit_on_failure
        smtp_alert
        uthreshold 100
        lthreshold 50
        notify_up "/bin/true up"
        notify_down "/bin/true down"
        HTTP_GET {
            url {
                path /
                status_code 200
                digest 48cadd4f1453af2f10b874d9ea412226
            }
            retry 2
            delay_before_retry 1
            connect_timeout 2
        }
        SSL_GET {
            enable_sni
            url {
                path /
                virtualhost www.example.org
                regex "^(ok|\\\\d+ up)$"
                regex_options caseless multiline
            }
            connect_port 443
        }
        FILE_CHECK {
            track_file load
            weight -2 reverse
        }
        MISC_CHECK {
            user root
            misc_path "/bin/true 10.10.10.41"
            misc_timeout 3
            misc_dynamic
        }
    }
    real_server 10.10.10.42 80 {
        PING_CHECK {
            retry 2
        }
        SMTP_CHECK {
            helo_name lb1.example.org
            connect_port 25
        }
        TCP_CHECK {
            bindto 10.10.10.21
            fwmark 3
        }
    }
}
virtual_server fd00::10 53 {
    protocol UDP
    ha_suspend
    ops
    lvs_sched rr
    lvs_method TUN
    real_server fd00::41 53 {
        DNS_CHECK {
            type A
            name example.org
        }
        UDP_CHECK {
            payload 0102
            require_reply
            min_reply_length 1
        }
    }
}
`

// outcome runs the program on a file.
func outcome(t *testing.T, text string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keepalived.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, err bytes.Buffer
	status = command(append(args, "-f", file), &out, &err, nil)
	return status, out.String(), err.String()
}

func TestCheckSetting(t *testing.T) {
	status, stdout, stderr := outcome(t, settingFile, "-t")
	want := `VI_1: virtual router 10 on eth0, version 2, priority 150, every 3s
  authentication by password
  10.10.10.10/32 on eth0
1 virtual routers
10.10.10.10 80: TCP, scheduler wlc, by DR, persistent for 5s
  10.10.10.41:80, weight 50
    TCP_CHECK every 10s, within 3s
  10.10.10.42:80, weight 50
    TCP_CHECK every 10s, within 3s
connections are synchronized on eth0, as VI_1 says
alerts go to admin@example.org by 127.0.0.1:25
1 virtual servers
`
	if status != 0 || stdout != want {
		t.Errorf("status %d, stderr %q, stdout (-want +got):\n%s", status, stderr, cmp.Diff(want, stdout))
	}
	if strings.Contains(stderr, "virtual_server") || strings.Contains(stderr, "lvs_sync") || strings.Contains(stderr, "mail") || strings.Contains(stdout+stderr, "MY_PASS") {
		t.Errorf("stderr %q", stderr)
	}
}

func TestCheckEvery(t *testing.T) {
	status, stdout, stderr := outcome(t, everyFile, "-t")
	if status != 0 || strings.Count(stderr, "warning") != 1 || !strings.Contains(stdout, "10.10.10.49:80, if the weight of those that are up is below 3") || !strings.Contains(stdout, "2 virtual servers") {
		t.Errorf("status %d, stdout:\n%s\nstderr:\n%s", status, stdout, stderr)
	}
}

// TestSameFiles has keepalived accept the files that the director does.
func TestSameFiles(t *testing.T) {
	program := netlabtest.Program(t, "keepalived")
	for name, text := range map[string]string{"setting": settingFile, "every": everyFile} {
		file := filepath.Join(t.TempDir(), "keepalived.conf")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(program, "-t", "-l", "-f", file).CombinedOutput()
		if err != nil {
			t.Errorf("%s: keepalived: %v\n%s", name, err, out)
		}
		if status, _, stderr := outcome(t, text, "-t"); status != 0 {
			t.Errorf("%s: director: status %d, %s", name, status, stderr)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"lb_algo wlc", "lb_algo best", "keepalived.conf:27: lb_algo"},
		{"weight 50", "weight -1", "0 to 65535"},
		{"priority 150", "priority 256", "1 to 255"},
		{"daemon eth0 VI_1", "daemon eth0 VI_2", "no vrrp_instance VI_2"},
		{"TCP_CHECK {", "TPC_CHECK {", "keepalived.conf:33: TPC_CHECK"},
	} {
		status, stdout, stderr := outcome(t, strings.Replace(settingFile, c.old, c.new, 1), "-t")
		if status != 1 || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: status %d, stdout %q, stderr %q", c.new, status, stdout, stderr)
		}
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
		{[]string{"-t", "-f", "/nowhere/keepalived.conf"}, 1, "/nowhere/keepalived.conf"},
	} {
		var out, err bytes.Buffer
		if status := command(c.args, &out, &err, nil); status != c.status || !strings.Contains(err.String(), c.want) {
			t.Errorf("%q: status %d, %q", c.args, status, err.String())
		}
	}
}
