// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// network makes the interfaces that the configurations name, in a network namespace of its own.
const network = `ip link set lo up
for i in 0 1; do
	ip link add eth$i type veth peer name p$i
	ip link set eth$i up
	ip link set p$i up
	ip addr add 10.$i.0.71/24 dev eth$i
done
`

// isolated returns a command that runs a shell script where the network of this machine is out of reach.
func isolated(t *testing.T, script string, args ...string) *exec.Cmd {
	t.Helper()
	skip := t.Skipf
	if os.Getenv("FHRP_REQUIRE_PEERS") == "1" {
		skip = t.Fatalf
	}
	for _, name := range []string{"keepalived", "unshare", "ip"} {
		if _, err := exec.LookPath(name); err != nil {
			skip("keepalived can't be asked: %v", err)
		}
	}
	if os.Geteuid() != 0 {
		skip("keepalived can't be asked: needs root")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return exec.CommandContext(ctx, "unshare", append([]string{"-n", "sh", "-c", network + script, "sh"}, args...)...)
}

// The verdicts of keepalived are those of the table.
func TestVerdictsOfKeepalived(t *testing.T) {
	dir := t.TempDir()
	cmd := isolated(t, `for f in "$1"/*.conf; do keepalived -t -f $f > $f.said 2>&1; echo $? > $f.code; done`, dir)
	for i, v := range verdicts {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.conf", i)), []byte(v.text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for i, v := range verdicts {
		name := filepath.Join(dir, fmt.Sprintf("%03d.conf", i))
		code, err := os.ReadFile(name + ".code")
		if err != nil {
			t.Fatal(err)
		}
		if accepted := strings.TrimSpace(string(code)) == "0"; accepted != v.theirs {
			said, _ := os.ReadFile(name + ".said")
			t.Errorf("%s: accepted %t, want %t\n%s\n%s", v.name, accepted, v.theirs, v.text, said)
		}
	}
}

// What keepalived itself says that it has read.
func TestValuesOfKeepalived(t *testing.T) {
	const text = `global_defs {
	vrrp_garp_master_delay 7
	vrrp_garp_lower_prio_repeat 2
	vrrp_down_timer_adverts 4
}
vrrp_instance master_without_priority {
	state MASTER
	interface eth0
	virtual_router_id 1
	authentication {
		auth_type PASS
		auth_pass "a#b c789TOO LONG"
	}
	virtual_ipaddress {
		10.0.0.100/24 dev eth1 label eth1:x scope link
		10.0.0.101
	}
}
vrrp_instance version_3 {
	interface eth0
	virtual_router_id 2
	advert_int 2.5
	version 3
	garp_master_repeat 0
	garp_master_refresh 60
	garp_lower_prio_delay 3
	preempt_delay 1.5
	lower_prio_no_advert
	virtual_ipaddress { 10.0.0.102 }
}
vrrp_instance ipv6_owner {
	interface eth0
	virtual_router_id 2
	priority 255
	higher_prio_send_advert on
	virtual_ipaddress { fe80::1/64 }
}
vrrp_instance dropped {
	interface eth1
	virtual_router_id 3
	nopreempt
	preempt_delay 5
	down_timer_adverts 3
	no_accept
	virtual_ipaddress { 10.0.0.103 }
}
vrrp_instance strict {
	interface eth1
	virtual_router_id 4
	strict_mode
	state MASTER
	priority 9
	preempt_delay 5
	virtual_ipaddress { 10.0.0.104 }
}
`
	dir := t.TempDir()
	cmd := isolated(t, `exec keepalived -n -l -d -P -f "$1/k.conf" -p "$1/a" -r "$1/b" 2>&1`, dir)
	version, err := exec.Command("keepalived", "--version").CombinedOutput()
	if err != nil || !bytes.Contains(version, []byte(" v2.2.")) {
		t.Skipf("the words of this version are not known: %s", version)
	}
	if err := os.WriteFile(filepath.Join(dir, "k.conf"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := keepalived.Read(source(text))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]map[string]string{}
	for i := range c.Instances {
		want[c.Instances[i].Name] = inTheirWords(&c.Instances[i])
	}
	if diff := gocmp.Diff(want, theirDump(t, cmd)); diff != "" {
		t.Errorf("-ours +theirs:\n%s", diff)
	}
}

// inTheirWords writes an instance as keepalived's option -d does.
func inTheirWords(in *keepalived.Instance) map[string]string {
	able := map[bool]string{true: "enabled", false: "disabled"}
	interval := fmt.Sprintf("%d sec", in.Interval/time.Second)
	if in.Version == 3 {
		interval = fmt.Sprintf("%d milli-sec", in.Interval/time.Millisecond)
	}
	said := map[string]string{
		"VRRP Version":                                     fmt.Sprint(in.Version),
		"Wantstate":                                        in.State.String(),
		"Interface":                                        in.Interface,
		"Gratuitous ARP delay":                             fmt.Sprint(in.GARP.Delay.Seconds()),
		"Gratuitous ARP repeat":                            fmt.Sprint(in.GARP.Repeat),
		"Gratuitous ARP refresh":                           fmt.Sprint(in.GARP.Refresh.Seconds()),
		"Gratuitous ARP refresh repeat":                    fmt.Sprint(in.GARP.RefreshRepeat),
		"Gratuitous ARP lower priority delay":              fmt.Sprint(in.GARP.LowerPrioDelay.Seconds()),
		"Gratuitous ARP lower priority repeat":             fmt.Sprint(in.GARP.LowerPrioRepeat),
		"Down timer adverts":                               fmt.Sprint(in.DownTimerAdverts),
		"Send advert after receive lower priority advert":  fmt.Sprint(!in.LowerPrioNoAdvert),
		"Send advert after receive higher priority advert": fmt.Sprint(in.HigherPrioSendAdvert),
		"Virtual Router ID":                                fmt.Sprint(in.VRID),
		"Priority":                                         fmt.Sprint(in.Priority),
		"Advert interval":                                  interval,
		"Accept":                                           able[in.Accept],
		"Preempt":                                          able[!in.NoPreempt],
	}
	if in.PreemptDelay > 0 {
		said["Preempt delay"] = fmt.Sprint(in.PreemptDelay.Seconds()) + " secs"
	}
	if in.Version == 2 {
		said["Authentication type"] = "none"
	}
	if in.Auth.Type == keepalived.AuthPass {
		said["Authentication type"], said["Password"] = "SIMPLE_PASSWORD", in.Auth.Pass.Reveal()
	}
	for _, a := range in.Addresses {
		said["Virtual IP"] += addressInTheirWords(in, a)
	}
	return said
}

func addressInTheirWords(in *keepalived.Instance, a keepalived.Address) string {
	said := " " + a.Prefix.String()
	if a.Prefix.IsSingleIP() {
		said = " " + a.Prefix.Addr().String()
	}
	scope := map[uint8]string{0: "global", 253: "link"}[a.Scope]
	said += " dev " + cmp.Or(a.Device, in.Interface) + " scope " + scope
	if a.Label != "" {
		said += " label " + a.Label
	}
	if in.IPv6 {
		said += " preferred_lft forever"
	}
	return said
}

// theirDump runs keepalived until it has said what it has read, and returns that by instance.
func theirDump(t *testing.T, cmd *exec.Cmd) map[string]map[string]string {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said, current := map[string]map[string]string{}, map[string]string(nil)
	pair := regexp.MustCompile(`: +([A-Z][A-Za-z ]*) = (.*)$`)
	ignored := regexp.MustCompile(`^(Number of|Using|Promote|Notify|Debug)`)
	address := regexp.MustCompile(`:  {5}([0-9a-f].*)$`)
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "------< Interfaces >------") {
		m := pair.FindStringSubmatch(lines.Text())
		if a := address.FindStringSubmatch(lines.Text()); a != nil && current != nil {
			current["Virtual IP"] += " " + a[1]
		}
		switch {
		case m == nil || ignored.MatchString(m[1]):
		case m[1] == "VRRP Instance":
			current = map[string]string{}
			said[m[2]] = current
		case current != nil:
			current[m[1]] = m[2]
		}
	}
	cmd.Process.Signal(syscall.SIGTERM)
	io.Copy(io.Discard, out)
	cmd.Wait()
	return said
}

// The samples that come with keepalived are accepted, but for those that keepalived refuses too: one has members of a
// vrrp_sync_group outside a block group, the other a rule whose address has three octets.
func TestSamplesOfKeepalived(t *testing.T) {
	const dir = "/usr/share/doc/keepalived/samples"
	samples, err := filepath.Glob(dir + "/keepalived.conf.*")
	if err != nil || len(samples) == 0 {
		t.Skipf("no samples in %s", dir)
	}
	for _, sample := range samples {
		_, err := keepalived.Read(keepalived.Source{FS: os.DirFS("/"), File: sample, ID: "high"})
		if refused := strings.HasSuffix(sample, ".vrrp.lvs_syncd") || strings.HasSuffix(sample, ".vrrp.rules"); (err != nil) != refused {
			t.Errorf("%s: %v", sample, err)
		}
	}
}
