// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// marker is the environment variable by which the program knows that it is to be a guard.
const marker = "FHRP_GUARD"

// The descriptors that a guard process is started with beside the standard ones.
const (
	wireFD  = 3 + iota // the stream of records
	pageFD             // the heartbeat
	pidfdFD            // the program
)

// startTimeout bounds the start of a guard process, which takes some milliseconds.
const startTimeout = 10 * time.Second

// A process is a guard process as the program sees it.
type process struct {
	cmd  *exec.Cmd
	wire *os.File
	done chan struct{} // closed when it has ended
	err  error         // why, valid then
}

// startProcess starts a guard process, which ends with life at the latest, and returns when it is ready. ctx bounds the
// start.
func startProcess(ctx, life context.Context, page, output *os.File) (*process, ready, error) {
	p := &process{cmd: command(life, output), done: make(chan struct{})}
	if err := p.launch(page); err != nil {
		return nil, ready{}, err
	}
	go func() {
		defer close(p.done)
		defer p.wire.Close()
		if p.err = p.cmd.Wait(); p.err == nil {
			p.err = errors.New("exit status 0")
		}
	}()
	r, err := p.awaitReady(ctx)
	if err != nil {
		p.kill()
		return nil, ready{}, err
	}
	return p, r, nil
}

// command returns the command for a guard process. The arguments are those of the program, so that what it does before
// Main goes the same way.
func command(life context.Context, output *os.File) *exec.Cmd {
	cmd := exec.CommandContext(life, "/proc/self/exe")
	cmd.Args = append([]string{os.Args[0] + ": guard"}, os.Args[1:]...)
	cmd.Env = append(os.Environ(), marker+"=1", "GOMAXPROCS=1") // it has no more to do
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if output != nil { // nil in an interface is not nil
		cmd.Stderr = output
	}
	return cmd
}

// launch starts the command with its descriptors.
func (p *process) launch(page *os.File) error {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return os.NewSyscallError("socketpair", err)
	}
	theirs := os.NewFile(uintptr(ends[1]), "guard")
	defer theirs.Close()
	p.wire = os.NewFile(uintptr(raise(ends[0])), "guard")
	// Opened by the process that it is about, it can't be about another.
	pidfd, err := unix.PidfdOpen(os.Getpid(), 0)
	if err != nil {
		p.wire.Close()
		return os.NewSyscallError("pidfd_open", err)
	}
	self := os.NewFile(uintptr(pidfd), "pidfd")
	defer self.Close()
	p.cmd.ExtraFiles = []*os.File{wireFD - 3: theirs, pageFD - 3: page, pidfdFD - 3: self}
	if err := p.cmd.Start(); err != nil {
		p.wire.Close()
		return err
	}
	return nil
}

// awaitReady waits for the guard to say that it is ready.
func (p *process) awaitReady(ctx context.Context) (ready, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	defer context.AfterFunc(ctx, func() { p.wire.SetReadDeadline(time.Now()) })()
	record := ready{}.append(nil)
	switch _, err := io.ReadFull(p.wire, record); {
	case ctx.Err() != nil: // whatever came at the same moment
		return ready{}, fmt.Errorf("the guard process does not get ready: does main begin with Main? %w", ctx.Err())
	case err != nil:
		return ready{}, fmt.Errorf("the guard process did not get ready: %w", err)
	}
	return decodeReady(record[lengthLen:])
}

// hand gives changes to the guard process. It blocks while that one is slow.
func (p *process) hand(records []byte) error {
	_, err := p.wire.Write(records)
	return err
}

// kill ends the guard process at once, which has nothing to put in order, and waits.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // has an error if it has ended
	<-p.done
}
