// SPDX-License-Identifier: Apache-2.0

// Package guard says goodbye for a process that died without saying it. A router that is killed, panics or runs out of
// memory leaves two lies behind: its peers believe in it until their timers run out, and its addresses stay on the
// host. The guard is a second process, which holds the last will of the first: the goodbye packets to send, and the
// addresses to remove. It watches the first process and does both in the moment that one dies.
//
// The guard is the same program once more. [Main] is the first statement of main: in the guard it does the guard's work
// and never returns; in the program itself it returns the [Guard] handle, which is how a program shows that starting it
// again starts a guard and not a second router.
//
//	func main() {
//		g := guard.Main()
//		…
//		if err := g.Start(ctx, &guard.Config{Logger: log, Output: os.Stderr}); err != nil {
//
// What package initialisation does, and what is done before Main, is done in the guard as well.
//
// # When the will is executed
//
// When the process is gone, however it ended: also by os.Exit or by returning from main, if a will was left. A planned
// stop says its goodbye, calls [Guard.Clear] for every will and at last [Guard.Close].
//
// A goodbye that comes late deposes the successor. Each will says how long after the last [Guard.Beat] its goodbye is
// still true; a process that was frozen for longer before it was killed has only its addresses removed.
//
// What counts is the end of the process, read from a pidfd(2), not the end of a connection: when the program replaces
// itself by execve(2), nobody is gone. The guard then stays for as long as the wills are valid, 2 s at least, lest the
// new image dies before it has a guard of its own, and ends without having done anything. The new image is its parent,
// and may wait for it. A program that calls Close before execve has no guard meanwhile.
//
// The goodbye leaves within a millisecond of the end. The kernel tells of the end when it has written the core dump, if
// there is one, and taken back the memory, which takes some 40 ms for a gigabyte.
//
// # What ends the guard
//
// It has a session of its own, so that signals to the process group or the terminal of the program do not reach it, and
// ignores SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGABRT (by which systemd ends a service whose watchdog has run out), SIGUSR1
// and SIGUSR2. A SIGKILL to all processes at once ends it with the program, and then only leases on the addresses help:
//   - systemd: the default, KillMode=control-group, is right, as is process. With KillMode=mixed systemd answers the
//     death of the main process by SIGKILL to all others, which is a race. OOMPolicy=kill, and memory.oom.group of a
//     control group, kill both.
//   - Containers: the end of process 1 ends all others. The program must not be process 1: docker run --init,
//     shareProcessNamespace in a pod.
//
// If the guard is ended by somebody, the program is told and starts another.
//
// # What it needs
//
// Linux 5.3, /proc, and the capabilities CAP_NET_RAW to send and CAP_NET_ADMIN to remove addresses, which the program's
// file, its user (also root of a user namespace) or the ambient set give to a program that is executed again. Where the
// file has capabilities (setcap(8)), whoever may execute it may also make a guard of it with a will of his own: let
// those execute it who may send the packets and remove the addresses anyway.
//
// The guard takes a few megabytes, in part shared with the program. It opens its sockets when it starts, and where it
// is allowed to, locks what memory it uses and takes itself off the list of the out-of-memory killer.
//
// On systems other than Linux [Guard.Start] returns an error that matches [errors.ErrUnsupported], and there is no
// guard.
package guard

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Guard is the handle by which a program gives its wills to its guard process. It is for one event loop, whose life
// [Guard.Beat] shows; a program with several loops calls [Main] once for each, before all else.
//
// It is made by [Main]. It is safe for concurrent use.
type Guard struct {
	main   bool // made by Main
	outbox outbox
	pulse  atomic.Pointer[pulse] // nil before Start

	mu   sync.Mutex
	stop func() // ends the guard process and what tends it; nil while there is none
}

// Main is to be the first statement of function main. In a guard process it does not return. Else it returns a handle,
// whose guard process is not started yet.
func Main() *Guard {
	if inGuard() {
		keepGuard()
	}
	return &Guard{main: true, outbox: newOutbox()}
}

// Start starts the guard process and returns when it is ready: from then on, it survives the program. It belongs to the
// network namespace of the calling thread. ctx bounds the start only, which is given up after 10 s in any case. A nil
// cfg is the default.
//
// The error matches [ErrNotMain], [ErrStarted], [errors.ErrUnsupported], [os.ErrPermission] where the guard lacks
// CAP_NET_RAW, or the error of ctx.
func (g *Guard) Start(ctx context.Context, cfg *Config) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.main {
		return ErrNotMain
	}
	if g.stop != nil {
		return ErrStarted
	}
	return g.start(ctx, cfg.withDefaults())
}

// Close ends the guard process, which does nothing any more, and waits for its end. The wills stay with the handle: a
// further Start gives them to the next guard. Close of a handle that is not started does nothing. The error is nil.
func (g *Guard) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stop != nil {
		g.stop()
		g.stop = nil
	}
	return nil
}

// Set makes or replaces the will of a virtual router, which id names. It may be called at any time, also before Start.
// It does not wait for the guard: the will is on its way when it returns, the latest one if the guard is slow, and
// [Guard.Flush] says when it has arrived. To set what is set already costs a comparison.
//
// goodbye is a message of IP protocol 112, to be sent from src to dst on the link of that name, with hop limit 255 and
// DSCP CS6; empty if there is nothing to say. It may be sent until validity has passed since the last [Guard.Beat].
//
// addrs are the addresses to remove, with their prefix lengths, and the device that each is on. Other addresses of the
// device stay.
//
// goodbye and addrs are copied. A will that can't be executed is logged, and is none.
func (g *Guard) Set(id int, link string, src, dst netip.Addr, goodbye []byte, addrs map[netip.Prefix]string, validity time.Duration) {
	g.outbox.set(id, link, plain(src), plain(dst), goodbye, addrs, validity)
}

// Clear takes the will of a virtual router back, if it has one. It does not wait for the guard, see [Guard.Set].
func (g *Guard) Clear(id int) { g.outbox.clear(id) }

// Beat shows that the loop lives and that the wills, as set and cleared until now, are true: it counts as soon as the
// guard has them. The loop calls it at the end of every turn, so that one that slept gets round to clearing its wills
// before they are true again. It writes the time to memory that the guard reads, which takes tens of nanoseconds and no
// system call.
func (g *Guard) Beat() {
	p := g.pulse.Load()
	if p == nil {
		return
	}
	if now := time.Now(); !g.outbox.delays(now) {
		p.beat(now)
	}
}

// Flush waits until the guard has what was set and cleared before, whatever happens to the program then. The error is
// [ErrNotRunning], or that of ctx.
func (g *Guard) Flush(ctx context.Context) error {
	handed, err := g.outbox.handedOver()
	if err != nil {
		return err
	}
	select {
	case err := <-handed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Errors to be tested for with [errors.Is].
var (
	// ErrNotMain says that the handle was not made by [Main].
	ErrNotMain = errors.New("guard: the handle was not made by guard.Main")

	// ErrStarted says that there is a guard process already.
	ErrStarted = errors.New("guard: started already")

	// ErrNotRunning says that there is no guard process: it is not started, or closed.
	ErrNotRunning = errors.New("guard: not running")
)
