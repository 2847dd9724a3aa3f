// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"errors"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// A pollSet is the sockets that wait blocks on, each with the flag that says that it has to be read. A flag
// stays set until the socket was read to its end.
type pollSet struct {
	fds     []unix.PollFd
	flags   []*bool
	packets int           // index of the first of the sockets for packets: they rest together, see packetRest
	timeout unix.Timespec // of the call that goes on, which would have it allocated
	stale   bool          // the set has to be made anew
	resting bool          // sockets were left out as they rest
}

// Packets end a wait at once, but for those that come in swarms: then they do so no more than every packetRest, after
// packetBurst in succession, and what has come meanwhile is read at once. A wake-up costs more than ten packets. Nothing is
// decided by them later for that but the answer to a goodbye: packets are as old as the kernel says, and are read before
// any deadline is acted on.
const (
	packetRest  = 2 * time.Millisecond
	packetBurst = 4
)

// reset empties the set.
func (s *pollSet) reset() { s.fds, s.flags, s.stale, s.resting = s.fds[:0], s.flags[:0], false, false }

// add adds a socket.
func (s *pollSet) add(fd int, ready *bool) {
	s.fds = append(s.fds, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
	s.flags = append(s.flags, ready)
}

// poll blocks until one of the first count sockets is ready or it is time, for which the zero time means never, and
// returns how many are. The thread is in a system call meanwhile, so garbage collection does not wait for it.
func (s *pollSet) poll(count int, until time.Time) (ready int, err error) {
	var timeout *unix.Timespec
	if !until.IsZero() {
		s.timeout = unix.NsecToTimespec(int64(max(time.Until(until), 0)))
		timeout = &s.timeout
	}
	ready, err = unix.Ppoll(s.fds[:count], timeout, nil)
	for i := 0; i < count && ready > 0; i++ {
		if s.fds[i].Revents != 0 {
			*s.flags[i] = true
		}
	}
	return ready, err
}

// all returns how many sockets there are.
func (s *pollSet) all() int { return len(s.fds) }

// collect brings the set up to date.
func (n *network) collect() {
	if !n.poll.stale && len(n.poll.fds) > 0 {
		return
	}
	n.poll.reset()
	n.poll.add(n.waker.fd, &n.waker.ready)
	if n.poll.resting = n.route.resting; !n.route.resting {
		n.poll.add(n.route.fd, &n.route.ready)
	}
	for _, p := range n.ports {
		switch {
		case p == nil || !p.isOpen() || p.claims == nil:
		case p.claims.resting:
			n.poll.resting = true
		default:
			n.poll.add(p.claims.fd, &p.claims.ready)
		}
	}
	n.poll.packets = n.poll.all()
	for _, p := range n.ports {
		if p == nil || !p.isOpen() {
			continue
		}
		n.poll.add(p.fd, &p.ready)
		if p.tap != nil {
			n.poll.add(p.tap.fd, &p.tap.ready)
		}
		if p.ah != nil {
			n.poll.add(p.ah.fd, &p.ah.ready)
		}
	}
}

// look finds out what is ready without blocking: packets that came since wait returned count, too.
func (n *network) look() {
	if n.closed {
		return
	}
	n.collect()
	asked := n.route.table.announced.now()
	if _, err := n.poll.poll(n.poll.all(), time.Unix(0, 0)); err == nil { // an interruption leaves it to the next wait
		n.route.looked(asked)
	}
}

// wait blocks in ppoll(2).
func (n *network) wait(until time.Time) {
	if n.closed {
		return
	}
	n.collect()
	until = earliest(until, n.retryAt, n.route.retryAt, n.members.auditAt, n.filterAt, n.restUntil())
	done, err := n.rest(until)
	if !done && err == nil {
		_, err = n.poll.poll(n.poll.all(), until)
	}
	if err != nil && !errors.Is(err, unix.EINTR) {
		if suppressed, ok := n.pollFailed.Allow(time.Now()); ok {
			n.log.Error("poll failed", "err", err, "suppressed", suppressed)
		}
		time.Sleep(time.Millisecond) // for want of memory in the kernel: don't spin
	}
	if n.waker.ready {
		n.waker.drain()
	}
}

// rest blocks while packets rest, and reports whether the wait is over with that.
func (n *network) rest(until time.Time) (done bool, err error) {
	if n.unread || !time.Now().Before(n.swarm.until) {
		return false, nil
	}
	end := earliest(until, n.swarm.until)
	ready, err := n.poll.poll(n.poll.packets, end)
	return ready > 0 || end.Equal(until), err
}

// restUntil returns when the first socket that rests is to be read again. The set is made anew whenever one begins to.
func (n *network) restUntil() (first time.Time) {
	if !n.poll.resting {
		return first
	}
	if n.route.resting {
		first = n.route.pace.until
	}
	for _, p := range n.ports {
		if p != nil && p.claims != nil && p.claims.resting {
			first = earliest(first, p.claims.pace.until)
		}
	}
	return first
}

// bind takes the thread, and has the kernel wake it without the 50 us of slack that timers have by default. A
// sandbox may refuse that, which is no reason not to run.
func (n *network) bind() (func(), error) {
	runtime.LockOSThread()
	restore := n.tightenTimers()
	leave, err := n.cfg.RealTime.enter(n.log)
	if err != nil {
		restore()
		runtime.UnlockOSThread()
		return nil, err
	}
	return func() {
		restore()
		if leave() {
			runtime.UnlockOSThread()
		} // else the thread ends with the goroutine
	}, nil
}

// tightenTimers takes the slack from the thread's timers. The returned function gives it back.
func (n *network) tightenTimers() (restore func()) {
	slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err == nil {
		err = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	}
	if err != nil {
		n.log.Warn("timers are late by up to 50 us", "err", os.NewSyscallError("prctl", err))
		return func() {}
	}
	return func() { _ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(slack), 0, 0, 0) }
}
