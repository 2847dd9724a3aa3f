// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/guard"
	"github.com/go-fhrp/fhrp/vrrp"
)

// processEnv names the environment variable that makes TestProcess a router: it has the setup, in JSON.
const processEnv = "FHRP_FIELDREPORTS_PROCESS"

// TestProcess is no test: started by startProcess, it is a router in a process of its own. It says what happens on its
// standard output, a report each line, and ends as planned when its standard input ends.
func TestProcess(t *testing.T) {
	text := os.Getenv(processEnv)
	if text == "" {
		return
	}
	will := guard.Main() // the guard process goes no further
	s, err := readSetup(text)
	if err == nil {
		err = runProcess(s, will)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// runProcess runs the router until standard input ends.
func runProcess(s *setup, will *guard.Guard) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var keep vrrp.Guard
	if s.Guard {
		if err := will.Start(ctx, &guard.Config{Output: os.Stderr}); err != nil {
			return err
		}
		defer will.Close()
		keep = will
	}
	var r *run
	var err error
	r, err = openRun(s, vrrp.Trace{Transition: func(v *vrrp.VirtualRouter, t vrrp.Transition) {
		tellTransition(s.Virtual[slices.Index(r.virtual, v)].VRID, t)
	}}, nil, keep)
	if err != nil {
		return err
	}
	tell(report{Ready: true})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	return errors.Join(r.router.Run(ctx), r.close())
}

// report is a line of a process.
type report struct {
	Ready    bool
	VRID     uint8
	From, To vrrp.State
	Reason   vrrp.Reason
	Late     time.Duration
	At       time.Time
	Why      string
}

// tell writes a report.
func tell(r report) {
	line, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	fmt.Println("report", string(line))
}

// tellTransition tells of a transition.
func tellTransition(vrid uint8, t vrrp.Transition) {
	r := report{VRID: vrid, From: t.From, To: t.To, Reason: t.Reason, Late: t.Late, At: t.At}
	if t.Err != nil {
		r.Why = t.Err.Error()
	}
	tell(r)
}

// process is a router in a process of its own.
type process struct {
	*bench
	host string
	cmd  *exec.Cmd
	in   io.Closer
	done chan struct{} // closed when it has said all

	mu      sync.Mutex
	reports []report
}

// written is a setup as a process reads it. Passwords are not written.
type written struct {
	setup
	Virtual []writtenVirtual
}

// writtenVirtual is what matters of a virtual router without a password.
type writtenVirtual struct {
	vrrp.Config
	Link     string
	NoLease  bool
	Checksum vrrp.ChecksumForm
}

// write returns the setup as a process reads it.
func (s setup) write() ([]byte, error) {
	w := written{setup: s}
	for _, v := range s.Virtual {
		w.Virtual = append(w.Virtual, writtenVirtual{v.Config, v.Link, v.NoLease, v.Checksum})
	}
	w.setup.Virtual = nil
	return json.Marshal(w)
}

// readSetup reads that.
func readSetup(text string) (*setup, error) {
	var w written
	err := json.Unmarshal([]byte(text), &w)
	for _, v := range w.Virtual {
		w.setup.Virtual = append(w.setup.Virtual,
			vrrp.VirtualRouterConfig{Config: v.Config, Link: v.Link, NoLease: v.NoLease, Checksum: v.Checksum})
	}
	return &w.setup, err
}

// startProcess runs a router with one virtual router in a process of its own on a host.
func (b *bench) startProcess(host string, cfg vrrp.VirtualRouterConfig) *process {
	b.Helper()
	return b.startProcessWith(host, setup{Virtual: []vrrp.VirtualRouterConfig{cfg}})
}

// startProcessWith runs a router in a process of its own on a host. It is killed when the test ends.
func (b *bench) startProcessWith(host string, s setup) *process {
	b.Helper()
	text, err := s.write()
	b.must(err)
	p := &process{bench: b, host: host, done: make(chan struct{})}
	p.cmd = exec.Command("/proc/self/exe", "-test.run=^TestProcess$")
	p.cmd.Env = append(os.Environ(), processEnv+"="+string(text))
	p.cmd.Stderr = os.Stderr
	p.in, err = p.cmd.StdinPipe()
	b.must(err)
	out, theirs, err := os.Pipe() // not StdoutPipe, which Wait closes
	b.must(err)
	p.cmd.Stdout = theirs
	err = b.host(host).Start(p.cmd)
	theirs.Close()
	b.must(err)
	go p.read(out)
	b.Cleanup(p.kill)
	await(b.T, "process on "+host, func() bool { return p.ended() || len(p.said(func(r report) bool { return r.Ready })) > 0 })
	if p.ended() {
		b.Fatalf("the process on %s has ended", host)
	}
	return p
}

// ended reports whether the process has said all.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// read takes in the reports.
func (p *process) read(out io.ReadCloser) {
	defer close(p.done)
	defer out.Close()
	for in := bufio.NewScanner(out); in.Scan(); {
		var r report
		line, ok := cutReport(in.Bytes())
		if !ok || json.Unmarshal(line, &r) != nil {
			p.Logf("process on %s: %s", p.host, in.Bytes())
			continue
		}
		p.mu.Lock()
		p.reports = append(p.reports, r)
		p.mu.Unlock()
	}
}

// cutReport returns the report in a line.
func cutReport(line []byte) ([]byte, bool) {
	const prefix = "report "
	if len(line) < len(prefix) || string(line[:len(prefix)]) != prefix {
		return nil, false
	}
	return line[len(prefix):], true
}

// said returns the reports for which a condition holds.
func (p *process) said(condition func(report) bool) []report {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []report
	for _, r := range p.reports {
		if condition(r) {
			list = append(list, r)
		}
	}
	return list
}

// changes returns the transitions of a virtual router.
func (p *process) changes(vrid uint8) []report {
	return p.said(func(r report) bool { return r.VRID == vrid })
}

// awaitState waits until the last that was said of a virtual router is that it is in a state.
func (p *process) awaitState(vrid uint8, want vrrp.State) {
	p.Helper()
	await(p.T, fmt.Sprintf("virtual router %d of the process on %s is %v", vrid, p.host, want), func() bool {
		all := p.changes(vrid)
		return len(all) > 0 && all[len(all)-1].To == want
	})
}

// signal sends the process a signal, such as SIGSTOP and SIGCONT.
func (p *process) signal(s syscall.Signal) {
	p.Helper()
	p.must(p.cmd.Process.Signal(s))
}

// kill ends the process as nobody can prevent, and waits until it has ended.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended before
	_ = p.cmd.Wait()
	<-p.done
}

// stop ends the process as planned.
func (p *process) stop() {
	p.Helper()
	p.in.Close()
	if err := p.cmd.Wait(); err != nil {
		p.Errorf("router on %s: %v", p.host, err)
	}
	<-p.done
}
