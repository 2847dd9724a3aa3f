// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"-h"}, 0, "-listen"},
		{[]string{"-wrong"}, 2, "-wrong"},
		{nil, 2, "-f, -vhid or both"},
		{[]string{"-f", "x", "y"}, 2, `"y"`},
		{[]string{"-vhid", "256"}, 2, "1 to 255"},
		{[]string{"-vhid", "1"}, 2, "-address and -passfile"},
		{[]string{"-vhid", "1", "-address", "10.0.0.300/24"}, 2, "10.0.0.300"},
		{[]string{"-f", "/nowhere/keepalived.conf", "-listen", "127.0.0.1:0"}, 1, "/nowhere/keepalived.conf"},
		{[]string{"-f", "x", "-listen", "nowhere"}, 1, "nowhere"},
	} {
		var stderr bytes.Buffer
		if status := command(c.args, &stderr, wills{}); status != c.status || !strings.Contains(stderr.String(), c.want) {
			t.Errorf("%q: status %d, %q", c.args, status, stderr.String())
		}
	}
}
