// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/bpf"
	"github.com/go-fhrp/fhrp/internal/frame"
	"github.com/go-fhrp/fhrp/internal/rtsock"
)

// roomInterval is how often is tried to send where the link has no room. The kernel does not say when it has some.
const roomInterval = time.Millisecond

// An announcer sends announcements on one link. The loop opens and closes it; announce is for any goroutine.
type announcer struct {
	name string
	mode AnnounceMode

	mu   sync.Mutex // guards what follows, held while a frame is sent
	fd   int        // of bpf(4), -1 is closed
	link rtsock.Link
	fail error // why it is closed
	buf  []byte
}

// newAnnouncer returns an announcer for the link of a port. It is not open, for the same reason as the port.
func (n *network) newAnnouncer(p *port) *announcer {
	return &announcer{name: p.name, mode: n.cfg.Announce, fd: -1, fail: p.err}
}

// open makes an announcer ready to send on a link that is up.
func (a *announcer) open(l *rtsock.Link) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fd >= 0 && a.link.Same(l) {
		a.link = *l
		return nil
	}
	a.shut()
	a.link = *l
	a.fd, a.fail = openSender(l)
	return a.fail
}

// close makes announce fail, for the reason given.
func (a *announcer) close(why error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.shut()
	a.fail = why
}

// shut closes the descriptor, if there is one.
func (a *announcer) shut() {
	if a.fd >= 0 {
		unix.Close(a.fd)
	}
	a.fd = -1
}

// openSender returns a descriptor that receives nothing.
func openSender(l *rtsock.Link) (int, error) {
	fd, err := openDescriptor(unix.O_WRONLY)
	if err != nil {
		return -1, fmt.Errorf("netif: %s: announce: %w", l.Name, err)
	}
	if err := bindDevice(fd, l, bpf.Nothing()); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("netif: %s: announce: %w", l.Name, err)
	}
	return fd, nil
}

// isRouter reports whether the host forwards IPv6 at this moment, which the router flag tells.
func isRouter() bool {
	forwarding, err := unix.SysctlUint32("net.inet6.ip6.forwarding")
	return err == nil && forwarding != 0
}

// announce sends the announcements for some addresses.
func (a *announcer) announce(ctx context.Context, mac [6]byte, addrs []netip.Addr) error {
	a.mu.Lock()
	err := a.fail
	a.mu.Unlock()
	if err != nil {
		return err
	}
	var errs []error
	router := isRouter()
	for _, addr := range addrs {
		if err := ctx.Err(); err != nil {
			errs = append(errs, fmt.Errorf("netif: %s: announce: %w", a.name, err))
			break
		}
		if err := a.announceOne(ctx, mac, addr.Unmap(), router); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// announceOne sends the announcements for an address.
func (a *announcer) announceOne(ctx context.Context, mac [6]byte, addr netip.Addr, router bool) error {
	switch {
	case !addr.IsValid():
		return fmt.Errorf("netif: %s: announce: %v", a.name, addr)
	case addr.Is6():
		return a.send(ctx, addr, func(b []byte, own [6]byte) []byte {
			return frame.AppendUnsolicitedNA(b, cmp.Or(mac, own), addr, router)
		})
	}
	var errs []error
	for _, op := range a.mode.opcodes() {
		errs = append(errs, a.send(ctx, addr, func(b []byte, own [6]byte) []byte {
			return frame.AppendGratuitousARP(b, op, cmp.Or(mac, own), addr)
		}))
	}
	return errors.Join(errs...)
}

// opcodes returns what kinds of ARP packet a mode stands for, in order.
func (m AnnounceMode) opcodes() []frame.Opcode {
	switch m {
	case AnnounceReply:
		return []frame.Opcode{frame.Reply}
	case AnnounceBoth:
		return []frame.Opcode{frame.Request, frame.Reply}
	}
	return []frame.Opcode{frame.Request}
}

// send sends a frame about an address, and waits where there is no room for it. appendFrame is given the MAC address of
// the link.
func (a *announcer) send(ctx context.Context, addr netip.Addr, appendFrame func(b []byte, own [6]byte) []byte) error {
	for {
		err := a.try(addr, appendFrame)
		if !errors.Is(err, unix.ENOBUFS) {
			return err
		}
		select {
		case <-time.After(roomInterval):
		case <-ctx.Done():
			return fmt.Errorf("netif: %s: announce %v: %w", a.name, addr, ctx.Err())
		}
	}
}

// try sends a frame if there is room for it.
func (a *announcer) try(addr netip.Addr, appendFrame func(b []byte, own [6]byte) []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fail != nil {
		return a.fail
	}
	a.buf = appendFrame(a.buf[:0], a.link.MAC)
	if err := writeFrame(a.fd, a.buf); err != nil {
		return fmt.Errorf("netif: %s: announce %v: %w", a.name, addr, err)
	}
	return nil
}
