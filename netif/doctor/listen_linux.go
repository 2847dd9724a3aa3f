// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// returnTime is how long a packet to the host itself may take. It takes microseconds.
	returnTime = time.Second

	// graceTime is what a packet may take from the link to a socket.
	graceTime = 100 * time.Millisecond

	// sliceTime is how often is looked whether the context has ended.
	sliceTime = 50 * time.Millisecond
)

// A listener is a station with its sockets.
type listener struct {
	station
	raw   int    // gets the packets that protocols get
	tap   int    // sees the packets that come by the link
	token []byte // in the packet that is sent to itself
}

// listen listens on all links that can be used.
func listen(ctx context.Context, h *host, subjects []*subject, duration time.Duration) ([]Finding, error) {
	var findings []Finding
	var listeners []*listener
	defer func() {
		for _, l := range listeners {
			l.close()
		}
	}()
	for _, s := range subjects {
		if s.link == nil || s.link.down != nil {
			continue
		}
		l, err := newListener(s)
		if err != nil {
			findings = append(findings, s.found(NotChecked, Note, "run as root", "packet filter, and speakers on the link: %v", err)...)
			continue
		}
		listeners = append(listeners, l)
		l.sendToItself()
	}
	err := await(ctx, listeners, duration)
	if err == nil {
		for _, l := range listeners {
			findings = append(findings, l.findings(h)...)
		}
	}
	return findings, err
}

// await has the listeners listen, until the time is over and all packets that come back or go through have had
// the time for it. Packets that come by the link are not looked at in the end: those are on their way.
func await(ctx context.Context, listeners []*listener, duration time.Duration) error {
	begin := time.Now()
	for ctx.Err() == nil && len(listeners) > 0 {
		wait := duration - time.Since(begin)
		taps := wait > 0
		switch {
		case taps:
		case slices.ContainsFunc(listeners, (*listener).awaited):
			wait = max(returnTime, duration+graceTime) - time.Since(begin)
		}
		if wait <= 0 {
			break
		}
		if err := pollOnce(listeners, taps, min(wait, sliceTime)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// awaited reports whether a packet is missing that may be on its way.
func (l *listener) awaited() bool {
	for _, s := range l.speakers {
		if s.arrived > 0 && s.received == 0 {
			return true
		}
	}
	return l.sent == nil && !l.returned
}

// pollOnce waits until there is something to receive, and receives it.
func pollOnce(listeners []*listener, taps bool, timeout time.Duration) error {
	var fds []unix.PollFd
	for _, l := range listeners {
		fds = append(fds, unix.PollFd{Fd: int32(l.raw), Events: unix.POLLIN})
		if taps {
			fds = append(fds, unix.PollFd{Fd: int32(l.tap), Events: unix.POLLIN})
		}
	}
	n, err := unix.Poll(fds, int(timeout.Milliseconds())+1)
	if err != nil && err != unix.EINTR {
		return os.NewSyscallError("poll", err)
	}
	if n > 0 {
		for _, l := range listeners {
			if taps {
				drain(l.tap, l.takeTap)
			}
			drain(l.raw, l.takeRaw)
		}
	}
	return nil
}

// maxDrained bounds what is received at once: on a flooded link time must go on.
const maxDrained = 1024

// drain receives what has arrived at a socket.
func drain(fd int, take func(b []byte, from unix.Sockaddr)) {
	b := make([]byte, 1<<16)
	for range maxDrained {
		n, from, err := unix.Recvfrom(fd, b, unix.MSG_DONTWAIT)
		if err != nil {
			return // empty; or the link went down, which ends the listening there
		}
		take(b[:n], from)
	}
}

// takeTap takes a packet that came by the link.
func (l *listener) takeTap(b []byte, from unix.Sockaddr) {
	p, ok := parsePacket(b)
	ll, isLink := from.(*unix.SockaddrLinklayer)
	if ok && isLink && p.src.Is6() == l.ipv6 {
		l.arrive(p, net.HardwareAddr(ll.Addr[:min(int(ll.Halen), len(ll.Addr))]))
	}
}

// takeRaw takes a packet that went through the host. It has its header in IPv4 only.
func (l *listener) takeRaw(b []byte, from unix.Sockaddr) {
	p := packet{payload: b}
	if sender, ok := from.(*unix.SockaddrInet6); ok {
		p.src = netip.AddrFrom16(sender.Addr)
	} else if p, ok = parseIPv4(b); !ok {
		return
	}
	if bytes.Equal(p.payload, l.token) {
		l.returned = true
		return
	}
	l.speaker(p.src).received++
}
