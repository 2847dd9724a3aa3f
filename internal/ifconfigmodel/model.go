// SPDX-License-Identifier: Apache-2.0

// Package ifconfigmodel is a model of a FreeBSD 13 host as ifconfig(8), netstat(1), route(8) and sysctl(8) show it: it
// takes their command lines, keeps addresses, routes and vhids as the kernel would, and answers with what they print
// and exit with. Tests of what drives ifconfig run against it on any system.
//
// It knows what was recorded on FreeBSD 13.0's network stack and ifconfig (vip/testdata/freebsd-13, where the test of
// this package replays it) and nothing more. Not recorded, and taken from ifconfig's source instead: what a user
// without privileges is told, and a release that lacks no_dad.
package ifconfigmodel

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// Interface is the name of the Ethernet interface of a [Model]. There is also lo0.
const Interface = "f-stack-0"

// Config says what a host is like. The zero value is one without carp(4), whose commands root runs.
type Config struct {
	CARP         bool // the kernel has carp(4), as after kldload carp
	WithoutNoDAD bool // ifconfig is so old that it does not know the word no_dad
	Unprivileged bool // commands are run by a user who may look but not touch
}

// A Model is a host: 192.0.2.2/24 and an IPv6 link-local address on [Interface], and a default route over 192.0.2.1.
// It is safe for concurrent use.
type Model struct {
	config Config

	mu         sync.Mutex
	now        time.Duration // since the host was started
	interfaces []*iface
	routes     []*route
	sysctls    []sysctl
	neighbours map[netip.Addr]bool // IPv6 addresses of other hosts
	peers      map[int]int         // advskew of other nodes that advertise a vhid
	announced  []netip.Addr
}

// A Result is what a command wrote, and its exit status.
type Result struct {
	Stdout, Stderr string
	Exit           int
}

// New returns a host that was started just now.
func New(cfg Config) *Model {
	m := &Model{config: cfg, sysctls: sysctls(), neighbours: map[netip.Addr]bool{}, peers: map[int]int{}}
	lo := &iface{
		name: "lo0", index: 1, up: true, loopback: true, mtu: 16384, nd6: nd6PerformNUD | nd6AutoLinkLocal,
		options: "options=680003<RXCSUM,TXCSUM,LINKSTATE,RXCSUM_IPV6,TXCSUM_IPV6>", groups: "lo",
	}
	ether := &iface{
		name: Interface, index: 2, up: true, mtu: 1500, nd6: nd6PerformNUD | nd6AcceptRtAdv | nd6AutoLinkLocal,
		ether: "02:00:00:00:00:02",
	}
	m.interfaces = []*iface{lo, ether}
	m.insert(lo, &address{ip: netip.MustParseAddr("127.0.0.1"), mask: 0xff000000})
	m.insert(lo, &address{ip: netip.MustParseAddr("::1"), bits: 128})
	m.insert(lo, &address{ip: netip.MustParseAddr("fe80::1"), bits: 64})
	m.insert(ether, &address{ip: netip.MustParseAddr("192.0.2.2"), mask: 0xffffff00, broadcast: netip.MustParseAddr("192.0.2.255")})
	m.insert(ether, &address{ip: netip.MustParseAddr("fe80::ff:fe00:2"), bits: 64})
	m.addStatic(netip.MustParsePrefix("0.0.0.0/0"), netip.MustParseAddr("192.0.2.1"), "UG")
	return m
}

// Run runs a command: the name of the program, without a path, and its arguments.
func (m *Model) Run(argv ...string) Result {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := Result{Stderr: argv[0] + ": not in the model\n", Exit: 127}
	switch argv[0] {
	case "ifconfig":
		r = m.ifconfig(argv[1:])
	case "netstat":
		if slices.Equal(argv[1:], []string{"-rn", "-f", "inet"}) {
			r = Result{Stdout: m.netstat()}
		}
	case "route":
		if len(argv) == 5 && argv[1] == "add" {
			r = m.routeAdd(argv[2], argv[3], argv[4])
		}
	case "sysctl":
		if len(argv) == 2 {
			r = m.sysctl(argv[1])
		}
	}
	return r
}

// Pass lets time pass: duplicate address detection ends, and the timers of vhids run.
func (m *Model) Pass(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now += d
	for _, i := range m.interfaces {
		i.endDAD(m)
		for _, v := range i.vhids {
			m.passVHID(i, v)
		}
	}
}

// Neighbour says that another host on the link of [Interface] has an IPv6 address, and will say so when asked.
func (m *Model) Neighbour(a netip.Addr) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.neighbours[a] = true
}

// Peer says that another node advertises a vhid with advskew from now on, and with the same password and addresses, or
// that it falls silent (advskew -1).
func (m *Model) Peer(vhid, advskew int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.peers, vhid)
	if advskew >= 0 {
		m.peers[vhid] = advskew
	}
}

// Announced returns the addresses for which a gratuitous ARP request was sent, one for each request.
func (m *Model) Announced() []netip.Addr {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.announced)
}

// Addresses returns the addresses of [Interface], but those whose masks have holes.
func (m *Model) Addresses() []netip.Prefix {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []netip.Prefix
	for _, a := range m.find(Interface).addrs {
		if p, ok := a.prefix(); ok {
			list = append(list, netip.PrefixFrom(a.ip, p.Bits()))
		}
	}
	return list
}

// find returns the interface of a name, nil if there is none.
func (m *Model) find(name string) *iface {
	for _, i := range m.interfaces {
		if i.name == name {
			return i
		}
	}
	return nil
}

// A failure ends a command: what it writes after its own name, and its exit status is 1.
type failure string

func (f failure) Error() string { return string(f) }

func failf(format string, args ...any) error { return failure(fmt.Sprintf(format, args...)) }

// What strerror(3) says of the errors that the kernel gives.
const (
	errAddrNotAvail     = failure("Can't assign requested address")
	errInvalid          = failure("Invalid argument")
	errNoMemory         = failure("Cannot allocate memory")
	errNoProtocol       = failure("Protocol not supported")
	errNotSupported     = failure("Operation not supported")
	errPermissionDenied = failure("permission denied") // ifconfig's own words for EPERM
)

// ifconfig runs ifconfig with arguments.
func (m *Model) ifconfig(args []string) Result {
	var l listing
	args, err := l.flags(args)
	if err == nil {
		err = m.act(&l, args)
	}
	r := Result{Stdout: l.out.String(), Stderr: l.warnings.String()}
	if err != nil {
		r.Stderr += "ifconfig: " + err.Error() + "\n"
		r.Exit = 1
	}
	return r
}

// act does what comes after the flags: it lists, or changes an interface.
func (m *Model) act(l *listing, args []string) error {
	if l.all || l.names || len(args) == 0 {
		return m.listAll(l, args)
	}
	i := m.find(args[0])
	if i == nil {
		return failf("interface %s does not exist", args[0])
	}
	args = args[1:]
	family := ""
	if len(args) > 0 && (args[0] == "inet" || args[0] == "inet6") {
		family, args = args[0], args[1:]
	}
	if len(args) == 0 {
		l.print(m, i, family)
		return nil
	}
	c := command{m: m, i: i, six: family == "inet6", warn: func(text string) {
		fmt.Fprintf(&l.warnings, "ifconfig: %s\n", text)
	}}
	return c.run(args)
}

// listAll lists all interfaces, or only their names.
func (m *Model) listAll(l *listing, args []string) error {
	if len(args) > 1 {
		return failure("usage")
	}
	family := strings.Join(args, "")
	if l.names {
		var names []string
		for _, i := range m.interfaces {
			names = append(names, i.name)
		}
		fmt.Fprintln(&l.out, strings.Join(names, " "))
		return nil
	}
	for _, i := range m.interfaces {
		l.print(m, i, family)
	}
	return nil
}
