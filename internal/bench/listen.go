// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/frame"
	"github.com/go-fhrp/fhrp/internal/netlab"
)

// event is an advertisement or the announcement of an address, as a host saw it.
type event struct {
	at       time.Time
	outgoing bool
	link     int        // index of the interface
	id       uint8      // of the virtual router that advertises
	announce netip.Addr // invalid: an advertisement
}

// listener notes what goes through all interfaces of a host.
type listener struct {
	fd   int
	done <-chan struct{}

	mu     sync.Mutex
	ended  bool
	events []event
}

// listen begins to listen on a host.
func listen(h *netlab.Host) (*listener, error) {
	l := &listener{}
	err := h.Do(func() (err error) {
		const large = 64 << 20
		all := uint16(unix.ETH_P_ALL)
		if l.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, int(all<<8|all>>8)); err != nil {
			return os.NewSyscallError("socket", err)
		}
		_ = unix.SetsockoptInt(l.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, large)
		timeout := unix.NsecToTimeval(int64(100 * time.Millisecond))
		_ = unix.SetsockoptTimeval(l.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout)
		return os.NewSyscallError("setsockopt", unix.SetsockoptInt(l.fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1))
	})
	if err != nil {
		return nil, err
	}
	l.done = h.Go(l.read)
	return l, nil
}

// read notes events until stop is called.
func (l *listener) read() {
	defer unix.Close(l.fd)
	data, oob := make([]byte, 2048), make([]byte, 128)
	for {
		n, oobn, _, from, err := unix.Recvmsg(l.fd, data, oob, 0)
		l.mu.Lock()
		if err == nil {
			l.note(data[:n], oob[:oobn], from)
		}
		ended := l.ended
		l.mu.Unlock()
		if ended {
			return
		}
	}
}

// note notes a frame, if it is one of ours.
func (l *listener) note(b, oob []byte, from unix.Sockaddr) {
	ll, ok := from.(*unix.SockaddrLinklayer)
	if !ok {
		return
	}
	e := event{at: stamp(oob), outgoing: ll.Pkttype == unix.PACKET_OUTGOING, link: ll.Ifindex}
	if p, ok := frame.DecodeIP(b); ok && len(p.Payload) > 1 && p.Dst.IsMulticast() {
		e.id = p.Payload[1]
	} else if v, ok := frame.DecodeBinding(b); ok && v.Announced {
		e.announce = v.Addr
	} else {
		return
	}
	l.events = append(l.events, e)
}

// stamp returns when the kernel had a frame.
func stamp(oob []byte) time.Time {
	messages, _ := unix.ParseSocketControlMessage(oob)
	for _, m := range messages {
		if m.Header.Type == unix.SO_TIMESTAMPNS && len(m.Data) >= int(unsafe.Sizeof(unix.Timespec{})) {
			return time.Unix((*unix.Timespec)(unsafe.Pointer(&m.Data[0])).Unix())
		}
	}
	return time.Now()
}

// stop ends it and returns what was noted.
func (l *listener) stop() []event {
	l.mu.Lock()
	l.ended = true
	l.mu.Unlock()
	<-l.done
	return l.events
}

// gaps returns the times between advertisements that came in, of each virtual router by itself, in ascending order, and
// how many advertisements went out.
func gaps(events []event) (between []time.Duration, sent int) {
	type router struct {
		link int
		id   uint8
	}
	last := map[router]time.Time{}
	for _, e := range events {
		switch r := (router{e.link, e.id}); {
		case e.announce.IsValid():
		case e.outgoing:
			sent++
		default:
			if before, ok := last[r]; ok {
				between = append(between, e.at.Sub(before))
			}
			last[r] = e.at
		}
	}
	slices.Sort(between)
	return between, sent
}

// quantile returns that of durations in ascending order.
func quantile(d []time.Duration, q float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	return d[min(len(d)-1, int(q*float64(len(d))))]
}
