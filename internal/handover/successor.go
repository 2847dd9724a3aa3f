// SPDX-License-Identifier: Apache-2.0

//go:build unix

package handover

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"github.com/go-fhrp/fhrp/internal/legacy"
)

// Option is what the first argument of a process begins with that is to replace its parent: see
// [Open]. It is an option that a program refuses which knows nothing of this, such as an older one:
// what that would do as a process on its own must not be done twice.
const Option = "--successor="

// firstFile is the number that the socket has in the new process: those before it are its standard
// files.
const firstFile = 3

// Successor is a process that was started to replace this one. It is for one goroutine at a time.
type Successor struct {
	cmd   *exec.Cmd
	conn  net.Conn
	ended chan error // the outcome of the process, once
}

// Start starts cmd as the successor, with one more argument before the others. It inherits files,
// behind cmd.ExtraFiles, which the caller closes.
func Start(cmd *exec.Cmd, files []*os.File) (*Successor, error) {
	ours, theirs, err := pair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	number := firstFile + len(cmd.ExtraFiles)
	cmd.Args = slices.Insert(cmd.Args, 1, fmt.Sprintf("%s%d,%d", Option, number, len(files)))
	cmd.ExtraFiles = append(append(cmd.ExtraFiles, theirs), files...)
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, ours.Close())
	}
	s := &Successor{cmd: cmd, conn: ours, ended: make(chan error, 1)}
	go func() { s.ended <- cmd.Wait() }()
	return s, nil
}

// pair returns the ends of a socket for two processes.
func pair() (ours net.Conn, theirs *os.File, err error) {
	syscall.ForkLock.RLock()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	own := os.NewFile(uintptr(fds[0]), "successor")
	theirs = os.NewFile(uintptr(fds[1]), "predecessor")
	ours, err = net.FileConn(own)
	if err = errors.Join(err, own.Close()); err != nil {
		return nil, nil, errors.Join(err, theirs.Close())
	}
	return ours, theirs, nil
}

// PID returns the number of the process.
func (s *Successor) PID() int { return s.cmd.Process.Pid }

// Ready waits until the successor could take over. After an error, which tells why if it has ended
// or said so, the process is no more.
func (s *Successor) Ready(ctx context.Context) error {
	_, err := s.await(ctx, ask)
	return err
}

// Transfer gives the successor its legacy, and returns its receipt. After an error the process is no
// more, and has not taken over.
func (s *Successor) Transfer(ctx context.Context, legacy []byte) (receipt []byte, err error) {
	stop := s.bound(ctx)
	err = write(s.conn, bequest, legacy)
	stop()
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return s.await(ctx, taken)
}

// await receives a message of a kind.
func (s *Successor) await(ctx context.Context, want kind) ([]byte, error) {
	defer s.bound(ctx)()
	k, payload, err := read(s.conn)
	switch {
	case err != nil:
	case k == want:
		return payload, nil
	case k == refused:
		err = legacy.Brief(errors.New(string(payload)))
	default:
		err = fmt.Errorf("message of kind %d: allowed: %d", k, want)
	}
	return nil, s.fail(ctx, err)
}

// bound ends what waits for the socket with ctx, until stop is called.
func (s *Successor) bound(ctx context.Context) (stop func() bool) {
	_ = s.conn.SetDeadline(time.Time{}) // it is a socket, which has deadlines
	return context.AfterFunc(ctx, func() { _ = s.conn.SetDeadline(time.Unix(1, 0)) })
}

// lastWords is how long a process that has closed its socket has to end by itself.
const lastWords = 100 * time.Millisecond

// fail ends the process, and says what went wrong: that ctx has ended, how the process ended if it
// did so by itself, or what it said.
func (s *Successor) fail(ctx context.Context, err error) error {
	late := ctx.Err()
	status := s.farewell(ctx)
	s.Kill()
	return fmt.Errorf("successor: %w", cmp.Or(late, errors.Join(err, status)))
}

// farewell waits a little until the process has ended by itself, but not longer than ctx allows, and
// says how; nil if it hasn't.
func (s *Successor) farewell(ctx context.Context) error {
	if ctx.Err() != nil {
		return nil
	}
	select {
	case status := <-s.ended:
		s.ended <- status
		return cmp.Or(status, errors.New("exit status 0"))
	case <-time.After(lastWords):
	case <-ctx.Done():
	}
	return nil
}

// Kill ends the process and waits until it is no more.
func (s *Successor) Kill() {
	_ = s.cmd.Process.Kill() // it may have ended
	status := <-s.ended
	s.ended <- status
	s.conn.Close()
}

// Leave lets the successor go on alone.
func (s *Successor) Leave() { s.conn.Close() }
