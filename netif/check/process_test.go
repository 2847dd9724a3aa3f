// SPDX-License-Identifier: Apache-2.0

package check

import (
	"errors"
	"testing"
)

func TestCount(t *testing.T) {
	for _, c := range []struct {
		min, max, n int
		want        string
	}{
		{0, 0, 0, "check: process x: number of processes: 0, at least 1 must run"},
		{0, 0, 1, ""},
		{0, 0, 1000, ""},
		{3, 0, 2, "check: process x: number of processes: 2, at least 3 must run"},
		{3, 0, 3, ""},
		{0, 1, 1, ""},
		{0, 1, 2, "check: process x: number of processes: 2, at most 1 may run"},
		{2, 4, 5, "check: process x: number of processes: 5, at most 4 may run"},
		{-1, -1, 1, ""},
	} {
		err := (&ProcessConfig{Name: "x", Min: c.min, Max: c.max}).judge(c.n)
		if got := errorText(err); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
		if err != nil && !errors.Is(err, ErrCount) {
			t.Errorf("%v does not match ErrCount", err)
		}
	}
}

// errorText returns the text of an error, empty for none.
func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestProcessOfNoName(t *testing.T) {
	err := Process(ProcessConfig{})(t.Context())
	if got := errorText(err); got != "check: process: there must be a name or a command line" {
		t.Errorf("error %q", got)
	}
}

// TestNamed holds how /proc/PID/stat is read: proc(5).
func TestNamed(t *testing.T) {
	for _, c := range []struct {
		stat, name string
		want       bool
	}{
		{"1 (haproxy) S 1 2", "haproxy", true},
		{"1 (haproxy) R", "haproxy", true},
		{"1 (haproxy) Z 1 2", "haproxy", false},
		{"1 (haproxy) X 1 2", "haproxy", false},
		{"1 (haproxy2) S 1 2", "haproxy", false},
		{"1 (xhaproxy) S 1 2", "haproxy", false},
		{"1 (a) b (c) S 1 2", "a) b (c", true},
		{"1 (abcdefghijklmno) S 1", "abcdefghijklmnopqrstuvw", true},
		{"1 (abcdefghijklmno) S 1", "abcdefghijklmn", false},
		{"", "haproxy", false},
		{"1 haproxy S", "haproxy", false},
		{"1 (haproxy)", "haproxy", false},
		{"1 (haproxy) ", "haproxy", false},
		{")(", "", false},
	} {
		if got := (&ProcessConfig{Name: c.name}).named(c.stat); got != c.want {
			t.Errorf("%q, name %q: %v", c.stat, c.name, got)
		}
	}
}

func TestCalled(t *testing.T) {
	for _, c := range []struct {
		cmdline string
		argv    []string
		want    bool
	}{
		{"nginx\x00-g\x00daemon off;\x00", []string{"nginx"}, true},
		{"nginx\x00-g\x00daemon off;\x00", []string{"nginx", "-g"}, true},
		{"nginx\x00-g\x00daemon off;\x00", []string{"nginx", "-g", "daemon off;"}, true},
		{"nginx\x00-g\x00", []string{"nginx", "-g", "daemon off;"}, false},
		{"nginx\x00-g\x00", []string{"-g"}, false},
		{"nginx\x00-gx\x00", []string{"nginx", "-g"}, false},
		{"nginx: master process /usr/sbin/nginx\x00", []string{"nginx: master process /usr/sbin/nginx"}, true},
		{"", []string{"nginx"}, false},
		{"\x00", []string{""}, true},
	} {
		if got := (&ProcessConfig{Argv: c.argv}).called(c.cmdline); got != c.want {
			t.Errorf("%q, arguments %q: %v", c.cmdline, c.argv, got)
		}
	}
}
