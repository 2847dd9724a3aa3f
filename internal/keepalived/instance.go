// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"net/netip"
	"time"
)

// State is the state that an instance wants to start in.
type State uint8

const (
	// Backup waits for the Master to fall silent.
	Backup State = iota
	// Master waits one advertisement interval instead of three.
	Master
)

// String returns BACKUP or MASTER.
func (s State) String() string {
	if s == Master {
		return "MASTER"
	}
	return "BACKUP"
}

// Instance is a vrrp_instance: a virtual router on an interface, with the defaults filled in. Safe for concurrent reading.
type Instance struct {
	Name string
	File string // where the instance is configured
	Line int

	Interface    string
	VRID         uint8         // virtual_router_id, 1 to 255
	Version      int           // 2 or 3; IPv6 has 3
	IPv6         bool          // the family of the advertisements, and of Addresses
	Priority     uint8         // 1 to 255
	State        State         // state; without it Master if Priority is 255
	Interval     time.Duration // advert_int: whole seconds up to 255 in version 2, multiples of 10 ms up to 40.95 s in version 3
	Auth         Authentication
	Addresses    []Address  // virtual_ipaddress, one at least; they are advertised, 255 at most
	Excluded     []Address  // virtual_ipaddress_excluded, of any family; they are not advertised
	Source       netip.Addr // mcast_src_ip; not valid: the address of the interface
	Group        netip.Addr // where advertisements are sent to: mcast_dst_ip or the group of global_defs
	NoPreempt    bool
	PreemptDelay time.Duration
	GARP         GARP
	Tracks       []Track // track_interface, track_script, track_process, track_file; those of its group as well
	Notify       Notify
	Routes       []Route // virtual_routes
	Rules        []Rule  // virtual_rules

	Peers              []Peer // unicast_peer; nil: advertisements go to Group
	UnicastTTL         uint8  // unicast_ttl, the hop limit of what is sent to Peers; 0: 255
	OldUnicastChecksum bool   // old_unicast_checksum: with the pseudo-header of a packet to the group
	HMAC               *HMAC  // auth_hmac; nil: none
	VMAC               *VMAC  // use_vmac; nil: none

	Accept               bool // accept, no_accept: packets to Addresses are accepted; true unless Strict
	DontTrackPrimary     bool // dont_track_primary: take part although the interface is down
	DownTimerAdverts     int  // advertisements that may be missing before the Master counts as gone
	HigherPrioSendAdvert bool // advertise once more when a higher priority takes over
	LowerPrioNoAdvert    bool // don't answer an advertisement of lower priority
	SkipCheckAdvAddr     bool // don't compare the addresses in advertisements
	Strict               bool // strict_mode: what RFC 5798 and RFC 3768 don't have is off
	V3ChecksumAsV2       bool // version 3 over IPv4: no pseudo-header in the checksum, as RFC 9568 has it; false: one, as peers expect
}

// family is an address family.
type family uint8

const (
	ipv4 family = 4
	ipv6 family = 6
)

// familyOf returns the family of an address.
func familyOf(addr netip.Addr) family {
	if addr.Is4() {
		return ipv4
	}
	return ipv6
}

// String returns IPv4 or IPv6.
func (f family) String() string {
	if f == ipv4 {
		return "IPv4"
	}
	return "IPv6"
}
