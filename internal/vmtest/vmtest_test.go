// SPDX-License-Identifier: Apache-2.0

package vmtest

import (
	"bytes"
	"debug/elf"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestSplit wants the output of each test, those that ran side by side included.
func TestSplit(t *testing.T) {
	const output = `=== RUN   TestA
=== PAUSE TestA
=== RUN   TestB
=== RUN   TestB/sub
    b_test.go:7: of the subtest
--- PASS: TestB (0.10s)
    --- PASS: TestB/sub (0.10s)
=== RUN   TestC
--- SKIP: TestC (0.00s)
=== CONT  TestA
    a_test.go:3: --- PASS: TestA (a message)
--- FAIL: TestA (1.00s)
=== RUN   TestD
panic: it ends here
`
	parts := split(output)
	got := map[string]string{}
	for _, name := range []string{"TestA", "TestB", "TestC", "TestD", "TestE"} {
		got[name] = result(name, parts[name])
	}
	want := map[string]string{"TestA": "FAIL", "TestB": "PASS", "TestC": "SKIP", "TestD": "", "TestE": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if !strings.Contains(parts["TestB"], "of the subtest") || !strings.Contains(parts["TestA"], "a message") || !strings.Contains(parts["TestD"], "panic") {
		t.Errorf("%q", parts)
	}
}

// TestOutcome tells the end of the tests from that of the machine.
func TestOutcome(t *testing.T) {
	for _, c := range []struct {
		stdout string
		run    error
		output string
		want   string
	}{
		{"PASS\r\nvmtest: exit status 0\r\n", nil, "PASS\n", ""},
		{"FAIL\nvmtest: exit status 1\n", nil, "FAIL\n", "exit status 1"},
		{"half a li", nil, "half a li", "went down"},
		{"half a li", errors.New("killed"), "half a li", "killed"},
	} {
		output, err := outcome(c.stdout, c.run)
		if output != c.output || (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %q, %v", c.stdout, output, err)
		}
	}
}

// TestScript wants the tests' names and the environment to stand as they are.
func TestScript(t *testing.T) {
	t.Setenv(requireEnv, "it's")
	c := Config{Tests: []string{"TestA", "TestB"}, Parallel: 2}
	got := c.script(100 * time.Second)
	for _, want := range []string{"-test.run='^(TestA|TestB)$'", "-test.parallel=2", "-test.timeout=1m35s", requireEnv + `='it'\''s'`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in\n%s", want, got)
		}
	}
}

// TestArchive wants an archive that cpio reads.
func TestArchive(t *testing.T) {
	cpio, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	a := &archive{}
	a.mkdir("/empty")
	a.add("/a/b/one", []byte("1"), 0o644)
	a.add("/a/b/one", []byte("once more"), 0o644)
	a.add("/init", []byte("two\n"), 0o755)
	file := filepath.Join(dir, "archive")
	if err := a.write(file); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(cpio, "cpio", "-i")
	cmd.Dir, cmd.Stdin = t.TempDir(), bytes.NewReader(content)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got := map[string]string{}
	err = fs.WalkDir(os.DirFS(cmd.Dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(cmd.Dir, name))
		info, statErr := d.Info()
		got[name] = info.Mode().String() + " " + string(text)
		return errors.Join(err, statErr)
	})
	want := map[string]string{"a/b/one": "-rw-r--r-- 1", "init": "-rwxr-xr-x two\n"}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, files (-want +got):\n%s", err, diff)
	}
}

// TestLibraries wants what a program is linked with to come along, and an error about what is missing.
func TestLibraries(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file, err := elf.Open(self)
	if err != nil {
		t.Skipf("no programs in ELF here: %v", err)
	}
	defer file.Close()
	needed, err := file.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	a := &archive{}
	if err := a.program("/bin/self", self); err != nil {
		t.Skipf("not a system as the guest's: %v", err)
	}
	for _, name := range needed {
		if !slices.ContainsFunc(sortedNames(a), func(file string) bool { return filepath.Base(file) == name }) {
			t.Errorf("%s is missing among %v", name, sortedNames(a))
		}
	}
	if err := a.library("libnone.so.1"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a library that is not there: %v", err)
	}
	if err := a.program("/bin/text", "vmtest_test.go"); err == nil {
		t.Error("a program that is none")
	}
}

func sortedNames(a *archive) (names []string) {
	for name := range a.names {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestModules wants modules after those that they depend on, each once, and none that is part of the kernel.
func TestModules(t *testing.T) {
	k, err := openKernel()
	if err != nil {
		t.Skip(err)
	}
	content := func(name string) []byte {
		m, err := k.read(name)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	got, err := k.load([]string{"ip_vs", "nf-conntrack", k.builtin[0]})
	if err != nil {
		t.Fatal(err)
	}
	place := func(name string) int {
		return slices.IndexFunc(got, func(m []byte) bool { return bytes.Equal(m, content(name)) })
	}
	if place("nf_conntrack") < 0 || place("ip_vs") != len(got)-1 || place("nf_defrag_ipv4") > place("nf_conntrack") {
		t.Errorf("nf_defrag_ipv4 is at %d, nf_conntrack at %d, ip_vs at %d", place("nf_defrag_ipv4"), place("nf_conntrack"), place("ip_vs"))
	}
	if _, err := k.load([]string{"no_such_module"}); err == nil || !strings.Contains(err.Error(), "no_such_module") {
		t.Errorf("a module that is not there: %v", err)
	}
	if _, err := depends([]byte("text")); err == nil {
		t.Error("a module that is none")
	}
}
