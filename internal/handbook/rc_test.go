// SPDX-License-Identifier: Apache-2.0

package handbook

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// rcSubr stands for the one of FreeBSD: it has run_rc_command say what would be started, and what else there is.
const rcSubr = `
load_rc_config() { :; }
run_rc_command() { echo "$command_args"; echo "$rcvar ${extra_commands-} $start_precmd"; }
`

// TestRCScripts holds that scripts for rc(8) of FreeBSD run the program beside them with options that it has. They are run by
// sh(1) with a stand-in for rc.subr.
func TestRCScripts(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	for _, name := range files(t, "*/*.rc") {
		dir := t.TempDir()
		subr, script := filepath.Join(dir, "rc.subr"), filepath.Join(dir, "script")
		text := strings.Replace(read(t, name), ". /etc/rc.subr", ". "+subr, 1)
		for file, content := range map[string]string{subr: rcSubr, script: text} {
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		out, err := exec.Command(shell, "-eu", script, "start").CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
			continue
		}
		lines := strings.Split(string(out), "\n")
		_, command, found := strings.Cut(lines[0], " /usr/local/sbin/")
		folder := filepath.Base(filepath.Dir(name))
		if !found || checkCommand(t, name, command) != folder {
			t.Errorf("%s runs %q", name, lines[0])
		}
		for _, line := range []string{"# PROVIDE: " + folder, "# KEYWORD: shutdown"} {
			if !strings.Contains(text, line+"\n") {
				t.Errorf("%s: no line %q", name, line)
			}
		}
		if !strings.HasPrefix(lines[1], folder+"_enable ") {
			t.Errorf("%s: %q", name, lines[1])
		}
	}
}
