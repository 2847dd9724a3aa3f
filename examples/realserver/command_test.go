// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// TestMain makes of this executable the program itself, for tests of it as a whole.
func TestMain(m *testing.M) {
	if os.Getenv(beProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// beProgram is the variable that says so.
const beProgram = "REALSERVER_TEST_MAIN"

// outcome runs the program.
func outcome(t *testing.T, args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = command(t.Context(), args, &out, &err)
	return status, out.String(), err.String()
}

func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"-h"}, 0, "-vip address"},
		{[]string{"-wrong"}, 2, "-wrong"},
		{nil, 2, "-vip is missing"},
		{[]string{"-vip", "10.10.10.10", "more"}, 2, `"more"`},
		{[]string{"-vip", "10.10.10.10/24"}, 2, "without prefix length"},
		{[]string{"-vip", "224.0.0.18"}, 2, "that clients reach"},
		{[]string{"-vip", "fe80::1"}, 2, "that clients reach"},
		{[]string{"-vip", "10.10.10.10", "-keep", "-check"}, 2, "only one of them"},
		{[]string{"-vip", "10.10.10.10", "-link", "dummy0"}, 2, "both dummy0"},
	} {
		if status, stdout, stderr := outcome(t, c.args...); status != c.status || !strings.Contains(stderr, c.want) || stdout != "" {
			t.Errorf("%q: status %d, stdout %q, stderr %q", c.args, status, stdout, stderr)
		}
	}
}

// TestCheck wants everything that is missing, with what to do about it, and nothing changed.
func TestCheck(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the settings are those of Linux")
	}
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	host := lab.Host("n1")
	for range 2 {
		err := host.Do(func() error {
			status, stdout, stderr := outcome(t, "-vip", host.Addr(0).String(), "-vip", "fd00::200", "-check")
			want := `net/ipv4/conf/all/arp_ignore is 0, not 1
  fix: sysctl -w net/ipv4/conf/all/arp_ignore=1
net/ipv4/conf/all/arp_announce is 0, not 2
  fix: sysctl -w net/ipv4/conf/all/arp_announce=2
there is no interface dummy0
  fix: ip link add dummy0 type dummy && ip link set dummy0 up
10.0.0.71/32 is not on dummy0
  fix: ip addr add 10.0.0.71/32 dev dummy0
fd00::200/128 is not on dummy0
  fix: ip addr add fd00::200/128 dev dummy0
10.0.0.71 is on eth0, where it is shown
  fix: ip addr del 10.0.0.71/24 dev eth0
`
			if status != 1 || stdout != want || !strings.Contains(stderr, "not ready") {
				t.Errorf("status %d, stdout:\n%s\nstderr %q", status, stdout, stderr)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
