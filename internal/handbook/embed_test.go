// SPDX-License-Identifier: Apache-2.0

package handbook

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// buildApp makes a module beside this one of the program and the commands in the README, and returns the executable. What the
// module needs is there already: nothing is asked of the network.
func buildApp(t *testing.T) (file string) {
	t.Helper()
	text := section(t, read(t, "README.md"), "Embed it")
	programs, commands := blocks(text, "go"), blocks(text, "")
	if len(programs) != 1 || len(commands) != 1 {
		t.Fatalf("%d programs and %d blocks of commands, want one of each", len(programs), len(commands))
	}
	here, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string]string{"main.go": programs[0], "go.sum": read(t, "go.sum")} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for line := range strings.Lines(commands[0] + "go vet ./...\n") {
		words := strings.Fields(strings.ReplaceAll(line, "=../fhrp", "="+here))
		if words[0] == "sudo" {
			continue // see TestPrivileges
		}
		cmd := exec.Command(words[0], words[1:]...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
	}
	return filepath.Join(dir, "app")
}

// TestEmbeddingProgramBuilds pastes the program of the README into a module of its own, and runs the commands that follow it.
func TestEmbeddingProgramBuilds(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles a module")
	}
	buildApp(t)
}

// TestRowsAndBlocks holds that documents are read as they are meant.
func TestRowsAndBlocks(t *testing.T) {
	text := "a\n\n| x | y |\n|---|---|\n| 1 | `two` |\n\n```\nb\n```\n```go\nc\n```\n"
	if got := rows(text); len(got) != 1 || !slices.Equal(got[0], []string{"1", "`two`"}) {
		t.Errorf("rows %q", got)
	}
	if got := blocks(text, "go"); !slices.Equal(got, []string{"c\n"}) {
		t.Errorf("blocks %q", got)
	}
	if got := code("| `two` | x `y`"); !slices.Equal(got, []string{"two", "y"}) {
		t.Errorf("code %q", got)
	}
}
