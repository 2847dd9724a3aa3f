// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// A poller is what wait blocks on: descriptors, each with the flag that says that it has to be read, a timer, and the
// event by which it is woken. A flag stays set until the descriptor was read to its end.
type poller struct {
	kq     int
	flags  map[int]*bool
	events []unix.Kevent_t

	change  [1]unix.Kevent_t // of the call that goes on, which would have them allocated
	timeout unix.Timespec
	coarse  bool // the kernel has no timer for us

	woken   bool        // the event was taken, wait has not returned since
	pending atomic.Bool // the event was sent, wait has not returned since
	mu      sync.Mutex  // guards closed
	closed  bool
}

// Numbers of the event and the timer.
const (
	wakeIdent  = 1
	timerIdent = 1
)

// newPoller returns a poller with no descriptors.
func newPoller() (*poller, error) {
	kq, err := unix.Kqueue()
	if err != nil {
		return nil, fmt.Errorf("netif: %w", os.NewSyscallError("kqueue", err))
	}
	unix.CloseOnExec(kq)
	p := &poller{kq: kq, flags: make(map[int]*bool), events: make([]unix.Kevent_t, 2)}
	if err := p.register(wakeIdent, unix.EVFILT_USER, unix.EV_ADD|unix.EV_CLEAR, 0); err != nil {
		unix.Close(kq)
		return nil, fmt.Errorf("netif: %w", err)
	}
	return p, nil
}

// register changes what the queue looks at.
func (p *poller) register(ident, filter, flags int, fflags uint32) error {
	var changes [1]unix.Kevent_t
	unix.SetKevent(&changes[0], ident, filter, flags)
	changes[0].Fflags = fflags
	for {
		_, err := unix.Kevent(p.kq, changes[:], nil, nil)
		if !errors.Is(err, unix.EINTR) {
			return os.NewSyscallError("kevent", err)
		}
	}
}

// add adds a descriptor.
func (p *poller) add(fd int, ready *bool) error {
	if err := p.register(fd, unix.EVFILT_READ, unix.EV_ADD, 0); err != nil {
		return err
	}
	p.flags[fd] = ready
	p.events = append(p.events, unix.Kevent_t{})
	return nil
}

// remove forgets a descriptor that is about to be closed, which the kernel does then, too.
func (p *poller) remove(fd int) {
	delete(p.flags, fd)
	p.events = p.events[:len(p.events)-1]
}

// deadline returns what has kevent return at a time. That is a timer, as the timeout of kevent and of ppoll may be late
// by some percent of its length, to save energy (sysctl kern.timecounter.alloweddeviation), and a timer is not.
func (p *poller) deadline(until time.Time) ([]unix.Kevent_t, *unix.Timespec) {
	if until.IsZero() {
		return nil, nil
	}
	left := max(time.Until(until), 0)
	if left == 0 || p.coarse {
		p.timeout = unix.NsecToTimespec(int64(left))
		return nil, &p.timeout
	}
	unix.SetKevent(&p.change[0], timerIdent, unix.EVFILT_TIMER, unix.EV_ADD|unix.EV_ONESHOT)
	p.change[0].Fflags, p.change[0].Data = unix.NOTE_NSECONDS, int64(left)
	return p.change[:], nil
}

// poll blocks until a descriptor is ready or it is time, for which the zero time means never. The thread is in a system
// call meanwhile, so garbage collection does not wait for it.
func (p *poller) poll(until time.Time) error {
	changes, timeout := p.deadline(until)
	n, err := unix.Kevent(p.kq, changes, p.events, timeout)
	if err != nil {
		return err
	}
	for i := range p.events[:n] {
		p.take(&p.events[i])
	}
	return nil
}

// take notes an event. The timer needs nothing to be noted, unless the kernel refuses it: all it has are in use
// (sysctl kern.kq_calloutmax).
func (p *poller) take(e *unix.Kevent_t) {
	switch e.Filter {
	case unix.EVFILT_USER:
		p.woken = true
	case unix.EVFILT_TIMER:
		p.coarse = p.coarse || e.Flags&unix.EV_ERROR != 0
	case unix.EVFILT_READ:
		if ready := p.flags[int(e.Ident)]; ready != nil {
			*ready = true
		}
	}
}

// close makes wake do nothing.
func (p *poller) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	unix.Close(p.kq)
}

// wake sends the event, unless it was sent already.
func (n *network) wake() {
	p := n.poll
	if p.pending.Swap(true) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		_ = p.register(wakeIdent, unix.EVFILT_USER, 0, unix.NOTE_TRIGGER)
	}
}

// look finds out what is ready without blocking: packets that came since wait returned count, too.
func (n *network) look() {
	if !n.closed {
		_ = n.poll.poll(time.Unix(0, 0)) // an interruption leaves it to the next wait
	}
}

// wait blocks in kevent(2).
func (n *network) wait(until time.Time) {
	if n.closed {
		return
	}
	until = earliest(until, n.retryAt, n.route.listAt)
	if n.poll.woken || n.unread() {
		until = time.Unix(0, 0)
	}
	err := n.poll.poll(until)
	if err != nil && !errors.Is(err, unix.EINTR) {
		if suppressed, ok := n.pollFailed.Allow(time.Now()); ok {
			n.log.Error("poll failed", "err", err, "suppressed", suppressed)
		}
		time.Sleep(time.Millisecond) // for want of memory in the kernel: don't spin
	}
	if n.poll.woken {
		// pending goes last: a wake before that finds its event under way, and what it is about is looked at now.
		n.poll.woken = false
		n.poll.pending.Store(false)
	}
}

// unread reports whether something is left that the kernel may not tell of again: it was read and not handed over.
func (n *network) unread() bool {
	for _, p := range n.ports {
		if p != nil && p.isOpen() && (p.packets.ready || p.claims != nil && p.claims.ready) {
			return true
		}
	}
	return false
}

// bind takes the thread. Its timers have no slack that could be taken away.
func (n *network) bind() (func(), error) {
	runtime.LockOSThread()
	return runtime.UnlockOSThread, nil
}

// suspended can't be told: no clock of FreeBSD counts the time for which the host was suspended.
func (*network) suspended() time.Duration { return 0 }
