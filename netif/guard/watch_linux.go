// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// minLinger is how long a guard stays at least after the program has let go of it. If that was because the program is
// about to end, its end follows at once, though on a busy host some time may lie between.
const minLinger = 2 * time.Second

// A watch is what a guard process does: it collects wills until the program has ended.
type watch struct {
	log     *slog.Logger
	beats   *heartbeat
	sender  *sender
	wills   map[int]*will
	records splitter
	buffer  [1 << 16]byte
}

// newWatch opens what is needed when the program has ended.
func newWatch(log *slog.Logger) (*watch, ready, error) {
	beats, err := mapHeartbeat(pageFD, unix.PROT_READ)
	if err != nil {
		return nil, ready{}, err
	}
	if err := unix.SetNonblock(wireFD, true); err != nil {
		return nil, ready{}, os.NewSyscallError("fcntl", err)
	}
	w := &watch{log: log, beats: beats, sender: newSender(), wills: map[int]*will{}}
	return w, ready{send: number(w.sender.usable()), remove: number(mayRemove())}, nil
}

// number returns the error number in an error; 0 for nil.
func number(err error) uint32 {
	errno, ok := errors.AsType[unix.Errno](err)
	if err != nil && !ok {
		return uint32(unix.EIO)
	}
	return uint32(errno)
}

// run returns when the program has ended and its wills are executed, or when it has let go of the guard and the wills
// are not valid any more.
func (w *watch) run() error {
	fds := []unix.PollFd{{Fd: wireFD, Events: unix.POLLIN}, {Fd: pidfdFD, Events: unix.POLLIN}}
	wire, program := &fds[0], &fds[1]
	var end time.Time
	for {
		if err := poll(fds, end); err != nil {
			return err
		}
		if wire.Revents != 0 {
			open, err := w.collect()
			if err != nil {
				return err
			}
			if !open && exiting(pidfdFD) {
				w.execute()
				return nil
			}
			if !open {
				wire.Fd = -1 // poll passes over it
				end = time.Now().Add(w.linger())
			}
		}
		if program.Revents != 0 {
			w.execute()
			return nil
		}
		if !end.IsZero() && !time.Now().Before(end) {
			return nil
		}
	}
}

// poll waits for events, or for the end, for which the zero time means never.
func poll(fds []unix.PollFd, end time.Time) error {
	timeout := -1
	if !end.IsZero() {
		timeout = int(max(time.Until(end), 0)/time.Millisecond) + 1
	}
	for i := range fds {
		fds[i].Revents = 0
	}
	if _, err := unix.Poll(fds, timeout); err != nil && err != unix.EINTR {
		return os.NewSyscallError("poll", err)
	}
	return nil
}

// linger returns how long the wills can be of use to a program that has let go.
func (w *watch) linger() time.Duration {
	longest := minLinger
	for _, will := range w.wills {
		longest = max(longest, will.validity)
	}
	return longest
}

// collect takes in what the program has to say, and reports whether it may say more.
func (w *watch) collect() (open bool, err error) {
	for {
		n, err := unix.Read(wireFD, w.buffer[:])
		switch {
		case err == unix.EAGAIN:
			return true, nil
		case err == unix.EINTR:
			continue
		case err == unix.ECONNRESET || err == nil && n == 0:
			return false, nil
		case err != nil:
			return false, os.NewSyscallError("read", err)
		}
		w.records.write(w.buffer[:n])
		if err := w.changes(); err != nil {
			return false, fmt.Errorf("from the program: %w", err)
		}
	}
}

// changes makes the changes that have come completely.
func (w *watch) changes() error {
	for {
		body, ok, err := w.records.next()
		if err != nil || !ok {
			return err
		}
		c, err := decodeChange(body)
		if err != nil {
			return err
		}
		if c.will == nil {
			delete(w.wills, c.id)
		} else {
			w.wills[c.id] = c.will
		}
	}
}
