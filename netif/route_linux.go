// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/bpf"
)

const (
	// routeBuffer is for the messages about some thousand addresses that come at once.
	routeBuffer = 8 << 20

	// datagramLen is more than the kernel puts in one.
	datagramLen = 64 << 10

	// maxDatagrams bounds what one call of read takes in.
	maxDatagrams = 128

	// dumpTimeout bounds the wait for the first dump. The kernel gives it at once but for a lock, which it can hold for
	// many seconds where namespaces and their links come and go.
	dumpTimeout = 30 * time.Second

	// redumpInterval is the time between two dumps where one was not clean: addresses may go on changing.
	redumpInterval = 100 * time.Millisecond

	// A message ends a wait at once, but for those that come in swarms, as when a thousand addresses are removed: then they
	// do so no more than every routeRest, after routeBurst in succession. Otherwise each wakes the loop, on a processor
	// that those who remove the addresses have a use for.
	routeRest  = 20 * time.Millisecond
	routeBurst = 8
)

// A routeSocket keeps a linkTable up to date from a netlink socket: it asks for all there is, and is told of
// changes. If messages are lost, it asks again.
type routeSocket struct {
	fd     int
	log    *slog.Logger
	table  *linkTable
	buf    []byte
	ready  bool
	synced func() // called after each dump

	pace    pace // of what has arrived
	resting bool // the loop is not woken before pace.until

	stage   uint16 // RTM_GETLINK or RTM_GETADDR while a dump goes on, else 0
	seq     uint32 // of its request
	dirty   bool   // the dump has to be made once more
	dumps   int    // finished ones
	failure error  // of the last dump that did not come off
	retryAt time.Time
}

// openRoute returns a socket with the table filled.
func openRoute(log *slog.Logger, changed func(name string, family int), synced func()) (*routeSocket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("netif: route socket: %w", os.NewSyscallError("socket", err))
	}
	r := &routeSocket{fd: fd, log: log, table: newLinkTable(changed), buf: make([]byte, datagramLen), synced: synced,
		pace: pace{rest: routeRest, burst: routeBurst}}
	setBuffer(fd, unix.SO_RCVBUFFORCE, unix.SO_RCVBUF, routeBuffer)
	if err := bpf.Attach(fd, additionFilter()); err != nil {
		log.Debug("additions and renewals of service addresses are told", "err", err) // to no harm
	}
	if err := r.fill(); err != nil {
		r.close()
		return nil, fmt.Errorf("netif: route socket: %w", err)
	}
	return r, nil
}

// close closes the socket.
func (r *routeSocket) close() { unix.Close(r.fd) }

// fill subscribes and waits for the first dump.
func (r *routeSocket) fill() error {
	const groups = 1<<(unix.RTNLGRP_LINK-1) | 1<<(unix.RTNLGRP_IPV4_IFADDR-1) | 1<<(unix.RTNLGRP_IPV6_IFADDR-1)
	if err := unix.Bind(r.fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		return os.NewSyscallError("bind", err)
	}
	fds := []unix.PollFd{{Fd: int32(r.fd), Events: unix.POLLIN}}
	deadline := time.Now().Add(dumpTimeout)
	for r.resync(); r.dumps == 0; r.read() {
		left := time.Until(deadline)
		switch {
		case r.stage == 0:
			return r.failure
		case left <= 0:
			return fmt.Errorf("no list of links: %w", os.ErrDeadlineExceeded)
		}
		if _, err := unix.Poll(fds, int(left.Milliseconds())+1); err != nil && err != unix.EINTR {
			return os.NewSyscallError("poll", err)
		}
	}
	return nil
}

// resync asks for everything, or has it asked for when the dump that goes on is finished.
func (r *routeSocket) resync() {
	r.retryAt = time.Time{}
	if r.stage != 0 {
		r.dirty = true
		return
	}
	r.dirty = false
	r.table.beginDump()
	r.request(unix.RTM_GETLINK)
}

// request asks for all links or all addresses.
func (r *routeSocket) request(typ uint16) {
	req := nl.NewNetlinkRequest(int(typ), unix.NLM_F_DUMP)
	if typ == unix.RTM_GETLINK {
		req.AddData(nl.NewIfInfomsg(unix.AF_UNSPEC))
	} else {
		req.AddData(nl.NewIfAddrmsg(unix.AF_UNSPEC))
	}
	r.stage, r.seq = typ, req.Seq
	if err := unix.Sendto(r.fd, req.Serialize(), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		r.refused(os.NewSyscallError("sendto", err))
	}
}

// refused ends a dump that did not come off. It is tried again.
func (r *routeSocket) refused(err error) {
	r.log.Warn("no list of links from the kernel", "err", err)
	r.stage, r.failure, r.retryAt = 0, err, time.Now().Add(retryInterval)
}

// due reports whether there is something to be read, or may be: what has arrived during a rest, which is over.
func (r *routeSocket) due(now time.Time) bool {
	if r.resting {
		return !now.Before(r.pace.until)
	}
	return r.ready
}

// looked takes note that the socket was looked at, at that time or later: if there was nothing, no notice is unread of what
// was before.
func (r *routeSocket) looked(at time.Duration) {
	if !r.ready && !r.resting {
		r.table.settled = at
	}
}

// update takes in what has arrived, and reports whether a rest has begun or ended with that.
func (r *routeSocket) update(now time.Time) (changed bool) {
	rested := r.resting
	got := r.read()
	r.resting = got && !r.ready && r.pace.spend(now)
	return r.resting != rested
}

// read takes in what has arrived, within bounds, and reports whether that is anything: ready stays true if there may be
// more.
func (r *routeSocket) read() (got bool) {
	r.ready = true
	for range maxDatagrams {
		n, from, err := unix.Recvfrom(r.fd, r.buf, unix.MSG_DONTWAIT|unix.MSG_TRUNC)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.ENOBUFS:
			r.log.Warn("messages about links were lost: asking for all")
			r.resync()
		case err != nil:
			r.ready = false
			return got
		case n > len(r.buf):
			r.resync()
		default:
			if sender, ok := from.(*unix.SockaddrNetlink); ok && sender.Pid == nl.PidKernel {
				r.handle(r.buf[:n])
			}
		}
		got = true
	}
	return got
}

// handle takes a datagram from the kernel.
func (r *routeSocket) handle(b []byte) {
	for h, body := range nlMessages(b) {
		mine := r.stage != 0 && h.Seq == r.seq
		if mine && h.Flags&unix.NLM_F_DUMP_INTR != 0 {
			r.dirty = true
		}
		switch {
		case mine && (h.Type == unix.NLMSG_DONE || h.Type == unix.NLMSG_ERROR):
			r.finish(dumpError(body))
		default:
			r.table.apply(h.Type, body)
		}
	}
}

// dumpError returns the error in the body of an NLMSG_DONE or NLMSG_ERROR.
func dumpError(body []byte) error {
	var code int32
	if load(&code, body); code < 0 {
		return os.NewSyscallError("netlink", unix.Errno(-code))
	}
	return nil
}

// finish goes on after the last message of a dump: addresses are asked for after links, and both once more, a
// little later, if the kernel said that they changed meanwhile or messages were lost. What an unclean dump left
// out may be there, so nothing is forgotten then.
func (r *routeSocket) finish(err error) {
	switch {
	case err != nil:
		r.refused(err)
		return
	case r.stage == unix.RTM_GETLINK:
		r.request(unix.RTM_GETADDR)
		return
	}
	r.stage = 0
	r.dumps++
	if r.dirty {
		r.retryAt = time.Now().Add(redumpInterval)
	} else {
		r.table.endDump()
	}
	r.synced()
}
