// SPDX-License-Identifier: Apache-2.0

package keepalived

// realServer reads a real_server.
func (b *balancer) realServer(v *serverDraft, d *Directive) {
	r := &RealServer{File: d.File, Line: d.Line, Weight: 1, Method: v.Method, Inhibit: v.inhibit, Alpha: v.alpha}
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
	t, host := v.timing, v.virtualHost
	for i := range d.Block {
		inner := &d.Block[i]
		allowed, ok := b.lookup(inner, realServer, d.Name)
		if ok && !isCheck(inner.Name) && !b.readRealServer(r, inner) && !t.read(b.report, inner) {
			if inner.Name == "virtualhost" {
				host, _ = b.one(inner, "the name of a host")
				continue
			}
			b.notRead(inner, allowed)
		}
	}
	base := checkDraft{timing: t, host: host, endpoint: v.Endpoints, server: addr}
	for i := range d.Block {
		if isCheck(d.Block[i].Name) && d.Block[i].Block != nil {
			b.check(r, base, &d.Block[i])
		}
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
	case "notify_up":
		b.setCommand(d, &r.NotifyUp)
	case "notify_down":
		b.setCommand(d, &r.NotifyDown)
	default:
		return false
	}
	return true
}
