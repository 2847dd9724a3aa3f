// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"fmt"
	"net/netip"
	"time"
)

// draft is an instance that is being read: what has not been given yet is zero, nil or unset.
type draft struct {
	Instance
	at     *Directive
	family family
	given  map[string]*Directive // the directives by name, the last one of each
	lines  int                   // of virtual_ipaddress

	accept               *bool
	lowerPrioNoAdvert    *bool
	higherPrioSendAdvert *bool
	strict               *bool

	tracks  tracks
	rules   []*ruleLine
	tables  *tableNames
	unicast *Directive // the last one that has no meaning without peers
}

// instanceBlock reads a vrrp_instance.
func (d *decoder) instanceBlock(dir *Directive) {
	if len(dir.Args) != 1 || dir.Args[0] == "" {
		d.fail(dir, ErrMissing, "", "has no name, or more than one word for it", "one word")
		return
	}
	in := &draft{at: dir, given: map[string]*Directive{}, tables: &d.tables, Instance: Instance{
		Name: dir.Args[0], File: dir.File, Line: dir.Line,
		Interval: time.Second, GARP: d.global.GARP, DownTimerAdverts: d.global.DownTimerAdverts,
		SkipCheckAdvAddr: d.global.SkipCheckAdvAddr, V3ChecksumAsV2: d.global.V3ChecksumAsV2,
	}}
	in.GARP.LowerPrioDelay, in.GARP.LowerPrioRepeat = unset, unset
	d.checkName(in)
	for i := range dir.Block {
		inner := &dir.Block[i]
		if allowed, ok := d.lookup(inner, vrrpInstance, dir.Name); ok && !in.tracks.read(d, inner) && !in.read(d.report, inner) {
			d.notRead(inner, allowed)
		}
		in.given[inner.Name] = inner
	}
	in.Tracks = in.tracks.list
	d.complete(in)
	d.trackLines = append(d.trackLines, in.tracks.lines)
	d.instances = append(d.instances, in.Instance)
}

// checkName reports an instance whose name is taken.
func (d *decoder) checkName(in *draft) {
	if other, ok := d.names[in.Name]; ok {
		d.fail(in.at, ErrConflict, in.Name, fmt.Sprintf("the name is taken, in line %d", other.Line), "another name")
		return
	}
	d.names[in.Name] = in.at
}

// read reads a directive of vrrp_instance that VRRP needs.
func (in *draft) read(r *report, dir *Directive) bool {
	read := in.readBlock(r, dir) || in.readRouter(r, dir) || in.readTimer(r, dir) || in.readSwitch(r, dir) ||
		in.GARP.read(r, dir, dir.Name) || in.Notify.read(r, dir) || in.readUnicast(r, dir)
	if read && dir.Block == nil && dir.Name != "state" && in.given[dir.Name] != nil {
		r.note(dir, Advice, "given before; the last one counts")
	}
	return read
}

// readBlock reads the directives that have a block.
func (in *draft) readBlock(r *report, dir *Directive) bool {
	switch dir.Name {
	case "authentication":
		in.readAuthentication(r, dir)
	case "virtual_ipaddress":
		in.readAddresses(r, dir)
	case "virtual_ipaddress_excluded":
		in.readExcluded(r, dir)
	case "auth_hmac":
		in.readHMAC(r, dir)
	case "unicast_peer":
		in.readPeers(r, dir)
	case "virtual_routes":
		in.readRoutes(r, dir)
	case "virtual_rules":
		in.readRules(r, dir)
	default:
		return false
	}
	return true
}

// readRouter reads the directives that say which virtual router the instance is.
func (in *draft) readRouter(r *report, dir *Directive) bool {
	switch dir.Name {
	case "state":
		in.readState(r, dir)
	case "interface":
		r.setLink(dir, &in.Interface)
	case "virtual_router_id":
		setNumber(r, dir, &in.VRID, 1, 255)
	case "priority":
		setNumber(r, dir, &in.Priority, 1, 255)
	case "version":
		in.readVersion(r, dir)
	case "native_ipv6":
		in.readNativeIPv6(r, dir)
	case "mcast_src_ip":
		in.readSource(r, dir)
	case "mcast_dst_ip":
		in.readGroup(r, dir)
	default:
		return false
	}
	return true
}

// readTimer reads the directives that hold times and counts.
func (in *draft) readTimer(r *report, dir *Directive) bool {
	const maxInterval, maxDelay = 255 * time.Second, 1000 * time.Second
	switch dir.Name {
	case "advert_int":
		r.setTimer(dir, &in.Interval, 10*time.Millisecond, maxInterval)
	case "preempt_delay":
		r.setTimer(dir, &in.PreemptDelay, 0, maxDelay)
	case "down_timer_adverts":
		setNumber(r, dir, &in.DownTimerAdverts, 1, 100)
	case "debug":
		var level int
		setNumber(r, dir, &level, 0, 4)
		return false
	default:
		return false
	}
	return true
}

// readSwitch reads the directives that turn something on or off.
func (in *draft) readSwitch(r *report, dir *Directive) bool {
	switch dir.Name {
	case "nopreempt", "preempt":
		r.atMost(dir, 0)
		in.NoPreempt = dir.Name == "nopreempt"
	case "accept", "no_accept":
		r.atMost(dir, 0)
		in.accept = new(dir.Name == "accept")
	case "dont_track_primary":
		r.atMost(dir, 0)
		in.DontTrackPrimary = true
	case "strict_mode":
		r.setOption(dir, &in.strict)
	case "lower_prio_no_advert":
		r.setOption(dir, &in.lowerPrioNoAdvert)
	case "higher_prio_send_advert":
		r.setOption(dir, &in.higherPrioSendAdvert)
	case "skip_check_adv_addr":
		r.setFlag(dir, &in.SkipCheckAdvAddr)
	case "v3_checksum_as_v2":
		r.setFlag(dir, &in.V3ChecksumAsV2)
	default:
		return false
	}
	return true
}

func (in *draft) readState(r *report, dir *Directive) {
	s, ok := r.one(dir, "MASTER or BACKUP")
	switch {
	case !ok:
	case s == "MASTER":
		in.State = Master
	case s == "BACKUP" && in.State == Master:
		r.fail(dir, ErrConflict, s, "the state was MASTER before", "one state")
	case s != "BACKUP":
		r.fail(dir, ErrValue, s, "not a state", "MASTER or BACKUP")
	}
}

func (in *draft) readVersion(r *report, dir *Directive) {
	version := in.Version
	setNumber(r, dir, &version, 2, 3)
	if in.Version != 0 && version != in.Version {
		r.fail(dir, ErrConflict, dir.Args[0], fmt.Sprintf("the version was %d before", in.Version), "one version; IPv6 has 3")
		return
	}
	in.Version = version
}

func (in *draft) readNativeIPv6(r *report, dir *Directive) {
	r.atMost(dir, 0)
	if !in.setFamily(r, dir, ipv6, "") {
		return
	}
	if in.Version == 2 {
		r.fail(dir, ErrConflict, "", "the version was 2 before", "version 3")
	}
	in.Version = 3
}

func (in *draft) readSource(r *report, dir *Directive) {
	var addr netip.Addr
	if r.setAddr(dir, &addr) && in.setFamily(r, dir, familyOf(addr), dir.Args[0]) {
		in.Source = addr
	}
}

func (in *draft) readGroup(r *report, dir *Directive) {
	var addr netip.Addr
	if !r.setAddr(dir, &addr) || !in.setFamily(r, dir, familyOf(addr), dir.Args[0]) {
		return
	}
	if addr.Is4() && !addr.IsMulticast() || addr.Is6() && !addr.IsLinkLocalMulticast() {
		r.fail(dir, ErrValue, dir.Args[0], "not a group", "an IPv4 multicast or an IPv6 link-local multicast address")
		return
	}
	in.Group = addr
}

// dir returns the directive of that name, that of the instance if it is not given.
func (in *draft) dir(name string) *Directive {
	if d := in.given[name]; d != nil {
		return d
	}
	return in.at
}

// setFamily gives the instance its address family; the first directive that has one decides.
func (in *draft) setFamily(r *report, dir *Directive, f family, value string) bool {
	if in.family != 0 && in.family != f {
		r.fail(dir, ErrConflict, value, fmt.Sprintf("the instance is an %v one by the addresses before", in.family),
			fmt.Sprintf("%v; other addresses in virtual_ipaddress_excluded", in.family))
		return false
	}
	in.family = f
	return true
}
