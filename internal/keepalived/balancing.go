// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// Balancing is what a keepalived.conf says about load balancing by IPVS, with keepalived's defaults filled in. Safe for concurrent
// reading.
type Balancing struct {
	Servers  []VirtualServer // in the order of the file
	Sync     *SyncDaemon     // nil: connections are not synchronized
	Mail     *Mail           // nil: there are no alerts
	Warnings []Warning
}

// Protocol is the transport protocol of a virtual server, as the kernel numbers them.
type Protocol uint16

// Protocols that IPVS balances.
const (
	TCP  Protocol = 6
	UDP  Protocol = 17
	SCTP Protocol = 132
)

// String returns the name in the file.
func (p Protocol) String() string {
	switch p {
	case UDP:
		return "UDP"
	case SCTP:
		return "SCTP"
	case TCP:
		return "TCP"
	}
	return fmt.Sprintf("protocol %d", uint16(p))
}

// Method is how packets get to a real server, as the kernel numbers them.
type Method uint32

// Methods of forwarding.
const (
	NAT Method = 0 // destination and source are rewritten
	TUN Method = 2 // packets go in a tunnel, IP in IP
	DR  Method = 3 // packets go to the real server as they are
)

// String returns the name in the file.
func (m Method) String() string {
	switch m {
	case TUN:
		return "TUN"
	case DR:
		return "DR"
	}
	return "NAT"
}

// Endpoint is what clients connect to: an address and port, or all packets with a firewall mark.
type Endpoint struct {
	Addr netip.AddrPort // not valid for a mark; port 0: all ports
	Mark uint32         // 0: none
	IPv6 bool
}

// VirtualServer is a virtual_server. Safe for concurrent reading.
type VirtualServer struct {
	Name string // what stands behind the word: 10.10.10.10 80, fwmark 7, group web
	File string
	Line int

	Endpoints       []Endpoint // one, or those of the group
	Protocol        Protocol
	Scheduler       string // default wlc
	Flags           []int  // scheduler flags 1 to 3
	Method          Method
	OnePacket       bool          // ops
	Persistence     time.Duration // 0: none
	PersistenceBits int           // of the client's address that count: the prefix length of persistence_granularity
	Engine          string        // persistence_engine

	HASuspend    bool // no checks while this host doesn't have the address
	Omega        bool // at the end call the commands for what is up
	Quorum       int  // weight of live servers that is needed, default 1
	Hysteresis   int
	QuorumUp     Command
	QuorumDown   Command
	Alert        bool        // mail tells when the quorum is gained or lost
	Sorry        *RealServer // sorry_server, without checks
	SorryInhibit bool        // the sorry server stays, with weight 0
	Servers      []RealServer
}

// RealServer is a real_server. Safe for concurrent reading.
type RealServer struct {
	File string
	Line int

	Addr       netip.AddrPort // port 0: that of the endpoint, which all have but with NAT
	Weight     int
	Method     Method
	Upper      uint32 // uthreshold
	Lower      uint32 // lthreshold
	Inhibit    bool   // one that is down stays, with weight 0
	Alpha      bool   // down until the first checks have succeeded
	NotifyUp   Command
	NotifyDown Command
	Alert      bool // mail tells what checks say
	Checks     []Check
}

// SyncDaemon says how connections are synchronized with the other director.
type SyncDaemon struct {
	Interface string
	Instance  string // vrrp_instance that is followed; "": both daemons run all the time
	ID        int    // -1: the VRID of the instance
	MaxLen    int    // of packets; 0: the kernel's choice
	Port      uint16 // 0: the kernel's choice
	TTL       uint8  // 0: the kernel's choice
	Group     netip.Addr
}

// balancer turns directives into a Balancing.
type balancer struct {
	*report
	Balancing
	groups map[string]*Directive
	files  map[string]File // track_file
	user   Command         // script_user

	alertServers, alertPools bool // what real and virtual servers have that don't say
}

// BalancingNames are the directives that [DecodeBalancing] reads, wherever they stand, and [Decode] has a [Warning] about.
func BalancingNames() []string {
	return append([]string{"virtual_server", "virtual_server_group", "lvs_sync_daemon", "lvs_sync_daemon_interface"}, mailNames...)
}

// DecodeBalancing returns what tree says about load balancing; its Warnings are about nothing else. If there are errors, each is
// an [*Error], [errors.Join] joins them, and the Balancing holds warnings only.
func DecodeBalancing(tree *Tree) (*Balancing, error) {
	b := &balancer{report: &report{}, groups: map[string]*Directive{}, files: map[string]File{}}
	for i := range tree.Directives {
		if d := &tree.Directives[i]; d.Name == "virtual_server_group" && len(d.Args) == 1 {
			b.groups[d.Args[0]] = d
		}
	}
	b.mail(tree)
	b.scriptUser(tree)
	b.trackFiles(tree)
	for i := range tree.Directives {
		b.top(&tree.Directives[i])
	}
	b.checkTwice()
	b.Warnings = b.warnings
	if err := b.err(); err != nil {
		return &Balancing{Warnings: b.warnings}, err
	}
	return &b.Balancing, nil
}

// scriptUser reads as whom commands run that don't say.
func (b *balancer) scriptUser(tree *Tree) {
	for i := range tree.Directives {
		for j := range tree.Directives[i].Block {
			if d := &tree.Directives[i].Block[j]; tree.Directives[i].Name == "global_defs" && d.Name == "script_user" {
				b.user.readUser(&report{}, d, d.Args) // Decode reports what is wrong with it
			}
		}
	}
}

// top reads a directive that stands outside all blocks.
func (b *balancer) top(d *Directive) {
	switch d.Name {
	case "virtual_server":
		if _, ok := b.lookup(d, known, ""); ok {
			b.virtualServer(d)
		}
	case "virtual_server_group":
		b.checkGroup(d)
	case "global_defs":
		for i := range d.Block {
			if d.Block[i].Name == "lvs_sync_daemon" {
				b.syncDaemon(&d.Block[i])
			}
		}
	case "vrrp_instance":
		for i := range d.Block {
			if d.Block[i].Name == "lvs_sync_daemon_interface" {
				b.oldSyncDaemon(d, &d.Block[i])
			}
		}
	}
}

// checkTwice reports endpoints of two virtual servers.
func (b *balancer) checkTwice() {
	type key struct {
		Endpoint
		Protocol
	}
	first := map[key]*VirtualServer{}
	for i := range b.Servers {
		v := &b.Servers[i]
		for _, e := range v.Endpoints {
			k := key{e, v.Protocol}
			if e.Mark != 0 {
				k.Protocol = 0
			}
			if other := first[k]; other != nil {
				b.add(&Error{File: v.File, Line: v.Line, Directive: "virtual_server", Value: v.Name, Err: ErrConflict,
					Reason: "balances what " + quote(other.Name) + " does", Allowed: "each address, port and protocol, or mark, once"})
				break
			}
			first[k] = v
		}
	}
}

// oldSyncDaemon reads lvs_sync_daemon_interface of an instance.
func (b *balancer) oldSyncDaemon(instance, d *Directive) {
	s := &SyncDaemon{ID: -1}
	if len(instance.Args) == 1 {
		s.Instance = instance.Args[0]
	}
	b.setLink(d, &s.Interface)
	b.setSync(d, s)
}

// setSync keeps what one directive says; the kernel has one daemon of each kind.
func (b *balancer) setSync(d *Directive, s *SyncDaemon) {
	if b.Sync != nil {
		b.fail(d, ErrConflict, "", "the sync daemon is configured already", "one")
		return
	}
	b.Sync = s
}

// syncDaemon reads lvs_sync_daemon.
func (b *balancer) syncDaemon(d *Directive) {
	if len(d.Args) == 0 {
		b.fail(d, ErrMissing, "", "has no interface", allowedLink)
		return
	}
	s := &SyncDaemon{Interface: d.Args[0], ID: -1}
	b.checkLink(d, s.Interface)
	args := d.Args[1:]
	words := []string{"inst", "id", "maxlen", "port", "ttl", "group"}
	if len(args) > 0 && !slices.Contains(words, args[0]) {
		s.Instance, args = args[0], args[1:]
	}
	for ; len(args) > 0; args = args[2:] {
		if len(args) == 1 || !slices.Contains(words, args[0]) {
			b.fail(d, ErrSyntax, args[0], "not an option with a value", "inst, id, maxlen, port, ttl and group")
			return
		}
		b.syncOption(d, s, args[0], args[1])
	}
	b.setSync(d, s)
}

// syncOption reads one option of lvs_sync_daemon.
func (b *balancer) syncOption(d *Directive, s *SyncDaemon, name, value string) {
	option := &Directive{Name: d.Name + " " + name, Args: []string{value}, File: d.File, Line: d.Line}
	n := int64(0)
	switch name {
	case "inst":
		s.Instance = value
	case "id":
		setNumber(b.report, option, &s.ID, 0, 255)
	case "maxlen":
		setNumber(b.report, option, &s.MaxLen, 1, 65507)
	case "port":
		setNumber(b.report, option, &n, 1, 65535)
		s.Port = uint16(n)
	case "ttl":
		setNumber(b.report, option, &s.TTL, 1, 255)
	case "group":
		if b.setAddr(option, &s.Group) && !s.Group.IsMulticast() {
			b.fail(option, ErrValue, value, "not a group", "a multicast address")
		}
	}
}
