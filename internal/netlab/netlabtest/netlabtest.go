// SPDX-License-Identifier: Apache-2.0

// Package netlabtest runs tests in network namespaces of their own, see package netlab.
package netlabtest

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
)

// requireEnv names the environment variable that, set to 1, makes a failure of what would be a skipped test: where a
// test run is to prove something, nothing may be missing.
const requireEnv = "FHRP_REQUIRE_PEERS"

// Enter takes the test into fresh network namespaces, where [netlab.New] may be called:
//
//	func TestTakeover(t *testing.T) {
//		if !netlabtest.Enter(t) {
//			return
//		}
//		lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
//
// It runs this one test once more in a process of its own. Enter returns true there; here it returns false when that
// process has ended, and this test then has its result and its output. Where there are no namespaces the test is
// skipped, or fails if the environment says FHRP_REQUIRE_PEERS=1.
func Enter(t *testing.T) bool {
	t.Helper()
	if netlab.Inside() {
		return true
	}
	if err := netlab.Usable(); err != nil {
		Missing(t, err.Error())
	}
	out, err := run(command(t))
	switch result := result(t.Name(), out); {
	case err != nil:
		t.Errorf("in namespaces: %v\n%s", err, out)
	case result == "":
		t.Errorf("in namespaces: the test did not run\n%s", out)
	case result == "SKIP":
		t.Skipf("in namespaces:\n%s", out)
	case testing.Verbose():
		t.Logf("in namespaces:\n%s", out)
	}
	return false
}

// command returns the command that runs this test alone. It ends by itself somewhat before the time of this process is
// over, so that it can say what it was doing.
func command(t *testing.T) *exec.Cmd {
	args := []string{"-test.run=" + pattern(t.Name()), "-test.count=1", "-test.v"}
	if end, ok := t.Deadline(); ok {
		left := time.Until(end)
		args = append(args, fmt.Sprintf("-test.timeout=%v", max(left-left/10, time.Second)))
	}
	cmd := netlab.Command(args...)
	if os.Getenv("GORACE") == "" {
		// The race detector has a process sleep for a second at its end, and there are many of these.
		cmd.Env = append(cmd.Env, "GORACE=atexit_sleep_ms=10")
	}
	return cmd
}

// pattern returns the argument of -test.run that matches a test or subtest of that name only.
func pattern(name string) string {
	elements := strings.Split(name, "/")
	for i, e := range elements {
		elements[i] = "^" + regexp.QuoteMeta(e) + "$"
	}
	return strings.Join(elements, "/")
}

// run returns what the command printed. The thread is held meanwhile: the command dies with it.
func run(cmd *exec.Cmd) ([]byte, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return cmd.CombinedOutput()
}

// result returns what the output says about a test: PASS, SKIP or FAIL, or nothing if it did not run.
func result(name string, output []byte) string {
	line := regexp.MustCompile(`(?m)^ *--- ([A-Z]+): ` + regexp.QuoteMeta(name) + ` \(`)
	if m := line.FindSubmatch(output); m != nil {
		return string(m[1])
	}
	return ""
}

// New returns a lab that is closed when the test ends. The test must be inside, see [Enter].
func New(t *testing.T, cfg netlab.Config) *netlab.Lab {
	t.Helper()
	lab, err := netlab.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := lab.Close(); err != nil {
			t.Error(err)
		}
	})
	return lab
}

// Program returns the path of a program that the test runs against. Where it is not installed the test is skipped, or
// fails if the environment says FHRP_REQUIRE_PEERS=1.
func Program(t *testing.T, name string) string {
	t.Helper()
	// The directories of system programs are not in everybody's PATH.
	for _, dir := range []string{"", "/usr/sbin/", "/sbin/", "/usr/local/sbin/"} {
		if path, err := exec.LookPath(dir + name); err == nil {
			return path
		}
	}
	Missing(t, name+" is not installed")
	return ""
}

// Missing ends a test for want of something: it is skipped, or fails if the environment says FHRP_REQUIRE_PEERS=1.
func Missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv(requireEnv) == "1" {
		t.Fatalf("%s (%s=1)", what, requireEnv)
	}
	t.Skip(what)
}
