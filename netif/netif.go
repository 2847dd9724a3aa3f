// SPDX-License-Identifier: Apache-2.0

// Package netif is the network as VRRP and CARP see it: the packets of IP protocol 112 on a link, the state and
// the addresses of the link, the announcements by which other hosts claim an address, and those of this host.
//
// A [Network] is made for one event loop. The loop attaches to the links it wants to take part on, blocks in
// [Network.Wait] and nowhere else, and asks afterwards what there is: [Network.Links], [Network.Receive],
// [Network.Claims]. What it has to send it puts in with [Network.Queue] and sends with one [Network.Flush]. A
// pair of link and address family has a number, its port, and one set of sockets, however many virtual routers use it.
//
// It runs on Linux. Attach needs the capability CAP_NET_RAW; with CAP_NET_ADMIN the socket buffers are larger
// than the system's limit.
//
// On FreeBSD, from release 13 on, it sends and receives by bpf(4). That has been compiled and vetted, and its parts
// that need no kernel have been tested, but it has never run on a booted FreeBSD. Attach needs to read and write
// /dev/bpf. Links must be Ethernet, and packets must fit in one frame.
//
// Elsewhere [Open] returns an error that matches [errors.ErrUnsupported].
package netif

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"time"

	"github.com/go-fhrp/fhrp/internal/quietlog"
)

// Why a port is not up, as [Network.Links] reports it, and why [Network.Announce] fails. To be tested for with
// [errors.Is].
var (
	// ErrNoLink says that there is no link of that name.
	ErrNoLink = errors.New("no such link")

	// ErrLinkDown says that the link is administratively down, or has no carrier, or is not operational for
	// another reason.
	ErrLinkDown = errors.New("link is down")

	// ErrUpDelay says that the link is up, but was not until less than [Config].UpDelay ago.
	ErrUpDelay = errors.New("link came up a moment ago")

	// ErrNotAttached says that the link is not attached.
	ErrNotAttached = errors.New("not attached")
)

// Why no packet can come from a port that is up, as [Network.Links] reports it. To be tested for with [errors.Is].
var (
	// ErrNoAddress says that the link has no address for it, or none yet.
	ErrNoAddress = errors.New("no address that packets can come from")

	// ErrTentative says that duplicate address detection goes on for the only address (RFC 4862 section 5.4): it is
	// to be waited for. The error matches ErrNoAddress too.
	ErrTentative = errors.New("tentative")

	// ErrDuplicate says that another host has the only address: duplicate address detection failed. The address has to
	// be removed, or the other host. The error matches ErrNoAddress too.
	ErrDuplicate = errors.New("duplicate (dadfailed)")
)

// AnnounceMode says in which form an IPv4 address is announced. IPv6 has one form only.
type AnnounceMode int

const (
	// AnnounceRequest is a gratuitous ARP request, which RFC 9568 section 6.4.1 asks for and every other
	// implementation sends.
	AnnounceRequest AnnounceMode = iota

	// AnnounceReply is a gratuitous ARP reply, for neighbours that take notice of replies only.
	AnnounceReply

	// AnnounceBoth is a request and then a reply.
	AnnounceBoth
)

// defaultDSCP is class selector 6, network control (RFC 4594 section 3.1), as keepalived, FRR and holo send.
const defaultDSCP = 48

// Config has the options of [Open]. The zero value, or nil, is the default.
type Config struct {
	// Logger takes what is not worth an error, and nil means silent. It never delays the loop: what a slow handler can't
	// keep up with is dropped, and counted in the attribute dropped_before of the next record.
	Logger *slog.Logger

	// DSCP is the differentiated services code point of the packets sent, from 1 to 63. 0 means 48, CS6.
	DSCP uint8

	// Announce is the form of announcements for IPv4.
	Announce AnnounceMode

	// UpDelay is for how long a link has to be up, after it was not, before its ports are: for switch ports that
	// forward some time after they come up, as with spanning tree. The default, 0, is not to wait. A link that is up
	// when it is attached is not waited for. Linux only.
	UpDelay time.Duration

	// RealTime has the loop run before everything else on the host. The default is that it doesn't.
	RealTime RealTime

	counters *counters
	flush    func(grace time.Duration) // writes what was logged
}

// withDefaults returns a copy in which every field has its meaning, or why c is not valid.
func (c *Config) withDefaults() (Config, error) {
	var full Config
	if c != nil {
		full = *c
	}
	if full.DSCP > 63 {
		return Config{}, fmt.Errorf("netif: DSCP %d is above 63", full.DSCP)
	}
	if full.Announce < AnnounceRequest || full.Announce > AnnounceBoth {
		return Config{}, fmt.Errorf("netif: unknown announce mode %d", full.Announce)
	}
	if full.UpDelay < 0 {
		return Config{}, fmt.Errorf("netif: up delay %v is negative", full.UpDelay)
	}
	if err := full.RealTime.validate(runtime.GOOS == "linux"); err != nil {
		return Config{}, err
	}
	full.counters = new(counters)
	if full.DSCP == 0 {
		full.DSCP = defaultDSCP
	}
	full.Logger, full.flush = quietlog.Detach(full.Logger)
	return full, nil
}

// A Network is the host's links. [Network.Wake], [Network.Announce] and [Network.Stats] are safe for concurrent use; all
// other methods are for one goroutine at a time. The functions that Links, Receive, Claims and Flush call may call
// Queue, but no other method.
//
// It belongs to the network namespace of the thread that called [Open]; Attach and the methods of the loop must
// be called in the same one, as sockets are opened in them. On FreeBSD that is the jail of the process.
type Network struct {
	sys      *network
	counters *counters
	flush    func(grace time.Duration)
}

// Open returns the links of the network namespace of the calling thread.
func Open(cfg *Config) (*Network, error) {
	full, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	sys, err := open(full)
	if err != nil {
		return nil, err
	}
	return &Network{sys: sys, counters: full.counters, flush: full.flush}, nil
}

// Stats returns what was counted up to now.
func (n *Network) Stats() Stats { return n.counters.stats() }

// Close closes all sockets. Wake and Announce may still be called, to no effect and with an error; the loop
// must have ended. A second Close does nothing.
func (n *Network) Close() error {
	err := n.sys.close()
	n.flush(time.Second)
	return err
}

// Attach starts taking part in a protocol on the link of that name: packets to its multicast group, whose
// address family is the port's, and to the host itself are received. It returns the port. To attach the same
// pair of link and family again gives the same port, joins the group too if it is another one, and is counted.
//
// The link need not exist yet. A port is about a name: when its link goes down and comes up, is renamed or is
// made anew, the sockets follow.
//
// The error matches [os.ErrPermission] if CAP_NET_RAW is missing, or /dev/bpf may not be opened.
func (n *Network) Attach(link string, group netip.Addr) (port int, err error) {
	return n.sys.attach(link, group)
}

// Detach ends one Attach. After the last one the sockets of the port are closed, and its number may be used
// again.
func (n *Network) Detach(port int) { n.sys.detach(port) }

// Bind is to be called by the goroutine that runs the loop before its first Wait. It locks the goroutine to its
// thread and sets the thread's timer slack to a nanosecond, which FreeBSD needs not; unbind, called by the same
// goroutine, takes both back.
func (n *Network) Bind() (unbind func(), err error) { return n.sys.bind() }

// Wait blocks until a packet arrived, a link changed, Wake was called, or it is until, for which the zero time
// means never. It may return early. Packets that come in swarms, more than some hundred times a second, end it up to 2 ms
// after they have arrived: Receive tells when that was.
func (n *Network) Wait(until time.Time) { n.sys.wait(until) }

// Wake makes the Wait that goes on, or else the next one, return at once.
func (n *Network) Wake() { n.sys.wake() }

// Suspended returns for how long in all the host has been suspended since it was booted, which the clock of package
// time does not count. FreeBSD can't tell: it is 0 there.
func (n *Network) Suspended() time.Duration { return n.sys.suspended() }

// Links calls f for each port that may have changed since the last call, and for each that was attached since.
//
// A port is up if its link is administratively up, has carrier, is operational (RFC 2863), has been so for
// [Config].UpDelay, and the sockets are open; err says why it is not, and matches [ErrNoLink], [ErrLinkDown],
// [ErrUpDelay] or the error of the socket call, which is tried again every second. A link that was away is reported as
// it is at the call, and the sockets are made anew whether or not a call came in between. That the link is a member of
// the groups is looked after every 30 seconds, and a second after something changed on it.
//
// A port that is up may have no address, as each family is ready on its own: err then matches [ErrNoAddress] and, if
// that is why, [ErrTentative] or [ErrDuplicate].
//
// addrs are the link's addresses in the port's family that packets can come from, best first, and are valid
// during the call only:
//   - IPv4: the primary addresses, then the secondary ones, each in the kernel's order; not those of scope host.
//   - IPv6: the link-local addresses that are neither tentative, unless optimistic, nor duplicates, in ascending order;
//     but those that are permanent and preferred before all others, as a service address that is held on a lease, or
//     is deprecated, must not become the identity of the router. Behind them, on Linux, are those of wider scope, for
//     packets to a single host that come from one because that was asked for. What err says is about the former.
//
// On FreeBSD both are in the kernel's order, the deprecated ones of IPv6 last.
//
// Addresses that package vip has marked as service addresses, where the kernel keeps the mark (Linux 5.18), are not on
// the list. Without the mark one on it may be a service address of the caller's own: only he knows.
func (n *Network) Links(f func(port int, up bool, addrs []netip.Addr, err error)) { n.sys.links(f) }

// Receive calls f for the packets that have arrived, each port's in order. A port that is flooded gives at most
// 1024 a call from each of its sockets; the next Wait then returns at once.
//
// While a virtual MAC address is in use on a link, multicast packets are received by a packet socket: see
// [Network.Queue].
//
// payload is what follows the IP header, cut short beyond 2028 octets, and valid during the call only. The
// addresses have no zone. at is when the kernel took the packet in, by its own clock: time.Now() less the
// packet's age, never in the future, with a monotonic reading. hopLimit is the TTL in IPv4.
func (n *Network) Receive(f func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)) {
	n.sys.receive(f)
}

// Select has the kernel drop packets that arrive at a port and whose second octet, the identifier of VRRP and CARP, is not
// wanted, until the next call or Detach. Packets that the tap of a virtual MAC address receives, see [Network.Queue], are
// handed over all the same; so is everything where the kernel does not take the filter, as on systems other than Linux.
func (n *Network) Select(port int, wanted *[256]bool) { n.sys.selectPackets(port, wanted) }

// Claims calls f for each address that another host claimed as its own on the link of an attached port, and the MAC
// address by which it did. It does so for all announcements and, on Linux, for every other frame that says that another
// host has an address of this one: an ARP request or reply from it (RFC 5227 section 2.4), a neighbour advertisement of
// it, a neighbour solicitation from it. Probes are no claims, and neither is what comes from a MAC address of this host,
// on whichever link. The MAC address of a virtual router is an exception: it may be another host that claims by it.
//
// The addresses of this host are those on its links, and the IPv4 addresses given to Announce, from some tenths of a second
// after that until they are removed from the link that they are on. IPv4 addresses that a keeper of package vip adds after
// Open, where the kernel keeps its mark (Linux 5.18), count only from when this Network announces them. One that is
// announced but not there counts, too; so may one that was announced about when it was removed.
//
// A claim ends a Wait. Where they do not end, they do so 100 times a second, and at most 256 frames a port are looked at
// in a call. ARP requests and neighbour discovery about other addresses never get as far as this process.
func (n *Network) Claims(f func(port int, addr netip.Addr, mac [6]byte)) { n.sys.claims(f) }

// Queue takes a packet to be sent by the next Flush, with hop limit 255, from the MAC address of a virtual router or,
// if mac is zero or the packet is not to a multicast group, the link's own. payload is copied. In IPv6 src must be an
// address of the host.
//
// Packets from the MAC address of a virtual router fail on a link that is no Ethernet, with an error that matches
// [errors.ErrUnsupported]. On Linux they leave by a packet socket (packet(7)), which the OUTPUT chains of the packet
// filter don't see, but what is attached to the link itself does. From the first one on, and from when a [Macvlan] of
// the link is up, multicast packets are received by that socket, too, before the INPUT chains and the kernel's check of
// the source (rp_filter): the advertisements of a rival come from the same MAC address, and the kernel gives them to the
// Macvlan alone. It takes whole packets without a VLAN tag; fragments are not put together.
func (n *Network) Queue(port int, mac [6]byte, src, dst netip.Addr, payload []byte) {
	n.sys.queue(port, mac, src, dst, payload)
}

// QueueTo is Queue for a packet to a single host, from the link's own MAC address and with another hop limit. On FreeBSD
// that is 255 all the same.
func (n *Network) QueueTo(port int, hopLimit uint8, src, dst netip.Addr, payload []byte) {
	n.sys.queueTo(port, hopLimit, src, dst, payload)
}

// Flush sends what is queued, each port's packets from one MAC address in order, and calls f for each that could not be
// sent. The error names the link and keeps that of the system call: [os.ErrPermission] if a packet filter refused it,
// for one.
//
// A packet is tried a second time at once if the kernel had no room for it or a packet filter refused it, as one may
// that is being loaded. It is not kept for later: an advertisement that leaves after the goodbye that followed it would
// undo that. Who queued it knows whether it is still true, and may queue another.
func (n *Network) Flush(f func(port int, err error)) { n.sys.flush(f) }

// Announce tells the neighbours on an attached link that the addresses are here now: by a gratuitous ARP for
// each IPv4 address, an unsolicited neighbour advertisement to ff02::1 for each IPv6 address, in their order.
// Both name mac or, if that is zero, the link's own MAC address. The addresses need not be on the link. On Linux those
// of IPv4 count as this host's from then on, see [Network.Claims].
//
// Every address is tried, and the errors are joined. If the link is not attached, is down or is no Ethernet,
// the error names it. When ctx ends, the rest is not sent, and the error matches ctx.Err().
func (n *Network) Announce(ctx context.Context, link string, mac [6]byte, addrs []netip.Addr) error {
	return n.sys.announce(ctx, link, mac, addrs)
}
