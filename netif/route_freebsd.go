// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"time"
	"unsafe"

	"golang.org/x/net/route"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/rtsock"
)

const (
	// routeBuffer is for the messages about some thousand addresses that come at once.
	routeBuffer = 1 << 20

	// messageLen is more than a message can have.
	messageLen = 64 << 10

	// maxMessages bounds what one call of read takes in.
	maxMessages = 4096

	// listInterval is how often the list of links is got though no message asked for it: before FreeBSD 14 messages get
	// lost without notice, and some changes, as that of a MAC address, go without one.
	listInterval = 30 * time.Second
)

// A routeSocket keeps a table of links up to date from a routing socket (route(4)): it gets a list of all there is, and
// is told of changes. If messages are lost, or don't say enough, it gets the list again.
type routeSocket struct {
	fd     int
	fd6    int // for ioctl, -1 without IPv6
	log    *slog.Logger
	table  *rtsock.Table
	buf    []byte
	ready  bool
	listAt time.Time // when the list is to be got again
}

// openRoute returns a socket with the table filled.
func openRoute(log *slog.Logger, changed func(name string, f rtsock.Family)) (*routeSocket, error) {
	fd, err := unix.Socket(unix.AF_ROUTE, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.AF_UNSPEC)
	if err != nil {
		return nil, fmt.Errorf("netif: route socket: %w", os.NewSyscallError("socket", err))
	}
	r := &routeSocket{fd: fd, fd6: -1, log: log, table: rtsock.NewTable(changed), buf: make([]byte, messageLen)}
	// More than the limit (kern.ipc.maxsockbuf) is refused. Where the other option isn't known, nothing tells of loss.
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, routeBuffer)
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RERROR, 1)
	if fd6, err := unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0); err == nil {
		r.fd6 = fd6
	}
	if err := r.list(); err != nil {
		r.close()
		return nil, fmt.Errorf("netif: route socket: %w", err)
	}
	return r, nil
}

// close closes the sockets.
func (r *routeSocket) close() {
	unix.Close(r.fd)
	if r.fd6 >= 0 {
		unix.Close(r.fd6)
	}
}

// find returns the link of that name with its addresses.
func (r *routeSocket) find(name string) (*rtsock.Entry, error) {
	if e, ok := r.table.Find(name); ok {
		return e, nil
	}
	return nil, fmt.Errorf("netif: %s: %w", name, ErrNoLink)
}

// list gets the list of all links and addresses. Messages that were sent before and are read later make no difference in
// the end: what is true now follows in them.
func (r *routeSocket) list() error {
	r.listAt = time.Now().Add(retryInterval)
	list, err := route.FetchRIB(unix.AF_UNSPEC, route.RIBTypeInterface, 0)
	if err != nil {
		return err
	}
	if err := r.table.Load(list); err != nil {
		return err
	}
	r.listAt = time.Now().Add(listInterval)
	return nil
}

// update takes in what has arrived, and gets the list if need be.
func (r *routeSocket) update() {
	stale := !time.Now().Before(r.listAt)
	if r.ready {
		stale = r.read() || stale
	}
	if !stale {
		return
	}
	if err := r.list(); err != nil {
		r.log.Warn("no list of links from the kernel", "err", err)
	}
}

// read takes in what has arrived, within bounds: ready stays true if there may be more. It reports whether the list has
// to be got.
func (r *routeSocket) read() (stale bool) {
	for range maxMessages {
		n, err := unix.Read(r.fd, r.buf)
		switch {
		case err == nil:
			stale = r.table.Apply(r.buf[:n]) || stale
		case errors.Is(err, unix.ENOBUFS):
			r.log.Warn("messages about links were lost: asking for all")
			stale = true
		case !errors.Is(err, unix.EINTR):
			r.ready = false
			return stale
		}
	}
	return stale
}

// sources6 appends the IPv6 addresses of a link that packets can come from.
func (r *routeSocket) sources6(e *rtsock.Entry, list []netip.Addr) (sources []netip.Addr, tentative bool) {
	return e.Sources6(list, func(a netip.Addr) (rtsock.Flags, bool) { return r.flags(e.Name, a) })
}

// siocgifaflagIn6 is SIOCGIFAFLAG_IN6, _IOWR('i', 73, struct in6_ifreq).
const siocgifaflagIn6 = 0xc1206949

// in6Ifreq is struct in6_ifreq: a name, and a union whose largest member is of 34 counters.
type in6Ifreq struct {
	name  [unix.IFNAMSIZ]byte
	union [34 * 8]byte
}

// flags returns the flags of an IPv6 address. They are in no message, and change without one.
func (r *routeSocket) flags(link string, a netip.Addr) (rtsock.Flags, bool) {
	const addrOffset = 8 // of struct sockaddr_in6
	var request in6Ifreq
	copy(request.name[:maxName], link)
	request.union[0], request.union[1] = unix.SizeofSockaddrInet6, unix.AF_INET6
	octets := a.As16()
	copy(request.union[addrOffset:], octets[:])
	if ioctl(r.fd6, "SIOCGIFAFLAG_IN6", siocgifaflagIn6, unsafe.Pointer(&request)) != nil {
		return 0, false
	}
	return rtsock.Flags(binary.NativeEndian.Uint32(request.union[:])), true
}
