// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"net/netip"
	"strings"
	"time"
)

// What keepalived has where the file doesn't say.
const (
	defaultScheduler   = "wlc"
	defaultPersistence = 6 * time.Minute
)

// schedulers are those of the kernel.
var schedulers = strings.Fields("rr wrr lc wlc lblc lblcr sh mh dh fo ovf sed nq twos")

// schedulerFlags are the names of scheduler flags, by their numbers.
var schedulerFlags = map[string]int{
	"flag-1": 1, "flag-2": 2, "flag-3": 3, "sh-fallback": 1, "sh-port": 2, "mh-fallback": 1, "mh-port": 2,
}

// serverDraft is a virtual server that is being read, with what its real servers have that don't say.
type serverDraft struct {
	VirtualServer
	timing      timing
	family6     bool // ip_family inet6
	familyGiven bool
	virtualHost string
	inhibit     bool
	alpha       bool
	weight      int
	sorryMethod *Method
}

// virtualServer reads a virtual_server: what it says counts for all its real servers, wherever it stands.
func (b *balancer) virtualServer(d *Directive) {
	v := &serverDraft{timing: defaultTiming(), weight: 1, VirtualServer: VirtualServer{
		Name: strings.Join(d.Args, " "), File: d.File, Line: d.Line, Endpoints: b.endpoints(d),
		Scheduler: defaultScheduler, Quorum: 1, Alert: b.alertPools,
	}}
	if d.hidesArgs() {
		v.Name = withheld
	}
	for i := range d.Block {
		inner := &d.Block[i]
		allowed, ok := b.lookup(inner, virtualServer, d.Name)
		if ok && inner.Name != "real_server" && !b.readVirtualServer(v, inner) {
			b.notRead(inner, allowed)
		}
	}
	for i := range d.Block {
		if d.Block[i].Name == "real_server" && d.Block[i].Block != nil {
			b.realServer(v, &d.Block[i])
		}
	}
	b.completeVirtualServer(v, d)
	b.Servers = append(b.Servers, v.VirtualServer)
}

// readVirtualServer reads a directive of virtual_server.
func (b *balancer) readVirtualServer(v *serverDraft, d *Directive) bool {
	return b.readService(v, d) || b.readPersistence(v, d) || b.readQuorum(v, d) || v.timing.read(b.report, d) || b.readDefaults(v, d)
}

// readService reads what the kernel needs to know of a service.
func (b *balancer) readService(v *serverDraft, d *Directive) bool {
	if n, ok := schedulerFlags[d.Name]; ok {
		b.atMost(d, 0)
		v.Flags = append(v.Flags, n)
		return true
	}
	switch d.Name {
	case "lvs_sched", "lb_algo":
		b.setWord(d, &v.Scheduler, schedulers)
	case "lvs_method", "lb_kind":
		b.setMethod(d, &v.Method)
	case "protocol":
		name := ""
		b.setWord(d, &name, []string{"TCP", "UDP", "SCTP"})
		v.Protocol = map[string]Protocol{"TCP": TCP, "UDP": UDP, "SCTP": SCTP}[name]
	case "ops":
		b.atMost(d, 0)
		v.OnePacket = true
	case "ip_family":
		family := ""
		b.setWord(d, &family, []string{"inet", "inet6"})
		v.family6, v.familyGiven = family == "inet6", true
	default:
		return false
	}
	return true
}

// readPersistence reads for how long clients stay with a server.
func (b *balancer) readPersistence(v *serverDraft, d *Directive) bool {
	const maxPersistence = 31 * 24 * 3600
	switch d.Name {
	case "persistence_timeout":
		v.Persistence = defaultPersistence
		if len(d.Args) > 0 {
			b.setSeconds(d, &v.Persistence, maxPersistence)
		}
	case "persistence_granularity":
		b.readGranularity(v, d)
	case "persistence_engine":
		b.setWord(d, &v.Engine, []string{"sip"})
	default:
		return false
	}
	return true
}

// readGranularity reads a netmask, or the prefix length that IPv6 has for it.
func (b *balancer) readGranularity(v *serverDraft, d *Directive) {
	const allowed = "a netmask of IPv4, or a prefix length of IPv6"
	word, ok := b.one(d, allowed)
	if !ok {
		return
	}
	if mask, err := netip.ParseAddr(word); err == nil && mask.Is4() {
		for bits := 1; bits <= 32; bits++ {
			if lastMask := netip.PrefixFrom(netip.AddrFrom4([4]byte{255, 255, 255, 255}), bits).Masked().Addr(); lastMask == mask {
				v.PersistenceBits = bits
				return
			}
		}
		b.fail(d, ErrValue, word, "not a netmask", allowed)
		return
	}
	setNumber(b.report, d, &v.PersistenceBits, 1, 128)
}

// readQuorum reads what happens when too few servers are left.
func (b *balancer) readQuorum(v *serverDraft, d *Directive) bool {
	switch d.Name {
	case "quorum":
		setNumber(b.report, d, &v.Quorum, 1, maxCount)
	case "hysteresis":
		setNumber(b.report, d, &v.Hysteresis, 0, maxCount)
	case "quorum_up":
		b.setCommand(d, &v.QuorumUp)
	case "quorum_down":
		b.setCommand(d, &v.QuorumDown)
	case "sorry_server":
		if len(d.Args) == 0 {
			b.fail(d, ErrMissing, "", "has no address", "an address, and a port")
		} else if addr, ok := b.addrPort(d, d.Args); ok {
			v.Sorry = &RealServer{File: d.File, Line: d.Line, Addr: addr, Weight: 1}
		}
	case "sorry_server_inhibit":
		b.atMost(d, 0)
		v.SorryInhibit = true
	case "sorry_server_lvs_method":
		v.sorryMethod = new(Method)
		b.setMethod(d, v.sorryMethod)
	case "omega":
		b.setFlag(d, &v.Omega)
	case "ha_suspend":
		b.setFlag(d, &v.HASuspend)
	default:
		return false
	}
	return true
}

// readDefaults reads what real servers have that don't say.
func (b *balancer) readDefaults(v *serverDraft, d *Directive) bool {
	switch d.Name {
	case "alpha":
		b.setFlag(d, &v.alpha)
	case "inhibit_on_failure":
		b.setFlag(d, &v.inhibit)
	case "weight":
		setNumber(b.report, d, &v.weight, 0, 65535)
	case "smtp_alert":
		b.setFlag(d, &v.Alert)
	case "virtualhost":
		v.virtualHost, _ = b.one(d, "the name of a host")
	default:
		return false
	}
	return true
}

// completeVirtualServer checks what the directives say together.
func (b *balancer) completeVirtualServer(v *serverDraft, d *Directive) {
	if v.Sorry != nil {
		v.Sorry.Method = v.Method
		if v.sorryMethod != nil {
			v.Sorry.Method = *v.sorryMethod
		}
	}
	v.Alert = v.Alert && b.Mail != nil
	v.setMarkFamily()
	b.completeProtocol(v, d)
	b.completeQuorum(v, d)
	for i := range v.Endpoints {
		e := &v.Endpoints[i]
		b.checkFamilies(v, *e)
		b.checkPorts(v, *e)
		if e.Mark == 0 && e.Addr.Port() == 0 && v.Persistence == 0 {
			b.fail(d, ErrMissing, v.Name, "has no port", "a port, or persistence_timeout beside all ports")
			return
		}
	}
	if v.OnePacket && v.Protocol != UDP {
		b.fail(d, ErrConflict, "ops", "one-packet scheduling is for UDP", "protocol UDP")
	}
}

// completeProtocol gives a virtual server without a protocol the one that keepalived does, which is seldom what was meant.
// Marks have none.
func (b *balancer) completeProtocol(v *serverDraft, d *Directive) {
	if v.Protocol != 0 {
		return
	}
	v.Protocol = UDP
	for _, e := range v.Endpoints {
		if e.Mark == 0 {
			b.note(d, Adjusted, "has no protocol: taken as UDP, as in keepalived")
			return
		}
	}
}

// completeQuorum makes the quorum one that can be reached and lost.
func (b *balancer) completeQuorum(v *serverDraft, d *Directive) {
	sum := 0
	for _, r := range v.Servers {
		sum += r.Weight
	}
	if v.Quorum > max(sum, 1) {
		b.note(d, Adjusted, "the quorum %d is more than all weights: taken as %d, as in keepalived", v.Quorum, max(sum, 1))
		v.Quorum = max(sum, 1)
	}
	if v.Hysteresis >= v.Quorum {
		b.note(d, Adjusted, "the hysteresis %d is not less than the quorum: taken as %d, as in keepalived", v.Hysteresis, v.Quorum-1)
		v.Hysteresis = v.Quorum - 1
	}
}

// setMarkFamily gives marks the family of ip_family, or else that of the real servers.
func (v *serverDraft) setMarkFamily() {
	ipv6 := v.family6
	if !v.familyGiven && len(v.Servers) > 0 {
		ipv6 = v.Servers[0].Addr.Addr().Is6()
	}
	for i := range v.Endpoints {
		if v.Endpoints[i].Mark != 0 && !v.Endpoints[i].IPv6 {
			v.Endpoints[i].IPv6 = ipv6
		}
	}
}

// checkFamilies wants real servers of the family of the endpoint.
func (b *balancer) checkFamilies(v *serverDraft, e Endpoint) {
	servers := v.Servers
	if v.Sorry != nil {
		servers = append(servers[:len(servers):len(servers)], *v.Sorry)
	}
	for _, r := range servers {
		if r.Addr.Addr().Is6() != e.IPv6 {
			b.add(&Error{File: r.File, Line: r.Line, Directive: "real_server", Value: r.Addr.Addr().String(), Err: ErrConflict,
				Reason: "is of another address family than the virtual server", Allowed: "the same family; tunnels between families are not supported"})
			return
		}
	}
}

// checkPorts notes ports that have no effect: those of packets stay as they are but with NAT.
func (b *balancer) checkPorts(v *serverDraft, e Endpoint) {
	for i := range v.Servers {
		r := &v.Servers[i]
		if port := r.Addr.Port(); len(v.Endpoints) == 1 && e.Mark == 0 && r.Method != NAT && port != 0 && port != e.Addr.Port() {
			b.warn(Warning{Kind: Adjusted, File: r.File, Line: r.Line, Directive: "real_server",
				Text: "the port is not that of the virtual server, which it has with " + r.Method.String() + ", as in keepalived"})
		}
	}
}

// setWord sets *to to the word that d holds, one of some.
func (b *balancer) setWord(d *Directive, to *string, allowed []string) {
	list := strings.Join(allowed, ", ")
	word, ok := b.one(d, list)
	if !ok {
		return
	}
	for _, a := range allowed {
		if word == a {
			*to = word
			return
		}
	}
	b.fail(d, ErrValue, word, "not one of the words for it", list)
}

// setMethod sets *to to a method of forwarding.
func (b *balancer) setMethod(d *Directive, to *Method) {
	const allowed = "NAT, DR or TUN"
	if len(d.Args) == 0 {
		b.fail(d, ErrMissing, "", "has no value", allowed)
		return
	}
	switch d.Args[0] {
	case "NAT":
		*to = NAT
	case "DR":
		*to = DR
	case "TUN":
		*to = TUN
	default:
		b.fail(d, ErrValue, d.Args[0], "not a method of forwarding", allowed)
	}
	if rest := d.Args[1:]; len(rest) > 0 && strings.Join(rest, " ") != "type ipip" {
		b.note(d, Unsupported, "%s: tunnels are IP in IP here", d.value(strings.Join(rest, " ")))
	}
}

// setCommand sets *to to a command and its arguments, and as whom it runs.
func (b *balancer) setCommand(d *Directive, to *Command) {
	*to = Command{}
	b.readCommand(d, to)
	to.complete(b.user)
}
