// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync/atomic"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// process is a router that runs as a process on its host. It is safe for
// concurrent use.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser // closing it is the request to hand over and end
	log    bytes.Buffer   // what it said, unless that was seen already
	killed atomic.Bool    // nobody hears of it any more
	done   chan struct{}  // closed when it has ended
	err    error          // how; valid after done
}

// startProcess starts the router of a node, which is this program once more.
func startProcess(w *kernelWorld, node int) (*process, error) {
	p := &process{cmd: exec.Command("/proc/self/exe"), done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", nodeEnv, node))
	p.cmd.Stderr = &p.log
	if w.verbose {
		p.cmd.Stderr = os.Stderr
	}
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := w.hosts[node].Start(p.cmd); err != nil {
		return nil, err
	}
	w.record.started(w.now(), node)
	go p.follow(w, node, stdout)
	return p, nil
}

// follow puts what the process tells on the record, and waits for its end.
func (p *process) follow(w *kernelWorld, node int, stdout io.Reader) {
	defer close(p.done)
	readTransitions(stdout, func(t vrrp.Transition) {
		// A time from another process has no reading of the monotonic clock: it
		// is taken over by its age.
		if at := w.now() - max(time.Since(t.At), 0); !p.killed.Load() {
			w.record.moved(at, node, t)
		}
	})
	err := p.cmd.Wait()
	if p.killed.Load() {
		return
	}
	if err != nil {
		p.err = fmt.Errorf("the router of %s: %w %s", name(node), err, bytes.TrimSpace(p.log.Bytes()))
	}
	w.record.ended(w.now(), node)
}

// kill ends the process without asking it. It is gone when done is closed.
func (p *process) kill() error {
	p.killed.Store(true)
	return p.cmd.Process.Kill()
}

// failure returns why the process ended, if it should not have done so.
func (p *process) failure() error {
	select {
	case <-p.done:
		return p.err
	default:
		return nil
	}
}
