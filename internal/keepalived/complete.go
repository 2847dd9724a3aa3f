// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// maxAddresses is how many addresses an advertisement can count.
const maxAddresses = 255

// complete fills in what an instance does not say, in keepalived's order, and checks what it says as a whole.
func (d *decoder) complete(in *draft) {
	in.require(d.report, "virtual_router_id", "1 to 255")
	in.require(d.report, "interface", allowedLink)
	in.completeStrict(d.global.Strict)
	in.completeVersion(d.report, d.global.Version)
	in.completePriority(d.report)
	in.completeAuthentication(d.report)
	in.completeAddresses(d.report)
	in.completePreemption(d.report)
	in.completeGroup(&d.global)
	in.completeUnicast(d.report)
	in.completeHMAC(d.report)
	d.completeRules(in)
	in.Notify.complete(d.global.ScriptUser)
	in.completeSwitches(d.report, &d.global)
	in.checkInterval(d.report)
}

// require reports that a directive is missing.
func (in *draft) require(r *report, name, allowed string) {
	if in.given[name] == nil {
		r.fail(in.at, ErrMissing, in.Name, "has no "+name, allowed)
	}
}

// completeVersion settles family and version. Keepalived takes version 2 for IPv6 if it stands before the addresses; there is no
// such protocol.
func (in *draft) completeVersion(r *report, global int) {
	in.IPv6 = in.family == ipv6
	switch {
	case !in.IPv6:
		in.Version = cmp.Or(in.Version, global)
		return
	case in.Version == 2 && in.Strict:
		r.note(in.dir("version"), Adjusted, "strict mode: IPv6 has version 3, as in keepalived")
	case in.Version == 2:
		r.fail(in.dir("version"), ErrConflict, "2", "the addresses are IPv6 ones", "version 3")
	}
	in.Version = 3
}

// completeGroup settles where advertisements go to.
func (in *draft) completeGroup(g *Global) {
	switch {
	case in.Group.IsValid():
	case in.IPv6:
		in.Group = g.Group6
	default:
		in.Group = g.Group4
	}
}

// completePriority settles priority and state, each of which follows from the other.
func (in *draft) completePriority(r *report) {
	const owner, usual = 255, 100
	switch {
	case in.Priority == 0 && in.State == Master:
		in.Priority = owner
		r.note(in.dir("state"), Advice, "MASTER without priority means priority 255, as in keepalived")
	case in.Priority == 0:
		in.Priority = usual
	}
	own := Backup
	if in.Priority == owner {
		own = Master
	}
	if in.given["state"] == nil {
		in.State = own
	}
	if in.Strict && in.State != own {
		r.note(in.dir("state"), Adjusted, "strict mode: %v at priority %d, as in keepalived", own, in.Priority)
		in.State = own
	}
}

// completeAuthentication drops authentication where there is none.
func (in *draft) completeAuthentication(r *report) {
	dir := in.dir("authentication")
	switch {
	case in.Auth.Type == AuthNone && !in.Auth.Pass.IsZero():
		r.note(dir, Advice, "auth_pass without auth_type: no authentication, as in keepalived")
	case in.Auth.Type == AuthNone:
	case in.Strict:
		r.note(dir, Adjusted, "strict mode has no authentication: ignored, as in keepalived")
		in.Auth.Type = AuthNone
	case in.Version == 3:
		r.note(dir, Adjusted, "version 3 has no authentication: ignored, as in keepalived")
		in.Auth.Type = AuthNone
	case in.Auth.Pass.IsZero():
		r.fail(dir, ErrMissing, "", "auth_type without auth_pass", "an auth_pass of 1 to 8 octets")
	case in.Auth.Type == AuthAH && in.State == Master && in.Priority != 255:
		r.note(dir, Adjusted, "AH learns its sequence number as BACKUP: state BACKUP, as in keepalived")
		in.State = Backup
	}
	if in.Auth.Type == AuthNone {
		in.Auth = Authentication{}
	}
}

// completeAddresses checks what is advertised.
func (in *draft) completeAddresses(r *report) {
	dir := in.dir("virtual_ipaddress")
	if in.lines == 0 && dir.Block != nil {
		r.fail(dir, ErrMissing, "", "there is no virtual_ipaddress", "one at least")
	}
	if len(in.Addresses) > maxAddresses {
		r.note(dir, Adjusted, "more than %d addresses: the others are not advertised, as in keepalived", maxAddresses)
		in.Excluded = slices.Concat(in.Addresses[maxAddresses:], in.Excluded)
		in.Addresses = in.Addresses[:maxAddresses:maxAddresses]
	}
	if !in.IPv6 || len(in.Addresses) == 0 || in.Addresses[0].Prefix.Addr().IsLinkLocalUnicast() {
		return
	}
	const text = "the first IPv6 address is not link-local, which RFC 9568 (erratum 8300) requires"
	if in.Strict {
		r.fail(dir, ErrConflict, "", "strict mode: "+text, "a first address in fe80::/10")
		return
	}
	r.note(dir, Advice, "%s: accepted, as in keepalived", text)
}

// completePreemption drops what does not go together with preemption.
func (in *draft) completePreemption(r *report) {
	if in.NoPreempt && (in.Priority == 255 || in.State == Master) {
		r.note(in.dir("nopreempt"), Adjusted, "does not go with state MASTER or priority 255: ignored, as in keepalived")
		in.NoPreempt = false
	}
	if in.PreemptDelay == 0 {
		return
	}
	var with string
	switch {
	case in.State == Master:
		with = "state MASTER"
	case in.Strict:
		with = "strict mode"
	case in.NoPreempt:
		with = "nopreempt"
	default:
		return
	}
	r.note(in.dir("preempt_delay"), Adjusted, "does not go with %s: ignored, as in keepalived", with)
	in.PreemptDelay = 0
}

// checkInterval checks advert_int against what an advertisement of the version can say.
func (in *draft) checkInterval(r *report) {
	unit, longest := time.Second, 255*time.Second
	if in.Version == 3 {
		unit, longest = 10*time.Millisecond, 40950*time.Millisecond
	}
	if in.Interval%unit == 0 && in.Interval <= longest {
		return
	}
	r.fail(in.dir("advert_int"), ErrValue, inSeconds(in.Interval), fmt.Sprintf("does not fit version %d", in.Version),
		fmt.Sprintf("multiples of %s up to %s seconds", inSeconds(unit), inSeconds(longest)))
}
