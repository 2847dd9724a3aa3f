// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// procFolder makes a folder like /proc. A text is the stat, a line break, the arguments separated by spaces; without the
// line break there is no cmdline.
func procFolder(t *testing.T, processes map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for pid, text := range processes {
		stat, cmdline, ok := strings.Cut(text, "\n")
		write(t, filepath.Join(dir, pid, "stat"), stat)
		if ok {
			write(t, filepath.Join(dir, pid, "cmdline"), strings.ReplaceAll(cmdline, " ", "\x00")+"\x00")
		}
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func TestCountProcesses(t *testing.T) {
	dir := procFolder(t, map[string]string{
		"1":      "1 (systemd) S 0\n/sbin/init",
		"20":     "20 (nginx) S 1\nnginx -g x",
		"21":     "21 (nginx) S 20\nnginx -g y",
		"22":     "22 (nginx) Z 20\n",
		"23":     "23 (python3) R 1\npython3 /opt/nginx.py",
		"24":     "24 (nginx) S 2", // a thread of the kernel
		"self":   "20 (nginx) S 1\nnginx -g x",
		"driver": "20 (nginx) S 1\nnginx -g x",
	})
	if err := os.Mkdir(filepath.Join(dir, "99"), 0o700); err != nil { // it has just ended
		t.Fatal(err)
	}
	for _, c := range []struct {
		cfg  ProcessConfig
		want int
	}{
		{ProcessConfig{Name: "nginx"}, 3},
		{ProcessConfig{Argv: []string{"nginx"}}, 2},
		{ProcessConfig{Argv: []string{"nginx", "-g", "y"}}, 1},
		{ProcessConfig{Name: "nginx", Argv: []string{"nginx", "-g", "y"}}, 1},
		{ProcessConfig{Name: "python3", Argv: []string{"nginx"}}, 0},
		{ProcessConfig{Argv: []string{"python3", "/opt/nginx.py"}}, 1},
		{ProcessConfig{Name: "ngin"}, 0},
	} {
		if got, err := countIn(t.Context(), dir, &c.cfg); err != nil || got != c.want {
			t.Errorf("%+v: %d, %v, want %d", c.cfg, got, err, c.want)
		}
	}
}

func TestCountFailures(t *testing.T) {
	if _, err := countIn(t.Context(), filepath.Join(t.TempDir(), "proc"), &ProcessConfig{Name: "x"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without /proc: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Process(ProcessConfig{Name: "x"})(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %v", err)
	}
}

// TestProcessLive looks for this process, by all it goes by.
func TestProcessLive(t *testing.T) {
	comm, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimSuffix(string(comm), "\n")
	for _, cfg := range []ProcessConfig{
		{Name: name},
		{Argv: os.Args},
		{Name: name, Argv: os.Args[:1]},
	} {
		if err := Process(cfg)(t.Context()); err != nil {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
	for _, cfg := range []ProcessConfig{
		{Name: name, Argv: []string{"something else"}},
		{Name: "no such process"},
		{Argv: append(append([]string(nil), os.Args...), "no such argument")},
		{Argv: os.Args, Min: 1000},
	} {
		if err := Process(cfg)(t.Context()); !errors.Is(err, ErrCount) {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
}

// TestProcessArguments wants arguments kept out of errors: there may be secrets among them.
func TestProcessArguments(t *testing.T) {
	err := Process(ProcessConfig{Argv: []string{"no such program", "--password=hunter2"}})(t.Context())
	if got := errorText(err); got != "check: process no such program: number of processes: 0, at least 1 must run" {
		t.Errorf("error %q", got)
	}
}

func BenchmarkProcess(b *testing.B) {
	for name, cfg := range map[string]ProcessConfig{"name": {Name: "none"}, "argv": {Argv: []string{"none"}}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := countProcesses(b.Context(), &cfg); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
