// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/netif/track"
)

// grouped has two virtual hosts that move as one and depend on the same file, and one of its own.
const grouped = `interface = eth0
pass = secret
watch-file = /run/carpd.down
watch-interval = 5
[web]
vhid = 1
group = front
addr = 10.0.0.100/24
[mail]
vhid = 2
group = front
addr = 10.0.0.101/24
watch-interface = eth1
demotion = 100
[dns]
vhid = 3
addr = 10.0.0.102/24
watch-command = PROGRAM -q  a
watch-interval = 2
`

// checker makes one that can be executed.
func checker(t *testing.T) string { return write(t, "check", "#!/bin/sh\nexit 0\n") }

func TestGroupsAndConditions(t *testing.T) {
	check := checker(t)
	file := write(t, "carpd.conf", strings.Replace(grouped, "PROGRAM", check, 1))
	status, stdout, stderr := outcome("-t", "--config", file)
	want := `web: virtual host 1 on eth0, advbase 1 advskew 0, dead ratio 3
  10.0.0.100/24 on eth0
  group front
  watches file /run/carpd.down every 5s: takes no part
mail: virtual host 2 on eth0, advbase 1 advskew 0, dead ratio 3
  10.0.0.101/24 on eth0
  group front
  watches file /run/carpd.down every 5s: advskew 100 more
  watches interface eth1 every 5s: advskew 100 more
dns: virtual host 3 on eth0, advbase 1 advskew 0, dead ratio 3
  10.0.0.102/24 on eth0
  watches file /run/carpd.down every 2s: takes no part
  watches command ` + check + ` -q  a every 2s: takes no part
3 virtual hosts
`
	if status != exitOK || stderr != "" || stdout != want {
		t.Errorf("status %d, stderr %q, stdout (-want +got):\n%s", status, stderr, cmp.Diff(want, stdout))
	}
}

// TestConditionsAreShared has a condition looked at once for all virtual hosts that depend on it in the same way.
func TestConditionsAreShared(t *testing.T) {
	p, err := readPlan(newSettings(), []string{"--config", write(t, "carpd.conf", strings.Replace(grouped, "PROGRAM", checker(t), 1))})
	if err != nil {
		t.Fatal(err)
	}
	all := watches{}
	var lists [][]track.Track
	for _, v := range p.instances {
		list, err := all.of(v)
		if err != nil {
			t.Fatal(err)
		}
		lists = append(lists, list)
	}
	web, mail, dns := lists[0], lists[1], lists[2]
	if len(all) != 4 || web[0].Tracker != mail[0].Tracker || web[0].Tracker == dns[0].Tracker {
		t.Errorf("%d trackers", len(all))
	}
	if web[0].Action != (track.Action{Fault: true}) || mail[1].Action != (track.Action{Weight: -100}) {
		t.Errorf("%+v, %+v", web[0].Action, mail[1].Action)
	}
}

// TestWatchFile takes a file for good that isn't there.
func TestWatchFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "down")
	check := watch{kind: "file", name: path}.check()
	if err := check(t.Context()); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := check(t.Context()); err == nil {
		t.Error("a file that is there is taken for good")
	}
	if err := (watch{kind: "file", name: path + "/below"}).check()(t.Context()); err == nil {
		t.Error("what can't be looked at is taken for good")
	}
}

func TestErrorsOfConditions(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--watch-command", "/nowhere/check -q"}, "/nowhere/check"},
		{[]string{"--watch-command", "/etc/passwd"}, "whole path"},
		{[]string{"--watch-command", " "}, "not empty"},
		{[]string{"--watch-interface="}, "not empty"},
		{[]string{"--watch-interval", "0"}, "1 to 3600"},
		{[]string{"--demotion", "241"}, "1 to 240"},
		{[]string{"--group="}, "not empty"},
	} {
		status, stdout, stderr := outcome(least(append([]string{"-t"}, c.args...)...)...)
		if status != exitConfig || stdout != "" || !strings.Contains(stderr, c.want) || !strings.Contains(stderr, strings.TrimRight(c.args[0], "=")) {
			t.Errorf("%q: status %d, stdout %q, stderr %q", c.args, status, stdout, stderr)
		}
	}
}
