// SPDX-License-Identifier: Apache-2.0

//go:build unix

package handover_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/handover"
)

// behaviour is the environment variable that says what this executable does as a successor.
const behaviour = "HANDOVER_TEST_BEHAVIOUR"

// TestMain makes of this executable a successor, or who has one.
func TestMain(m *testing.M) {
	runOld()
	if how := os.Getenv(behaviour); how != "" {
		if err := succeed(how); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(7)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// succeed is the successor.
func succeed(how string) error {
	if how == "garble" {
		fmt.Fprint(os.NewFile(3, "socket"), "HTTP/1.1 200 OK\r\n\r\n")
		time.Sleep(time.Hour)
	}
	p, rest, err := handover.Open(os.Args[1:])
	if err != nil {
		return err
	}
	if len(rest) != 1 || rest[0] != "argument" {
		return fmt.Errorf("arguments %q", rest)
	}
	switch how {
	case "fail":
		return errors.New("bad configuration")
	case "hang":
		time.Sleep(time.Hour)
	case "refuse":
		p.Refuse(errors.New("not today" + strings.Repeat(" and not tomorrow", 1<<16)))
		time.Sleep(time.Hour)
	}
	legacy, err := p.Ask()
	switch {
	case err != nil:
		return err
	case how == "die":
		return errors.New("fatal")
	case how == "take eth0":
		p.Taken([]byte(`{"router":{},"devices":["eth0"]}`))
		time.Sleep(time.Hour)
	case how == "silent":
		time.Sleep(time.Hour)
	case how == "refuse later":
		p.Refuse(errors.New("not this one"))
		time.Sleep(time.Hour)
	}
	text, err := io.ReadAll(p.Files()[0])
	if err != nil {
		return err
	}
	p.Taken([]byte(fmt.Sprintf("%d octets and %s", len(legacy), text)))
	_, err = io.Copy(io.Discard, p.Files()[1]) // until the predecessor has closed it
	return err
}

// start starts a successor with two files: one to read, and the end of a pipe that this process has the
// other end of.
func start(t *testing.T, how string) (s *handover.Successor, pipe *os.File) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte("a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	t.Cleanup(func() { w.Close() })
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "argument")
	cmd.Env = append(os.Environ(), behaviour+"="+how)
	if s, err = handover.Start(cmd, []*os.File{file, r}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	return s, w
}

// alive reports whether a process is there.
func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func TestTransfer(t *testing.T) {
	t.Parallel()
	s, _ := start(t, "well")
	if err := s.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	receipt, err := s.Transfer(t.Context(), make([]byte, 10<<20))
	if want := "10485760 octets and a file"; err != nil || string(receipt) != want {
		t.Errorf("receipt %q, error %v, want %q", receipt, err, want)
	}
	s.Leave()
	if !alive(s.PID()) {
		t.Error("it has gone")
	}
}

// TestNoSuccessor: however a successor fails, it is no more afterwards, and it is known why.
func TestNoSuccessor(t *testing.T) {
	t.Parallel()
	for how, want := range map[string]string{
		"fail": "exit status 7", "hang": "context deadline exceeded", "refuse": "not today", "garble": `message begins with "HTTP"`,
		"die": "exit status 7", "silent": "context deadline exceeded", "refuse later": "not this one",
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s, _ := start(t, how)
			within := 30 * time.Second
			if how == "hang" {
				within = 10 * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(t.Context(), within)
			defer cancel()
			err := s.Ready(ctx)
			if err == nil {
				soon, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				if how == "silent" {
					cancel()
				}
				defer cancel()
				_, err = s.Transfer(soon, []byte("legacy"))
				want = strings.Replace(want, "deadline exceeded", "canceled", 1)
			}
			if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 1000 {
				t.Errorf("error %.2000v, want %q", err, want)
			}
			if alive(s.PID()) {
				t.Error("it is alive")
			}
		})
	}
}

// TestPredecessorDies: a successor without a legacy ends.
func TestPredecessorDies(t *testing.T) {
	t.Parallel()
	s, _ := start(t, "well")
	if err := s.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Leave()
	if err := s.Ready(t.Context()); err == nil {
		t.Error("it is ready again")
	}
	if alive(s.PID()) {
		t.Error("it is alive")
	}
}

func TestNotStarted(t *testing.T) {
	if s, err := handover.Start(exec.Command("/nowhere/program"), nil); err == nil {
		t.Error("started", s.PID())
	}
}

func TestOpen(t *testing.T) {
	for _, args := range [][]string{nil, {"-f", "--successor=3,1"}} {
		if p, rest, err := handover.Open(args); p != nil || err != nil || len(rest) != len(args) {
			t.Errorf("%v, %q, %v", p, rest, err)
		}
	}
	for _, bad := range []string{"x", "3", "2,0", "3,-1", "3,70000", "3,1,1", "-3,1"} {
		if p, _, err := handover.Open([]string{handover.Option + bad}); err == nil {
			t.Errorf("%q: %v", bad, p)
		}
	}
}
