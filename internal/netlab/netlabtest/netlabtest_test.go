// SPDX-License-Identifier: Apache-2.0

package netlabtest_test

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

func TestEnterGivesAFreshNamespace(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	if !netlab.Inside() {
		t.Error("not inside")
	}
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp != 0 {
			t.Errorf("interface %s is up", i.Name)
		}
	}
}

func TestEnterFromSubtest(t *testing.T) {
	t.Run("one (with) signs", func(t *testing.T) {
		if netlabtest.Enter(t) {
			t.Log("inside")
		}
	})
}

func TestEnterSkipsWhatWasSkipped(t *testing.T) {
	skipped := t.Run("skip", func(t *testing.T) {
		t.Cleanup(func() {
			if !t.Skipped() {
				t.Error("not skipped")
			}
		})
		if netlabtest.Enter(t) {
			t.Skip("inside")
		}
	})
	if !skipped {
		t.Error("failed")
	}
}

// TestEnterFailsWhatFailed has a failure only where its environment asks for one, since a test can't undo its own.
func TestEnterFailsWhatFailed(t *testing.T) {
	const fail = "NETLABTEST_FAIL"
	if os.Getenv(fail) != "" {
		if netlabtest.Enter(t) {
			t.Error("the reason")
		}
		return
	}
	if err := netlab.Usable(); err != nil {
		t.Skip(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), fail+"=1")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "the reason") {
		t.Errorf("error %v, output:\n%s", err, out)
	}
}

func TestProgram(t *testing.T) {
	t.Run("there", func(t *testing.T) {
		if path := netlabtest.Program(t, "sh"); !strings.HasSuffix(path, "/sh") {
			t.Errorf("path %q", path)
		}
	})
	t.Run("absent", func(t *testing.T) {
		t.Setenv("FHRP_REQUIRE_PEERS", "")
		t.Cleanup(func() {
			if !t.Skipped() {
				t.Error("not skipped")
			}
		})
		netlabtest.Program(t, "no-such-program")
	})
}
