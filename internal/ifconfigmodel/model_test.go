// SPDX-License-Identifier: Apache-2.0

package ifconfigmodel_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/ifconfigmodel"
)

// ifconfig runs ifconfig for the interface of a model, which must succeed.
func ifconfig(t *testing.T, m *ifconfigmodel.Model, words string) string {
	t.Helper()
	r := m.Run(append([]string{"ifconfig", ifconfigmodel.Interface}, strings.Fields(words)...)...)
	if r.Exit != 0 {
		t.Fatalf("%s: %s", words, r.Stderr)
	}
	return r.Stdout
}

// TestAnnounced compares the gratuitous ARP requests with those in the captures that were taken beside section 7.
func TestAnnounced(t *testing.T) {
	m := ifconfigmodel.New(ifconfigmodel.Config{})
	for _, test := range []struct {
		command string
		want    int // packets captured
	}{
		{"ifconfig f-stack-0 inet 192.0.2.100/32 alias", 1}, // arp_add_fresh
		{"ifconfig f-stack-0 inet 192.0.2.100/32 alias", 1}, // arp_add_again
		{"ifconfig f-stack-0 inet 192.0.2.100 -alias", 0},   // arp_delete
		{"ifconfig f-stack-0 inet 192.0.2.102/24 alias", 1}, // arp_add_24
		{"ifconfig f-stack-0 inet 198.51.100.5/32 alias", 1},
		{"ifconfig f-stack-0 down", 0},
		{"ifconfig f-stack-0 up", 0}, // arp_down_up
		{"sysctl net.link.ether.inet.garp_rexmit_count=3", 0},
		{"ifconfig f-stack-0 inet 192.0.2.104/32 alias", 4}, // arp_rexmit3
		{"ifconfig f-stack-0 inet6 2001:db8::100/128 alias", 0},
		{"ifconfig lo0 inet 192.0.2.150/32 alias", 0},
	} {
		before := len(m.Announced())
		if r := m.Run(strings.Fields(test.command)...); r.Exit != 0 {
			t.Fatalf("%s: %s", test.command, r.Stderr)
		}
		if got := len(m.Announced()) - before; got != test.want {
			t.Errorf("%s: announced %d times, want %d", test.command, got, test.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	m := ifconfigmodel.New(ifconfigmodel.Config{})
	ifconfig(t, m, "inet 192.0.2.100 netmask 255.0.255.0 alias")
	ifconfig(t, m, "inet6 2001:db8::100/128 alias")
	want := []netip.Prefix{
		netip.MustParsePrefix("192.0.2.2/24"), netip.MustParsePrefix("fe80::ff:fe00:2/64"), netip.MustParsePrefix("2001:db8::100/128"),
	}
	if got := m.Addresses(); !slices.Equal(got, want) {
		t.Errorf("addresses %v, want %v", got, want)
	}
}

// TestUnprivileged has what was not recorded: the text is that of ifconfig's source.
func TestUnprivileged(t *testing.T) {
	m := ifconfigmodel.New(ifconfigmodel.Config{Unprivileged: true})
	before := ifconfig(t, m, "")
	for words, want := range map[string]string{
		"inet 192.0.2.100/32 alias":            "ifconfig: ioctl (SIOCAIFADDR): permission denied\n",
		"inet 192.0.2.2 -alias":                "ifconfig: ioctl (SIOCDIFADDR): permission denied\n",
		"inet6 2001:db8::100/128 no_dad alias": "ifconfig: ioctl(SIOCSIFINFO_IN6): Operation not permitted\nifconfig: ioctl (SIOCAIFADDR): permission denied\n",
	} {
		r := m.Run(append([]string{"ifconfig", ifconfigmodel.Interface}, strings.Fields(words)...)...)
		if diff := cmp.Diff(ifconfigmodel.Result{Stderr: want, Exit: 1}, r); diff != "" {
			t.Errorf("%s (-want +got):\n%s", words, diff)
		}
	}
	if after := ifconfig(t, m, ""); after != before {
		t.Errorf("changed to:\n%s", after)
	}
}

// TestWithoutNoDAD has an ifconfig that takes the word for the destination of a link.
func TestWithoutNoDAD(t *testing.T) {
	m := ifconfigmodel.New(ifconfigmodel.Config{WithoutNoDAD: true})
	r := m.Run("ifconfig", ifconfigmodel.Interface, "inet6", "2001:db8::100/128", "no_dad", "alias")
	if diff := cmp.Diff(ifconfigmodel.Result{Stderr: "ifconfig: no_dad: bad value\n", Exit: 1}, r); diff != "" || len(m.Addresses()) != 2 {
		t.Errorf("addresses %v, (-want +got):\n%s", m.Addresses(), diff)
	}
}

// TestDADNeedsTheLink: what is tentative on an interface that is down stays so.
func TestDADNeedsTheLink(t *testing.T) {
	m := ifconfigmodel.New(ifconfigmodel.Config{})
	ifconfig(t, m, "down")
	ifconfig(t, m, "inet6 2001:db8::100/128 alias")
	m.Pass(time.Minute)
	if out := ifconfig(t, m, ""); !strings.Contains(out, "2001:db8::100 prefixlen 128 tentative\n") {
		t.Errorf("listed:\n%s", out)
	}
}

func TestOutsideTheModel(t *testing.T) {
	m := ifconfigmodel.New(ifconfigmodel.Config{})
	for _, line := range []string{
		"reboot", "netstat -an", "route flush", "route add -host x y", "sysctl -a b", "sysctl net.inet.carp.allow=x",
		"ifconfig -z", "ifconfig -f", "ifconfig -a inet x", "ifconfig f-stack-0 inet6 2001:db8::1/64 vltime x alias",
		"ifconfig f-stack-0 netmask",
	} {
		if r := m.Run(strings.Fields(line)...); r.Exit == 0 || r.Stderr == "" || r.Stdout != "" {
			t.Errorf("%s: %+v", line, r)
		}
	}
	for _, event := range []string{"rain", "wait x", "wait", "neighbour x", "peer 1 x", "run ifconfig nosuch0"} {
		if err := m.Happen(event); err == nil {
			t.Errorf("%q happened", event)
		}
	}
}

func TestReadTranscripts(t *testing.T) {
	dir := func(text string) fstest.MapFS { return fstest.MapFS{"a.txt": {Data: []byte(text)}} }
	list, err := ifconfigmodel.ReadTranscripts(dir("# 1. Name\n~ carp\n\n~ wait 2\n; a note\n$ ifconfig a \"\"\n> x\n>\n! y\n= 1 EINVAL\n"))
	want := []ifconfigmodel.Transcript{{Name: "1. Name", CARP: true, Steps: []ifconfigmodel.Step{
		{Line: 4, Unrecorded: "wait 2"},
		{
			Line: 6, Note: "a note", Argv: []string{"ifconfig", "a", ""},
			Want: ifconfigmodel.Result{Stdout: "x\n\n", Stderr: "y\n", Exit: 1}, Errno: "EINVAL",
		},
	}}}
	if diff := cmp.Diff(want, list); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, text := range []string{"> x\n", "$ a\n? b\n", "$ a\n= x\n"} {
		if _, err := ifconfigmodel.ReadTranscripts(dir(text)); err == nil || !strings.Contains(err.Error(), "a.txt: line ") {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

func ExampleModel() {
	m := ifconfigmodel.New(ifconfigmodel.Config{})
	fmt.Println(m.Run("ifconfig", "f-stack-0", "inet", "192.0.2.100/32", "alias").Exit)
	fmt.Print(m.Run("ifconfig", "f-stack-0", "inet").Stdout)
	fmt.Print(m.Run("ifconfig", "f-stack-0", "inet", "192.0.2.101", "-alias").Stderr)
	// Output:
	// 0
	// f-stack-0: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> metric 0 mtu 1500
	// 	inet 192.0.2.2 netmask 0xffffff00 broadcast 192.0.2.255
	// 	inet 192.0.2.100 netmask 0xffffffff broadcast 192.0.2.100
	// ifconfig: ioctl (SIOCDIFADDR): Can't assign requested address
}
