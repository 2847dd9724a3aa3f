// SPDX-License-Identifier: Apache-2.0

// Package netlab makes hosts on a switch, in network namespaces of their own, out of nothing but the kernel: no program
// outside this one is needed.
//
// A process can't change the network namespace of all its threads, so the work is done in a second process: [Command]
// starts this executable once more in fresh namespaces, where [Inside] is true and [New] may be called. The second
// process's own namespace is the switch: the bridges br0, br1 and so on, without spanning tree and without snooping.
// Each host is one more namespace, whose interfaces eth0, eth1 and so on are plugged into the bridge of the same
// number.
//
// Tests go through package netlabtest, which does the starting.
package netlab

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os/exec"
	"time"
)

// ErrClosed says that the [Lab] of a [Host] is closed. To be tested for with [errors.Is].
var ErrClosed = errors.New("netlab: lab is closed")

// maxHosts is bounded by the last octet of their addresses: firstHost+i, up to 254.
const (
	firstHost = 71
	maxHosts  = 254 - firstHost + 1
	maxLinks  = 16
)

// Inside reports whether this process was started by [Command], or by [Host.Start] of such a process, and is in a
// network namespace other than the one it was started from.
func Inside() bool { return inside() }

// Command returns the command that starts this executable once more, with the arguments given, in a fresh network
// namespace. A caller who lacks the capabilities for that gets a fresh user namespace as well, in which he is root. The
// new process dies with the thread that started it, which for a goroutine that is not locked to one is this process.
//
// Standard input and output are for the caller to set, as in [exec.Command].
func Command(args ...string) *exec.Cmd { return command(args...) }

// Usable returns nil if the process that [Command] starts can have its namespaces here, else why not: an error that
// matches [errors.ErrUnsupported] or [os.ErrPermission].
func Usable() error { return usable() }

// Config says what [New] makes.
type Config struct {
	// Hosts are the names of the hosts, each different. Host number i, counted from 0, has the addresses that end in
	// 71+i.
	Hosts []string

	// Links is the number of interfaces of each host; 0 means one. Link number n, counted from 0, is ethN on switch
	// brN.
	Links int
}

// links returns the number of links a host.
func (c *Config) links() int { return max(c.Links, 1) }

// validate returns why c is not usable.
func (c *Config) validate() error {
	if len(c.Hosts) > maxHosts || c.Links < 0 || c.Links > maxLinks {
		return fmt.Errorf("netlab: %d hosts with %d links: at most %d with %d", len(c.Hosts), c.Links, maxHosts, maxLinks)
	}
	seen := make(map[string]bool)
	for _, name := range c.Hosts {
		if name == "" || seen[name] {
			return fmt.Errorf("netlab: host name %q is empty or given twice", name)
		}
		seen[name] = true
	}
	return nil
}

// A Lab is a set of hosts on their switches. It is safe for concurrent use, but [Lab.Close] must be the last call.
type Lab struct {
	hosts []*Host
	sys   labSys
}

// New makes the hosts and switches of cfg and returns when every interface is up and forwarded, and every IPv6 address
// is usable. It must be called inside, see [Inside], and once at a time: the names of the switches are fixed.
func New(cfg Config) (*Lab, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return newLab(&cfg)
}

// Close ends every process in the namespaces of the hosts, started by [Host.Start] or by their children, and removes
// hosts and switches. Functions that [Host.Go] started are not waited for. A second Close does nothing.
func (l *Lab) Close() error { return l.close() }

// Host returns the host of that name, nil if there is none.
func (l *Lab) Host(name string) *Host {
	for _, h := range l.hosts {
		if h.name == name {
			return h
		}
	}
	return nil
}

// Capture calls f for each frame that crosses the switch br0, in order, from one goroutine. The time is the kernel's;
// frame begins with the Ethernet header and is valid during the call only.
//
// The function it returns ends the capture: frames that crossed the switch before it was called are still handed
// over, and f is not called any more when it returns. It must not be called from f.
func (l *Lab) Capture(f func(at time.Time, frame []byte)) (stop func(), err error) {
	return l.capture(f)
}

// A Host is a network namespace that is plugged into the switches. It is safe for concurrent use.
type Host struct {
	name   string
	number int
	links  int
	sys    hostSys
}

// Name returns the name it was given in [Config.Hosts].
func (h *Host) Name() string { return h.name }

// Addr returns its IPv4 address on a link, of a /24: 10.0.0.71 is that of the first host on link 0, 10.0.1.72 that of
// the second on link 1.
func (h *Host) Addr(link int) netip.Addr { return h.prefix4(link).Addr() }

// Addr6 returns its IPv6 address on a link, of a /64: fd00::71 is that of the first host on link 0 (in decimal digits),
// fd00:0:0:1::72 that of the second on link 1. A link-local address of the kernel's choice is there, too.
func (h *Host) Addr6(link int) netip.Addr { return h.prefix6(link).Addr() }

// prefix4 returns the IPv4 address of a link with its prefix length.
func (h *Host) prefix4(link int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(link), byte(firstHost + h.number)}), 24)
}

// prefix6 returns the IPv6 address of a link with its prefix length. The last group shows the number of the host as
// people read it: host 1 ends in ::72, not in ::48.
func (h *Host) prefix6(link int) netip.Prefix {
	return netip.MustParsePrefix(fmt.Sprintf("fd00:0:0:%d::%d/64", link, firstHost+h.number))
}

// Do calls f on a thread that is in the namespace of the host, and waits. Sockets that f opens stay in it, and may be
// used from anywhere afterwards. Goroutines that f starts are not in it. The thread is thrown away: no other goroutine
// ever sees the namespace.
//
// The error is that of f, or [ErrClosed]. If f ends its goroutine, as FailNow of a test does, Do ends that of the
// caller.
func (h *Host) Do(f func() error) error { return h.do(f) }

// Go does as [Host.Do], in the background: f keeps its thread as long as it likes, and done is closed when it returned.
// It panics with [ErrClosed] if the lab is closed.
func (h *Host) Go(f func()) (done <-chan struct{}) { return h.goOn(f) }

// Start starts a process in the namespace of the host. It is killed when the lab is closed and when this process ends;
// cmd.Wait is for the caller to call.
func (h *Host) Start(cmd *exec.Cmd) error { return h.start(cmd) }

// Unplug takes all links of the host off their switches. The host is not told: its carrier stays.
func (h *Host) Unplug() error { return h.setPlugged(false) }

// Plug puts them back.
func (h *Host) Plug() error { return h.setPlugged(true) }

// SetLink takes the host's own interface administratively down, with which it loses its IPv6 addresses and its carrier,
// or up again. The kernel gives a new link-local address some time after that.
func (h *Host) SetLink(link int, up bool) error { return h.setLink(link, up) }

// Addresses returns what the kernel has on ethN, IPv4 before IPv6, each family in the kernel's order.
func (h *Host) Addresses(link int) ([]netip.Prefix, error) { return h.addresses(link) }

// ifName returns the name of a link as the host sees it.
func ifName(link int) string { return fmt.Sprintf("eth%d", link) }

// Ping sends an ICMP or ICMPv6 echo request from the host to dst at every multiple of interval after the first, until
// ctx ends. A request that is late, because this process was held up, leaves late and does not move the others.
//
// It calls report for each, in the order of sequence numbers, [PingTimeout] after it was sent: by then it is known how
// often it was answered. When ctx has ended it waits for the last ones, and returns the sums. The error is about the
// socket only: an echo request that could not be sent is a lost one. report may be nil.
func Ping(ctx context.Context, h *Host, dst netip.Addr, interval time.Duration, report func(PingResult)) (PingSummary, error) {
	if interval <= 0 {
		return PingSummary{}, fmt.Errorf("netlab: ping interval %v is not positive", interval)
	}
	if report == nil {
		report = func(PingResult) {}
	}
	return ping(ctx, h, dst, interval, report)
}
