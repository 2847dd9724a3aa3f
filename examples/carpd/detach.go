// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"unsafe"
)

// A program in Go can't fork: it goes to the background by starting itself once
// more. This variable tells the second process that it is that, and has two pipes.
const detachedVariable = "CARPD_DETACHED"

// What the variable says to a process that is to take over from another one, which gives
// it the passphrase in the same way: whether that one is in the background.
const (
	successorAttached = "attached"
	successorDetached = "detached"
)

// The pipes of the second process.
const (
	passphrasePipe = 3 // what can't be read in its arguments
	outcomePipe    = 4 // what there is to say until it has started
)

// started is what the second process says at last.
const started = "\x00"

// detach starts the second process, in a session of its own, and returns when that
// takes part, or has failed: then with its exit status. The arguments are those of
// this process, with the passphrase made unreadable.
func detach(args []string, p *plan, stderr io.Writer) (status int, err error) {
	exe, err := os.Executable()
	if err != nil {
		return 0, err
	}
	secret, outcome, theirs, err := pipes()
	if err != nil {
		return 0, err
	}
	defer outcome.Close()
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), detachedVariable+"=1")
	cmd.ExtraFiles = theirs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	for _, f := range theirs {
		f.Close()
	}
	if err != nil {
		return 0, errors.Join(err, secret.Close())
	}
	if len(p.passphrases) > 0 {
		_, err = io.WriteString(secret, p.instances[0].passphrase)
	}
	if err = errors.Join(err, secret.Close()); err != nil {
		return 0, err
	}
	said, err := io.ReadAll(outcome)
	text, ok := strings.CutSuffix(string(said), started)
	fmt.Fprint(stderr, text)
	if ok || err != nil {
		return 0, err
	}
	err = cmd.Wait()
	if exit := new(exec.ExitError); errors.As(err, &exit) && exit.ExitCode() > 0 {
		return exit.ExitCode(), nil
	}
	return 0, fmt.Errorf("the process in the background ended: %w", err)
}

// pipes returns the ends of this process, and those of the second one.
func pipes() (secret, outcome *os.File, theirs []*os.File, err error) {
	r, secret, err := os.Pipe()
	if err != nil {
		return nil, nil, nil, err
	}
	outcome, w, err := os.Pipe()
	if err != nil {
		return nil, nil, nil, errors.Join(err, r.Close(), secret.Close())
	}
	return secret, outcome, []*os.File{r, w}, nil
}

// detached is the second process. It is safe for concurrent use.
type detached struct {
	mu      sync.Mutex
	outcome *os.File // nil after the start
}

// newDetached returns the second process's own view, nil in the first one.
func newDetached() (*detached, string, error) {
	kind := os.Getenv(detachedVariable)
	if kind == "" {
		return nil, "", nil
	}
	if err := os.Unsetenv(detachedVariable); err != nil { // scripts and the guard are none of it
		return nil, "", err
	}
	d := &detached{}
	switch kind {
	case successorAttached:
		d = nil
	case successorDetached:
	default:
		syscall.CloseOnExec(outcomePipe)
		d.outcome = os.NewFile(outcomePipe, "outcome")
	}
	f := os.NewFile(passphrasePipe, "passphrase")
	passphrase, err := io.ReadAll(f)
	return d, string(passphrase), errors.Join(err, f.Close())
}

// Write says something to the user who started the program. After the start there
// is nobody.
func (d *detached) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.outcome == nil {
		return len(p), nil
	}
	return d.outcome.Write(p)
}

// ready tells that the program has started.
func (d *detached) ready() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.outcome == nil {
		return os.Chdir("/")
	}
	_, err := io.WriteString(d.outcome, started)
	err = errors.Join(err, d.outcome.Close(), os.Chdir("/"))
	d.outcome = nil
	return err
}

// conceal makes an argument of the program unreadable for others (proc_pid_cmdline(5)).
// It must be one: where os.Args has its text is what the system shows.
func conceal(arg string) {
	octets := unsafe.Slice(unsafe.StringData(arg), len(arg))
	for i := range octets {
		octets[i] = 'x'
	}
}
