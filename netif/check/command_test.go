// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/netif/check"
)

func TestCommandConfig(t *testing.T) {
	for _, c := range []struct {
		argv []string
		want string
	}{
		{nil, "check: command: there must be a program"},
		{[]string{"true"}, "check: command true: must be an absolute path"},
		{[]string{"./true"}, "check: command ./true: must be an absolute path"},
		{[]string{""}, "check: command : must be an absolute path"},
	} {
		err := check.Command(check.CommandConfig{Argv: c.argv})(limited(t))
		if err == nil || err.Error() != c.want {
			t.Errorf("%q: %v, want %s", c.argv, err, c.want)
		}
	}
}

// TestNotHere wants systems that can't do it to say so.
func TestNotHere(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		here bool
		look func(context.Context) error
	}{
		"process": {runtime.GOOS == "linux", check.Process(check.ProcessConfig{Name: "x"})},
		"command": {runtime.GOOS != "windows", check.Command(check.CommandConfig{Argv: []string{self, "-test.run=^$"}})},
		"link":    {runtime.GOOS == "linux" || runtime.GOOS == "freebsd", check.Link("lo")},
	} {
		if err := c.look(limited(t)); errors.Is(err, errors.ErrUnsupported) == c.here {
			t.Errorf("%s on %s: %v", name, runtime.GOOS, err)
		}
	}
}

// TestArgumentsAreCopied wants a check not to change with what it was made from.
func TestArgumentsAreCopied(t *testing.T) {
	argv := []string{"relative"}
	look := check.Command(check.CommandConfig{Argv: argv})
	argv[0] = "changed"
	if err := look(limited(t)); err == nil || !strings.Contains(err.Error(), "relative") {
		t.Error(err)
	}
}
