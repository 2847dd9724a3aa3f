// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// A standard error that nobody reads holds nothing up: the script is called that adds the
// address, the backup hears the advertisements and stays, and the program ends when it
// is asked to.
func TestNobodyReadsTheLog(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	p := newPair(t, "10.0.0.100")
	scripts, _ := p.scriptsFor("n1")
	cmd := exec.Command("/proc/self/exe", p.args(append(scripts, "-f", "none", "-P")...)...)
	cmd.Env = append(os.Environ(), beCarpd+"=1")
	cmd.Stderr = netlabtest.FullPipe(t)
	if err := p.n1.Start(cmd); err != nil {
		t.Fatal(err)
	}
	p.wantHolder(p.n1)
	status := filepath.Join(t.TempDir(), "b.json")
	b := carpd(t, p.n2, p.args("-k", "100", "--status", status)...)
	b.wantLine("Switching to state: BACKUP")
	peer := `"peer": "` + p.n1.Addr(0).String() + `"`
	eventually(t, "advertisements", func() bool {
		b.signal(syscall.SIGUSR1)
		text, _ := os.ReadFile(status)
		return strings.Contains(string(text), peer)
	})
	if b.count("Switching to state: MASTER") > 0 {
		t.Error("the backup has taken over")
	}
	kill := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	p.wantHolder(p.n2)
}
