// SPDX-License-Identifier: Apache-2.0

//go:build unix

package instances

import (
	"bytes"
	"io/fs"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/vrrp"
)

// listen opens a pipe as its reader does, and returns what reads all that is there.
func listen(t *testing.T, path string) func() string {
	t.Helper()
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return func() string {
		var all []byte
		buffer := make([]byte, 1<<16)
		for {
			n, err := unix.Read(fd, buffer)
			if n <= 0 || err != nil {
				return string(all)
			}
			all = append(all, buffer[:n]...)
		}
	}
}

// piped returns a notifier with a pipe, and its log.
func piped(path string) (*notifier, *bytes.Buffer) {
	log := &bytes.Buffer{}
	n := newNotifier(slog.New(slog.NewTextHandler(log, nil)))
	n.tellTo([]keepalived.FIFO{{Path: path}})
	return n, log
}

// TestFIFOLines tells a pipe what keepalived.conf(5) says, also where there are no commands, and removes it.
func TestFIFOLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	n, log := piped(path)
	read := listen(t, path)
	n.set("INSTANCE", "VI_1", keepalived.Notify{})
	n.set("GROUP", "G 1", keepalived.Notify{})
	n.follow(t.Context(), nil, stream(
		event("VI_1", vrrp.Backup, vrrp.ReasonStartup), event("VI_1", vrrp.Active, vrrp.ReasonNoResponse),
		vrrp.Event{Kind: vrrp.EventGroup, Name: "G 1", State: vrrp.Active, Priority: 7},
		event("VI_1", vrrp.Initialize, vrrp.ReasonLinkDown)))
	want := "INSTANCE \"VI_1\" BACKUP 100\nINSTANCE \"VI_1\" MASTER 100\nGROUP \"G 1\" MASTER 0\nINSTANCE \"VI_1\" FAULT 100\n" +
		"INSTANCE \"VI_1\" STOP 100\nGROUP \"G 1\" STOP 0\n"
	if diff := cmp.Diff(want, read()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	n.tellTo(nil)
	if _, err := os.Lstat(path); !os.IsNotExist(err) || log.Len() > 0 {
		t.Errorf("%v, log %q", err, log)
	}
}

// TestFIFONobodyReads blocks on nothing, says so once for each time that the pipe is full, and goes on when there is room.
func TestFIFONobodyReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	n, log := piped(path)
	defer n.tellTo(nil)
	n.set("INSTANCE", "V", keepalived.Notify{})
	flap := func() {
		for range 5000 {
			n.follow(t.Context(), nil, stream(event("V", vrrp.Backup, vrrp.ReasonStartup), event("V", vrrp.Active, vrrp.ReasonNoResponse)))
		}
	}
	flap()
	if told := strings.Count(log.String(), "left out"); told != 1 {
		t.Errorf("told %d times: %.200s", told, log)
	}
	read := listen(t, path)
	if text := read(); len(text) == 0 || !strings.HasSuffix(text, "\n") {
		t.Errorf("%d octets that end in the middle of a line", len(text))
	}
	flap()
	if told := strings.Count(log.String(), "left out"); told != 2 {
		t.Errorf("told %d times", told)
	}
}

// TestFIFOReload leaves a pipe alone that is in both files.
func TestFIFOReload(t *testing.T) {
	dir := t.TempDir()
	a, b := keepalived.FIFO{Path: filepath.Join(dir, "a")}, keepalived.FIFO{Path: filepath.Join(dir, "b")}
	n, log := piped(a.Path)
	before, err := os.Lstat(a.Path)
	if err != nil || before.Mode().Type() != fs.ModeNamedPipe {
		t.Fatal(before, err)
	}
	n.tellTo([]keepalived.FIFO{b, a})
	after, err := os.Lstat(a.Path)
	if err != nil || !os.SameFile(before, after) || len(n.fifos.open) != 2 {
		t.Error(err)
	}
	n.tellTo([]keepalived.FIFO{b})
	if _, err := os.Lstat(a.Path); !os.IsNotExist(err) || len(n.fifos.open) != 1 || log.Len() > 0 {
		t.Errorf("%v, log %q", err, log)
	}
	n.tellTo(nil)
}

// TestFIFOOfOthers uses no file and no link that is there already, but a pipe, which stays.
func TestFIFOOfOthers(t *testing.T) {
	dir := t.TempDir()
	file, link, pipe := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(pipe, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, link, filepath.Join(dir, "no", "folder")} {
		if p, err := openFIFO(keepalived.FIFO{Path: path}); err == nil {
			t.Errorf("%s was opened", path)
			_ = p.Close()
		}
	}
	n, log := piped(pipe)
	n.tellTo(nil)
	if _, err := os.Lstat(pipe); err != nil || log.Len() > 0 {
		t.Errorf("%v, log %q", err, log)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "text" {
		t.Errorf("%q, %v", text, err)
	}
}

// TestFIFOOwner gives a new pipe to whom the file names, by name and number.
func TestFIFOOwner(t *testing.T) {
	self, err := user.Current()
	if err != nil {
		t.Skip(err)
	}
	for _, spec := range []keepalived.FIFO{{User: self.Username}, {User: self.Uid, Group: self.Gid}, {}} {
		spec.Path = filepath.Join(t.TempDir(), "fifo")
		p, err := openFIFO(spec)
		if err != nil {
			t.Errorf("%+v: %v", spec, err)
			continue
		}
		_ = p.Close()
	}
	for _, spec := range []keepalived.FIFO{{User: "no-such-user"}, {Group: "no-such-group"}} {
		spec.Path = filepath.Join(t.TempDir(), "fifo")
		if _, err := openFIFO(spec); err == nil || !strings.Contains(err.Error(), "no-such-") {
			t.Errorf("%+v: %v", spec, err)
		}
	}
}

// TestFIFOByReload tells a pipe that comes with a reload of instances that are configured as before, for which nothing is sent.
func TestFIFOByReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, 1)
		b.apply(one("A", 0, 1, 100, ""))
		time.Sleep(10 * time.Second)
		b.took()
		b.apply("global_defs {\n vrrp_notify_fifo " + filepath.Join(t.TempDir(), "fifo") + "\n}\n" + one("A", 0, 1, 100, ""))
		synctest.Wait()
		if sent := b.took(); len(sent) > 0 {
			t.Errorf("the reload sent %v", sent)
		}
		if d := b.roster.notifier.desks[deskKey{"INSTANCE", "A"}]; d == nil || d.prio != 100 {
			t.Errorf("%+v", d)
		}
		b.stop()
		b.roster.notifier.tellTo(nil)
	})
}
