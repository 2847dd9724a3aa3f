// SPDX-License-Identifier: Apache-2.0

package guard_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/netif/guard"
	"github.com/go-fhrp/fhrp/vip"
)

// programEnv names the environment variable that makes TestProgram a program.
const programEnv = "FHRP_GUARD_TEST_PROGRAM"

// The wills of the program: id4 and id6 say goodbye, and between them name both addresses.
const (
	id4, id6           = 4, 6
	goodbye4, goodbye6 = "\x31 good bye 4", "\x31 good bye 6"
)

func vip4() netip.Prefix    { return netip.MustParsePrefix("10.0.0.100/24") }
func more4() netip.Prefix   { return netip.MustParsePrefix("10.0.0.101/32") } // nobody has it
func vip6() netip.Prefix    { return netip.MustParsePrefix("fd00::100/128") }
func group4() netip.Addr    { return netip.MustParseAddr("224.0.0.18") }
func group6() netip.Addr    { return netip.MustParseAddr("ff02::12") }
func source6() netip.Addr   { return netip.MustParseAddr("fe80::bad:1") } // need not be the host's
func source4() netip.Addr   { return netip.MustParseAddr("10.0.0.71") }
func isProgram() bool       { return os.Getenv(programEnv) != "" }
func addrs() []netip.Prefix { return []netip.Prefix{vip4(), vip6()} }

// TestProgram is not a test: started by startProgram, it is a program that has a guard, and does what it is told on its
// standard input, a line each. It answers by a line.
func TestProgram(*testing.T) {
	if !isProgram() {
		return
	}
	p := program{guard: guard.Main()}
	fmt.Println("here")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		args := strings.Fields(in.Text())
		answer, err := p.do(args[0], args[1:])
		if err != nil {
			answer = fmt.Sprintf("error permission=%t: %v", errors.Is(err, os.ErrPermission), err)
		}
		fmt.Println(answer)
	}
}

// program is TestProgram.
type program struct{ guard *guard.Guard }

func (p *program) do(what string, args []string) (string, error) {
	g, ctx := p.guard, context.Background()
	switch what {
	case "start":
		return "ok", g.Start(ctx, config())
	case "start-canceled":
		canceled, cancel := context.WithCancel(ctx)
		cancel()
		return "ok", g.Start(canceled, config())
	case "hold":
		return "ok", hold(ctx)
	case "set": // VALIDITY
		return "ok", p.set(ctx, args[0])
	case "set-more": // which others are not to suffer from
		g.Set(1, "absent0", source4(), group4(), []byte("nowhere"), map[netip.Prefix]string{vip4(): "absent0"}, time.Hour)
		g.Set(2, "eth0", source4(), group6(), []byte("mixed"), nil, time.Hour)
		g.Set(3, "", netip.Addr{}, netip.Addr{}, nil, map[netip.Prefix]string{vip4(): "eth0", more4(): "eth0"}, time.Hour)
		return "ok", g.Flush(ctx)
	case "flood": // more than the guard has room for while it takes nothing in
		for n := range 100 {
			for id := range 10 {
				g.Set(id, "eth0", source4(), group4(), bytes.Repeat([]byte{byte(n)}, 60000), nil, time.Hour)
				g.Beat()
			}
		}
		for id := range 10 {
			g.Clear(id)
		}
		return "ok", nil
	case "clear":
		g.Clear(id4)
		g.Clear(id6)
		return "ok", g.Flush(ctx)
	case "flush":
		return "ok", g.Flush(ctx)
	case "close":
		return "ok", g.Close()
	case "children":
		return children()
	case "fds":
		list, err := os.ReadDir("/proc/self/fd")
		return fmt.Sprint(len(list)), err
	case "drop": // CAPABILITY, from what programs that are executed can have
		runtime.LockOSThread()
		n, err := strconv.Atoi(args[0])
		return "ok", errors.Join(err, unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(n), 0, 0, 0))
	case "panic":
		panic("as asked")
	case "exit":
		os.Exit(3)
	case "exec":
		return "", syscall.Exec("/proc/self/exe", os.Args, os.Environ())
	case "reap":
		var pid int
		err := uninterrupted(func() (err error) {
			pid, err = unix.Wait4(-1, nil, 0, nil)
			return err
		})
		return fmt.Sprint(pid), err
	}
	return "", errors.New("unknown")
}

// config says what the guard has to say to whoever runs the test.
func config() *guard.Config {
	return &guard.Config{Output: os.Stderr, Lost: func(error) { fmt.Println("lost") }}
}

// hold adds the addresses.
func hold(ctx context.Context) error {
	d, err := vip.Open("eth0", nil)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Add(ctx, addrs())
}

// set sets the wills, and is the loop.
func (p *program) set(ctx context.Context, arg string) error {
	validity, err := time.ParseDuration(arg)
	if err != nil {
		return err
	}
	p.guard.Set(id4, "eth0", source4(), group4(), []byte(goodbye4), map[netip.Prefix]string{vip4(): "eth0"}, validity)
	p.guard.Set(id6, "eth0", source6(), group6(), []byte(goodbye6), map[netip.Prefix]string{vip6(): "eth0"}, validity)
	p.guard.Beat()
	return p.guard.Flush(ctx)
}

// children returns the processes that this one has started.
func children() (string, error) {
	files, err := filepath.Glob("/proc/self/task/*/children")
	var list []string
	for _, f := range files {
		b, readErr := os.ReadFile(f)
		err = errors.Join(err, readErr)
		list = append(list, strings.Fields(string(b))...)
	}
	return strings.Join(list, " "), err
}

// remote is the program as a test sees it.
type remote struct {
	*testing.T
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Scanner
	done chan struct{} // closed when it has ended
}

// programCommand returns the command for the program, which is this executable.
func programCommand() *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestProgram$")
	cmd.Env = append(os.Environ(), programEnv+"=1")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// startProgram starts the program on a host.
func startProgram(t *testing.T, host *netlab.Host, cmd *exec.Cmd) *remote {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	// Not StdoutPipe, which Wait closes.
	out, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	cmd.Stdout = theirs
	if err := host.Start(cmd); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	out.SetReadDeadline(time.Now().Add(time.Minute))
	r := &remote{T: t, cmd: cmd, in: in, out: bufio.NewScanner(out), done: make(chan struct{})}
	go func() {
		defer close(r.done)
		_ = cmd.Wait() // the program is killed as a rule
	}()
	r.expect("here")
	return r
}

// tell has the program do something that it can't answer.
func (r *remote) tell(what string) {
	r.Helper()
	if _, err := io.WriteString(r.in, what+"\n"); err != nil {
		r.Fatalf("%s: %v", what, err)
	}
}

// ask has the program do something, and returns its answer.
func (r *remote) ask(what string) string {
	r.Helper()
	r.tell(what)
	return r.line()
}

// line returns what the program says next.
func (r *remote) line() string {
	r.Helper()
	if !r.out.Scan() {
		r.Fatalf("the program says nothing: %v", r.out.Err())
	}
	return r.out.Text()
}

// expect is for what the program says by itself.
func (r *remote) expect(want string) {
	r.Helper()
	if got := r.line(); got != want {
		r.Fatalf("the program says %q, want %q", got, want)
	}
}

// do has the program do several things that must go well.
func (r *remote) do(list ...string) {
	r.Helper()
	for _, what := range list {
		if answer := r.ask(what); answer != "ok" {
			r.Fatalf("%s: %s", what, answer)
		}
	}
}

// guardPID returns the process of the guard.
func (r *remote) guardPID() int {
	r.Helper()
	pid, err := strconv.Atoi(r.ask("children"))
	if err != nil {
		r.Fatalf("guard process: %v", err)
	}
	return pid
}

// kill kills the program and waits for its end.
func (r *remote) kill() {
	r.Helper()
	if err := r.cmd.Process.Kill(); err != nil {
		r.Fatal(err)
	}
	<-r.done
}

// watchProcess returns a function that waits for the end of a process, which need not be a child.
func watchProcess(t *testing.T, pid int) (awaitEnd func()) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatalf("process %d: %v", pid, err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return func() {
		t.Helper()
		var n int
		err := uninterrupted(func() (err error) {
			n, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 30_000)
			return err
		})
		if err != nil || n == 0 {
			t.Fatalf("process %d does not end: %v", pid, err)
		}
	}
}

// uninterrupted calls f until no signal comes in between.
func uninterrupted(f func() error) error {
	for {
		if err := f(); err != unix.EINTR {
			return err
		}
	}
}
