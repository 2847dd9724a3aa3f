// SPDX-License-Identifier: Apache-2.0

package keepalived

// realServer reads a real_server: what it says counts for all its checks, wherever it stands.
func (b *balancer) realServer(v *serverDraft, d *Directive) {
	r := &RealServer{File: d.File, Line: d.Line, Weight: v.weight, Method: v.Method, Inhibit: v.inhibit, Alpha: v.alpha, Alert: b.alertServers}
	if len(d.Args) == 0 {
		b.fail(d, ErrMissing, "", "has no address", "an address, and a port")
		return
	}
	addr, ok := b.addrPort(d, d.Args)
	if !ok {
		return
	}
	for _, other := range v.Servers {
		if other.Addr == addr {
			b.fail(d, ErrConflict, addr.String(), "is in the virtual server already", "each address and port once")
			return
		}
	}
	r.Addr = addr
	base := checkDraft{timing: v.timing, host: v.virtualHost, endpoint: v.Endpoints, server: addr}
	var checks []*Directive
	for i := range d.Block {
		inner := &d.Block[i]
		allowed, ok := b.lookup(inner, realServer, d.Name)
		switch {
		case !ok:
		case isCheck(inner.Name):
			checks = append(checks, inner)
		case inner.Name == "virtualhost":
			base.host, _ = b.one(inner, "the name of a host")
		case !b.readRealServer(r, inner) && !base.timing.read(b.report, inner):
			b.notRead(inner, allowed)
		}
	}
	r.Alert = r.Alert && b.Mail != nil
	for _, inner := range checks {
		b.check(r, base, inner)
	}
	v.Servers = append(v.Servers, *r)
}

// readRealServer reads a directive of real_server.
func (b *balancer) readRealServer(r *RealServer, d *Directive) bool {
	n := int64(0)
	switch d.Name {
	case "weight":
		setNumber(b.report, d, &r.Weight, 0, 65535)
	case "lvs_method":
		b.setMethod(d, &r.Method)
	case "uthreshold":
		setNumber(b.report, d, &n, 0, maxCount)
		r.Upper = uint32(n)
	case "lthreshold":
		setNumber(b.report, d, &n, 0, maxCount)
		r.Lower = uint32(n)
	case "inhibit_on_failure":
		b.setFlag(d, &r.Inhibit)
	case "alpha":
		b.setFlag(d, &r.Alpha)
	case "smtp_alert":
		b.setFlag(d, &r.Alert)
	case "notify_up":
		b.setCommand(d, &r.NotifyUp)
	case "notify_down":
		b.setCommand(d, &r.NotifyDown)
	default:
		return false
	}
	return true
}
