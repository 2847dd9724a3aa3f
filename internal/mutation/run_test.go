// SPDX-License-Identifier: Apache-2.0

package mutation

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	sample = flag.Int("mutants", 0, "test this many mutants, chosen at random")
	seed   = flag.Uint64("seed", 0, "the choice of -mutants; 0: any")
	only   = flag.String("only", "", "test the mutants whose place in the code matches this regular expression")
)

// TestMutants holds that a test of the package fails for each mutant.
func TestMutants(t *testing.T) {
	asked, begin := choose(t), time.Now()
	caught, all := 0, 0
	for _, l := range lists(t) {
		var chosen []mutant
		for _, m := range l.mutants() {
			if asked(m) {
				chosen = append(chosen, m)
			}
		}
		if len(chosen) > 0 {
			all += len(chosen)
			caught += testMutants(t, l, chosen)
		}
	}
	fmt.Printf("mutants caught: %d of %d, in %v\n", caught, all, time.Since(begin).Round(time.Second))
}

// choose returns which mutants the flags and the environment ask for.
func choose(t *testing.T) func(mutant) bool {
	switch {
	case *only != "":
		place := regexp.MustCompile(*only)
		return func(m mutant) bool {
			return place.MatchString(fmt.Sprintf("%s/%s %s", m.list.dir, m.file, m.fn))
		}
	case *sample > 0:
		if *seed == 0 {
			*seed = rand.Uint64N(1e6) + 1
		}
		var places []string
		for _, l := range lists(t) {
			for _, m := range l.mutants() {
				places = append(places, fmt.Sprint(m.list.name, m.line))
			}
		}
		fmt.Printf("mutants: %d of %d, -seed %d\n", min(*sample, len(places)), len(places), *seed)
		chosen := map[string]bool{}
		for _, i := range rand.New(rand.NewPCG(*seed, 0)).Perm(len(places))[:min(*sample, len(places))] {
			chosen[places[i]] = true
		}
		return func(m mutant) bool { return chosen[fmt.Sprint(m.list.name, m.line)] }
	case os.Getenv("FHRP_LONG") == "1":
		return func(mutant) bool { return true }
	}
	t.Skip("-mutants 50 tests that many mutants, FHRP_LONG=1 all of them")
	return nil
}

// testMutants tests mutants of one list side by side, and returns how many were caught.
func testMutants(t *testing.T, l *list, mutants []mutant) int {
	t.Helper()
	program := filepath.Join(t.TempDir(), "tests")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-gcflags=-e", "-overlay="+overlay(t, l, mutants), "-o", program, "./"+l.dir)
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s with its mutants can't be built: %v\n%s", l.dir, err, out)
	}
	begin := time.Now()
	failed, used, err := runTests(t, l, program, 0, patience{5 * time.Minute, 5 * time.Minute})
	if failed != "" || err != nil {
		t.Fatalf("%s without a mutant: %s, %v", l.dir, failed, err)
	}
	p := patience{max(20*time.Second, 10*time.Since(begin)), 2*time.Second + 3*used}
	todo := make(chan int)
	var wait sync.WaitGroup
	var lock sync.Mutex
	caught := 0
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := range todo {
				failed, _, err := runTests(t, l, program, i+1, p)
				lock.Lock()
				switch {
				case err != nil:
					t.Errorf("%v\n%v", mutants[i], err)
				case failed == "":
					t.Errorf("no test fails: %v", mutants[i])
				default:
					caught++
					t.Logf("%s:%d: %s", l.name, mutants[i].line, failed)
				}
				lock.Unlock()
			}
		})
	}
	for i := range mutants {
		todo <- i
	}
	close(todo)
	wait.Wait()
	return caught
}

// patience bounds how long the tests may take, by the clock and of the processors: the latter is as long on a machine that
// is busy with something else.
type patience struct{ wall, cpu time.Duration }

// runTests runs the tests of a list's package on the mutant of a number, the original with 0. It returns which failed
// first, nothing if none did, and the time of the processors that was used. A mutant that has them run for ever is caught
// by patience.
func runTests(t *testing.T, l *list, program string, number int, p patience) (string, time.Duration, error) {
	limit := p.cpu.Truncate(time.Second) + time.Second
	args := []string{"-c", fmt.Sprintf(`ulimit -t %.0f && exec "$0" "$@"`, limit.Seconds()), program}
	args = append(args, "-test.short", "-test.failfast", fmt.Sprint("-test.timeout=", p.wall))
	if l.without != "" {
		args = append(args, "-test.skip="+l.without)
	}
	cmd := exec.CommandContext(t.Context(), "sh", args...)
	cmd.Dir = filepath.Join(root, l.dir)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", variable, number), "FHRP_LONG=") // that is for this package
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return "", 0, err
	}
	used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if err == nil {
		return "", used, nil
	}
	if failed := regexp.MustCompile(`(?m)^(--- FAIL: \S+|panic: .*|fatal error: .*)`).FindString(string(out)); failed != "" {
		return strings.TrimPrefix(failed, "--- FAIL: "), used, nil
	}
	if !exit.Exited() && used >= p.cpu/2 { // the kernel is not exact
		return fmt.Sprintf("killed after %v of the processors", used.Round(time.Second)), used, nil
	}
	return "", used, fmt.Errorf("the tests end with %w, and no test fails:\n%s", err, out)
}
