// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/frame"
)

// An announcer sends announcements on one link. The loop opens and closes it; announce is for any goroutine.
type announcer struct {
	name   string
	mode   AnnounceMode
	closer *closer
	note   func([]netip.Addr) // is told what is announced

	sending sync.Mutex // guards what announce works on, held while it does
	outbox  *batch
	about   [batchLen]netip.Addr // what the messages in outbox are about

	mu   sync.Mutex // guards way, never held for long
	way  way
	fail error // why there is none
}

// A way is how announcements get on a link.
type way struct {
	fd         int
	index      int // 0 if there is none
	mac        [6]byte
	forwarding *os.File // of the link's IPv6 settings, nil if there are none
}

// newAnnouncer returns an announcer for the link of a port. It is not open, for the same reason as the port.
func (n *network) newAnnouncer(p *port) *announcer {
	return &announcer{name: p.name, mode: n.cfg.Announce, closer: &n.closer, note: n.announced, outbox: newBatch(), fail: p.err}
}

// open makes an announcer ready to send on a link that is up.
func (a *announcer) open(l *link) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.way.index == l.index {
		a.way.mac = l.mac
		return nil
	}
	a.shut()
	a.way, a.fail = openWay(l)
	return a.fail
}

// close makes announce fail, for the reason given.
func (a *announcer) close(why error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.shut()
	a.fail = why
}

// shut closes what there is to send on, when nothing is sent on it any more. The caller holds mu.
func (a *announcer) shut() {
	if w := a.way; w.index != 0 {
		a.closer.later(func() {
			a.sending.Lock()
			defer a.sending.Unlock()
			w.close()
		})
	}
	a.way = way{}
}

// isOn reports whether the way is still open.
func (a *announcer) isOn(w *way) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.way.index == w.index && a.way.fd == w.fd
}

// openWay returns a packet socket that receives nothing.
func openWay(l *link) (way, error) {
	if !l.ethernet {
		return way{}, fmt.Errorf("netif: %s: announce: no Ethernet: %w", l.name, errors.ErrUnsupported)
	}
	fd, err := openPacket(l, 0, nil)
	if err != nil {
		return way{}, fmt.Errorf("netif: %s: announce: %w", l.name, err)
	}
	// It is opened here as /proc/sys/net is that of the namespace of the thread that opens it.
	forwarding, _ := os.Open("/proc/sys/net/ipv6/conf/" + l.name + "/forwarding")
	return way{fd: fd, index: l.index, mac: l.mac, forwarding: forwarding}, nil
}

// close closes the sockets.
func (w *way) close() {
	unix.Close(w.fd)
	if w.forwarding != nil {
		w.forwarding.Close()
	}
}

// isRouter reports whether the link forwards IPv6 at this moment, which the router flag tells.
func (w *way) isRouter() bool {
	var b [1]byte
	if w.forwarding == nil {
		return false
	}
	n, _ := w.forwarding.ReadAt(b[:], 0)
	return n == 1 && b[0] != '0'
}

// announce sends the announcements for some addresses, in batches. Whether or not they can be sent, who announces addresses
// holds them: claims to them are looked for first.
func (a *announcer) announce(ctx context.Context, mac [6]byte, addrs []netip.Addr) error {
	a.note(addrs)
	a.sending.Lock()
	defer a.sending.Unlock()
	a.mu.Lock()
	w, err := a.way, a.fail
	a.mu.Unlock()
	if err != nil {
		return err
	}
	if mac == ([6]byte{}) {
		mac = w.mac
	}
	var errs []error
	router := w.isRouter()
	for part := range slices.Chunk(addrs, batchLen/a.frames()) {
		if err := ctx.Err(); err != nil {
			errs = append(errs, fmt.Errorf("netif: %s: announce: %w", a.name, err))
			break
		}
		for _, addr := range part {
			if err := a.compose(addr, mac, router); err != nil {
				errs = append(errs, err)
			}
		}
		errs = append(errs, a.flush(ctx, &w)...)
	}
	return errors.Join(errs...)
}

// frames returns how many frames an address is at most.
func (a *announcer) frames() int {
	if a.mode == AnnounceRequest || a.mode == AnnounceReply {
		return 1
	}
	return 2
}

// compose puts the frames for an address in the outbox.
func (a *announcer) compose(addr netip.Addr, mac [6]byte, router bool) error {
	addr = addr.Unmap()
	switch {
	case !addr.IsValid():
		return fmt.Errorf("netif: %s: announce: %v", a.name, addr)
	case addr.Is6():
		a.add(addr, func(b []byte) []byte { return frame.AppendUnsolicitedNA(b, mac, addr, router) })
		return nil
	}
	if a.mode != AnnounceReply {
		a.add(addr, func(b []byte) []byte { return frame.AppendGratuitousARP(b, frame.Request, mac, addr) })
	}
	if a.mode != AnnounceRequest {
		a.add(addr, func(b []byte) []byte { return frame.AppendGratuitousARP(b, frame.Reply, mac, addr) })
	}
	return nil
}

// add puts a frame in the outbox.
func (a *announcer) add(addr netip.Addr, appendFrame func([]byte) []byte) {
	a.about[a.outbox.n] = addr
	m := a.outbox.compose()
	m.data = appendFrame(m.data)
	a.outbox.commit()
}

// flush sends what is in the outbox, and waits where the socket has no room.
func (a *announcer) flush(ctx context.Context, w *way) (errs []error) {
	for a.outbox.pending() {
		err := a.outbox.send(w.fd)
		if err == unix.EAGAIN {
			err = a.awaitRoom(ctx, w)
		} else {
			err = os.NewSyscallError("sendmmsg", err)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("netif: %s: announce %v: %w", a.name, a.about[a.outbox.next], err))
			a.outbox.skip()
		}
	}
	return errs
}

// roomPause is for how long an announcement waits for room before it looks whether it is still wanted.
const roomPause = 10 * time.Millisecond

// awaitRoom waits a moment for the socket to have room. The error says why to wait no longer.
func (a *announcer) awaitRoom(ctx context.Context, w *way) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !a.isOn(w) {
		return net.ErrClosed
	}
	_, err := unix.Poll([]unix.PollFd{{Fd: int32(w.fd), Events: unix.POLLOUT}}, int(roomPause.Milliseconds()))
	if err == unix.EINTR {
		return nil
	}
	return os.NewSyscallError("poll", err)
}
