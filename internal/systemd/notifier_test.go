// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// manager is the service manager's end.
type manager struct {
	t    *testing.T
	conn *net.UnixConn
}

// listen opens a socket of that name, as the manager does.
func listen(t *testing.T, name string) *manager {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		if runtime.GOOS == "windows" {
			t.Skip(err)
		}
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &manager{t, conn}
}

// next returns the next message.
func (m *manager) next() string {
	m.t.Helper()
	buf := make([]byte, 1<<16)
	if err := m.conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		m.t.Fatal(err)
	}
	n, err := m.conn.Read(buf)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(buf[:n])
}

// want checks the next messages.
func (m *manager) want(messages ...string) {
	m.t.Helper()
	for _, want := range messages {
		if diff := cmp.Diff(want, m.next()); diff != "" {
			m.t.Errorf("message (-want +got):\n%s", diff)
		}
	}
}

// environment is one with these variables.
type environment map[string]string

func (e environment) get(name string) string { return e[name] }

// open opens what environment asks for, as process 42.
func open(t *testing.T, e environment) *Notifier {
	t.Helper()
	n, err := Open(e.get, 42)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestWithoutVariables: nothing happens, whatever else there is.
func TestWithoutVariables(t *testing.T) {
	n := open(t, environment{"WATCHDOG_USEC": "1000000"})
	if n != nil {
		t.Fatal("there is somebody to tell")
	}
	called := false
	err := errors.Join(n.Ready("ready"), n.Reloading(), n.Status("status"), n.Stopping(), n.Alive(),
		n.Reload(func() error { called = true; return nil }, nil))
	n.Follow(t.Context(), Service{})()
	if err != nil || !called {
		t.Errorf("error %v, reloaded %v", err, called)
	}
}

func TestMessages(t *testing.T) {
	for kind, name := range map[string]string{"path": filepath.Join(t.TempDir(), "notify"), "abstract": fmt.Sprintf("@fhrp-test-%d-%d", os.Getpid(), time.Now().UnixNano())} {
		t.Run(kind, func(t *testing.T) {
			if kind == "abstract" && runtime.GOOS != "linux" {
				t.Skip("abstract names are Linux's")
			}
			m := listen(t, name)
			n := open(t, environment{"NOTIFY_SOCKET": name})
			if err := errors.Join(n.Ready("all\nis well"), n.Status("1 Active"), n.Alive(), n.Stopping()); err != nil {
				t.Fatal(err)
			}
			m.want("READY=1\nSTATUS=all is well", "STATUS=1 Active", "WATCHDOG=1", "STOPPING=1")
		})
	}
}

// TestMessageFitsTheManager: a message of more than 4,096 octets, or with one that is zero, is ignored as a whole, and a reload
// would never end; of a status that isn't UTF-8 the status is.
func TestMessageFitsTheManager(t *testing.T) {
	name := filepath.Join(t.TempDir(), "notify")
	m := listen(t, name)
	n := open(t, environment{"NOTIFY_SOCKET": name})
	for what, text := range map[string]string{
		"long":                 strings.Repeat("virtual router is not there\n", 4000),
		"long and of two each": "x" + strings.Repeat("ä", 4000),
		"with a zero octet":    "file \x00name",
		"no UTF-8":             "file \xffname",
	} {
		_ = n.Reload(func() error { return errors.New(text) }, nil)
		_, got := m.next(), m.next()
		if len(got) > 4096 || !strings.HasPrefix(got, "READY=1\nSTATUS=Reload failed: ") || strings.Contains(got, "\x00") || !utf8.ValidString(got) {
			t.Errorf("%s: message of %d octets: %.60q", what, len(got), got)
		}
	}
}

// TestReloading tells the time of the monotonic clock, by which the manager knows that a message is younger than its signal.
func TestReloading(t *testing.T) {
	name := filepath.Join(t.TempDir(), "notify")
	m := listen(t, name)
	n := open(t, environment{"NOTIFY_SOCKET": name})
	n.monotonic = func() (time.Duration, error) { return 1234567*time.Microsecond + 999, nil }
	summary := func() string { return "1 Active" }
	if err := n.Reload(func() error { return nil }, summary); err != nil {
		t.Error(err)
	}
	m.want("RELOADING=1\nMONOTONIC_USEC=1234567", "READY=1\nSTATUS=1 Active")
	broken := errors.New("line 7")
	if err := n.Reload(func() error { return broken }, summary); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	m.want("RELOADING=1\nMONOTONIC_USEC=1234567", "READY=1\nSTATUS=Reload failed: line 7")
	n.monotonic = func() (time.Duration, error) { return 0, errors.ErrUnsupported }
	if err := n.Reloading(); err != nil {
		t.Error(err)
	}
	m.want("RELOADING=1")
}

func TestMonotonic(t *testing.T) {
	before, err := monotonic()
	if runtime.GOOS != "linux" {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("error %v", err)
		}
		return
	}
	after, err2 := monotonic()
	if err != nil || err2 != nil || before <= 0 || after < before {
		t.Errorf("%v and %v, errors %v and %v", before, after, err, err2)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		env  environment
		want []string
	}{
		{environment{"NOTIFY_SOCKET": "run/notify"}, []string{"NOTIFY_SOCKET", `"run/notify"`, "path"}},
		{environment{"NOTIFY_SOCKET": "vsock:2:1234"}, []string{"NOTIFY_SOCKET", "vsock"}},
		{environment{"NOTIFY_SOCKET": "@"}, []string{"NOTIFY_SOCKET", `"@"`}},
		{environment{"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "0"}, []string{"WATCHDOG_USEC", `"0"`, "1 to"}},
		{environment{"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "-1"}, []string{"WATCHDOG_USEC", `"-1"`}},
		{environment{"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "18446744073709551615"}, []string{"WATCHDOG_USEC", "18446744073709551615"}},
		{environment{"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "3s"}, []string{"WATCHDOG_USEC", `"3s"`}},
	} {
		n, err := Open(c.env.get, 42)
		if n != nil || err == nil {
			t.Errorf("%v: %v, error %v", c.env, n, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%v: error %q lacks %q", c.env, err, want)
			}
		}
	}
}

// TestWatchdogPID: it is the process with the number that is watched, not one that has inherited the variables.
func TestWatchdogPID(t *testing.T) {
	for _, c := range []struct {
		usec, pid string
		want      time.Duration
	}{
		{"", "", 0}, {"", "42", 0}, {"3000000", "", 3 * time.Second}, {"3000000", "42", 3 * time.Second}, {"3000000", "43", 0}, {"1", "42", time.Microsecond},
		{"nonsense", "43", 0},
	} {
		n := open(t, environment{"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": c.usec, "WATCHDOG_PID": c.pid})
		if n.watchdog != c.want {
			t.Errorf("WATCHDOG_USEC %q, WATCHDOG_PID %q: %v, want %v", c.usec, c.pid, n.watchdog, c.want)
		}
	}
}

// TestNobodyListens: that the manager can't be told is an error that keeps its cause.
func TestNobodyListens(t *testing.T) {
	n := open(t, environment{"NOTIFY_SOCKET": filepath.Join(t.TempDir(), "notify")})
	if err := n.Ready("ready"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// TestReplaced: the manager is told of another process, and of nothing any more by this one.
func TestReplaced(t *testing.T) {
	name := filepath.Join(t.TempDir(), "notify")
	m := listen(t, name)
	n := open(t, environment{"NOTIFY_SOCKET": name})
	other := open(t, environment{"NOTIFY_SOCKET": name})
	if err := errors.Join(n.Replaced(7), n.Stopping(), n.Alive(), other.Ready("ready"), (*Notifier)(nil).Replaced(7)); err != nil {
		t.Fatal(err)
	}
	m.want("MAINPID=7", "READY=1\nSTATUS=ready")
}
