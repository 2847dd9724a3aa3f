// SPDX-License-Identifier: Apache-2.0

//go:build unix

package check_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/go-fhrp/fhrp/netif/check"
)

// shell returns a check that runs a script.
func shell(script string, args ...string) check.CommandConfig {
	return check.CommandConfig{Argv: append([]string{"/bin/sh", "-c", script, "sh"}, args...)}
}

// output returns what a script prints: it fails, and its error has it.
func output(t *testing.T, cfg check.CommandConfig) string {
	t.Helper()
	cfg.Argv[2] += "; exit 1"
	err := check.Command(cfg)(limited(t))
	if err == nil {
		t.Fatal("no error")
	}
	_, quoted, _ := strings.Cut(err.Error(), "output ")
	text, unquoted := strconv.Unquote(strings.TrimPrefix(quoted, "…"))
	if unquoted != nil {
		t.Fatal(err)
	}
	return text
}

func TestCommandStatus(t *testing.T) {
	for _, status := range []int{0, 1, 2, 126, 255} {
		err := check.Command(shell("exit " + strconv.Itoa(status)))(limited(t))
		exit, ok := errors.AsType[*exec.ExitError](err)
		if status == 0 && err != nil || status != 0 && (!ok || exit.ExitCode() != status) {
			t.Errorf("status %d: %v", status, err)
		}
	}
}

// TestFieldReport75 wants the status to count, and not what is printed; which is there to be seen.
func TestFieldReport75(t *testing.T) {
	if err := check.Command(shell("echo 5"))(limited(t)); err != nil {
		t.Error(err)
	}
	err := check.Command(shell("echo 0; echo more >&2; exit 5"))(limited(t))
	if err == nil || err.Error() != `check: command /bin/sh: exit status 5: output "0\nmore\n"` {
		t.Error(err)
	}
}

func TestCommandSignal(t *testing.T) {
	err := check.Command(shell("kill -9 $$"))(limited(t))
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Error(err)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		t.Errorf("%v is not the context's", err)
	}
}

// TestCommandStart wants the causes found for which a program can't be started.
func TestCommandStart(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, []byte("exit 0"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(cfg check.CommandConfig) error { return check.Command(cfg)(limited(t)) }
	if err := run(check.CommandConfig{Argv: []string{plain + "x"}}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no such program: %v", err)
	}
	if err := run(check.CommandConfig{Argv: []string{plain}}); !errors.Is(err, os.ErrPermission) {
		t.Errorf("not executable: %v", err)
	}
	cfg := shell("exit 0")
	cfg.Dir = plain
	if err := run(cfg); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("no folder: %v", err)
	}
}

// TestCommandNoShell wants arguments to come through as they are.
func TestCommandNoShell(t *testing.T) {
	args := []string{"$HOME", "a b", "", "`id`", "*", "\"'\\\n"}
	want := strings.Join(args, "|") + "|"
	if got := output(t, shell(`printf '%s|' "$@"`, args...)); got != want {
		t.Errorf("arguments %q, want %q", got, want)
	}
}

func TestCommandEnvironment(t *testing.T) {
	t.Setenv("CHECK_SECRET", "hunter2")
	const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	script := `echo "$PATH,$CHECK_SECRET,$HOME,$LANG,$X"; pwd; cat`
	if got, want := output(t, shell(script)), path+",,,,\n/\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	cfg := shell(script)
	cfg.Env, cfg.Dir = []string{"X=1", "PATH=/bin:/usr/bin"}, "/dev"
	if got, want := output(t, cfg), "/bin:/usr/bin,,,,1\n/dev\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestCommandOutputBound(t *testing.T) {
	const script = `i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done`
	for size, want := range map[int]int{0: 512, 10: 10, 5000: 5000} {
		cfg := shell(script)
		cfg.Output = size
		if got := output(t, cfg); len(got) != want || !strings.HasSuffix(got, "2999\n") {
			t.Errorf("bound %d: %d octets, the end is %.20q", size, len(got), got[max(0, len(got)-20):])
		}
	}
	cfg := shell("echo x; exit 3")
	cfg.Output = -1
	if err := check.Command(cfg)(limited(t)); err == nil || err.Error() != "check: command /bin/sh: exit status 3" {
		t.Error(err)
	}
}

// TestCommandGroupIsKilled wants the program and what it has started to be gone when the context ends. The writing end of a
// FIFO, which all of them hold, shows it.
func TestCommandGroupIsKilled(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(limited(t))
	result := make(chan error, 1)
	script := `echo before; exec 3>"$1"; (trap "" TERM; echo ready >&3; sleep 1000) & wait`
	go func() { result <- check.Command(shell(script, fifo))(ctx) }()

	r, err := os.Open(fifo)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	lines := bufio.NewReader(r)
	if line, err := lines.ReadString('\n'); line != "ready\n" {
		t.Fatalf("%q, %v", line, err)
	}
	cancel()
	err = <-result
	if exit, ok := errors.AsType[*exec.ExitError](err); !errors.Is(err, context.Canceled) || !ok || exit.Success() {
		t.Errorf("error %v", err)
	}
	if want := `check: command /bin/sh: context canceled: signal: killed: output "before\n"`; err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if rest, err := io.ReadAll(lines); len(rest) > 0 || err != nil { // the end comes when the last one is gone
		t.Errorf("%q, %v", rest, err)
	}
}

// TestCommandOwnGroup wants the program to lead a process group: a signal to this one's doesn't reach it.
func TestCommandOwnGroup(t *testing.T) {
	ps, err := exec.LookPath("ps")
	if err != nil {
		t.Skip("there is no ps")
	}
	fields := strings.Fields(output(t, shell(ps+` -o pgid= -p $$; echo $$`)))
	if len(fields) != 2 || fields[0] != fields[1] {
		t.Errorf("group and process: %q", fields)
	}
}

// TestCommandLeavesBehind wants a program's end to count when something goes on that holds its output.
func TestCommandLeavesBehind(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := check.Command(shell(`(read x <"$1") & exit 0`, fifo))(limited(t)); err != nil {
		t.Error(err)
	}
	w, err := os.OpenFile(fifo, os.O_WRONLY, 0) // opens, so the reader lives; and ends it
	if err != nil {
		t.Fatal(err)
	}
	w.Close()

	err = check.Command(shell(`(read x <"$1") & exit 4`, fifo))(limited(t))
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 4 {
		t.Error(err)
	}
	if w, err = os.OpenFile(fifo, os.O_WRONLY, 0); err != nil {
		t.Fatal(err)
	}
	w.Close()
}

// TestCommandEndedContext wants nothing started.
func TestCommandEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	mark := filepath.Join(t.TempDir(), "mark")
	if err := check.Command(shell(`: >"$1"`, mark))(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := os.Stat(mark); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the program ran: %v", err)
	}
}

func TestCommandConcurrently(t *testing.T) {
	look := check.Command(shell("echo x; exit 7"))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := look(limited(t)); err == nil || err.Error() != `check: command /bin/sh: exit status 7: output "x\n"` {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestCommandSameUser wants whoever runs this to be able to say so, without privileges.
func TestCommandSameUser(t *testing.T) {
	me := strconv.Itoa(os.Geteuid()) + " " + strconv.Itoa(os.Getegid())
	for _, c := range [][2]string{
		{strconv.Itoa(os.Geteuid()), strconv.Itoa(os.Getegid())},
		{"", strconv.Itoa(os.Getegid())},
		{"", ""},
	} {
		cfg := shell(`echo $(id -u) $(id -g)`)
		cfg.User, cfg.Group = c[0], c[1]
		if got := output(t, cfg); got != me+"\n" {
			t.Errorf("as %q: %q, want %q", c, got, me)
		}
	}
}

// TestCommandOtherUser runs as others, by name and number.
func TestCommandOtherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may be somebody else")
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Skip(err)
	}
	for _, c := range []struct{ user, group, want string }{
		{"nobody", "", nobody.Uid + " " + nobody.Gid + " " + nobody.Gid},
		{nobody.Uid, "", nobody.Uid + " " + nobody.Gid + " " + nobody.Gid},
		{"nobody", "4711", nobody.Uid + " 4711 4711"},
		{"4711", "4712", "4711 4712 4712"},
		{"", "4711", "0 4711 4711"},
	} {
		cfg := shell(`echo $(id -u) $(id -g) $(id -G)`)
		cfg.User, cfg.Group = c.user, c.group
		if got := output(t, cfg); got != c.want+"\n" {
			t.Errorf("as %q %q: %q, want %q", c.user, c.group, got, c.want)
		}
	}
}

// TestCommandNotAllowed wants it said who may not be somebody else.
func TestCommandNotAllowed(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may")
	}
	cfg := shell("exit 0")
	cfg.User = "root"
	if err := check.Command(cfg)(limited(t)); !errors.Is(err, os.ErrPermission) {
		t.Error(err)
	}
}

func TestCommandUnknownUser(t *testing.T) {
	for _, c := range [][2]string{
		{"no-such-user", ""}, {"no-such-user", "0"}, {"", "no-such-group"}, {"987654321", ""},
		{"-1", "0"}, {"4294967295", "0"}, {"99999999999", "0"}, {"", "-1"}, {"", "4294967295"},
	} {
		cfg := shell("exit 0")
		cfg.User, cfg.Group = c[0], c[1]
		if err := check.Command(cfg)(limited(t)); err == nil {
			t.Errorf("%q: no error", c)
		}
	}
}
