// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// An rtnl speaks rtnetlink(7) with the network namespace it was opened in.
type rtnl struct {
	sockets map[int]*nl.SocketHandle
}

// openRTNL opens a socket in the namespace of the calling thread.
func openRTNL() (*rtnl, error) {
	s, err := nl.Subscribe(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("route socket: %w", err)
	}
	_ = s.SetReceiveTimeout(&unix.Timeval{Sec: 5}) // never fails; the kernel answers at once
	_ = s.SetExtAck(true)                          // kernels before 4.12 give no reasons in words
	return &rtnl{map[int]*nl.SocketHandle{unix.NETLINK_ROUTE: {Socket: s}}}, nil
}

// close closes the socket.
func (r *rtnl) close() { r.sockets[unix.NETLINK_ROUTE].Close() }

// do sends a request and returns the answers.
func (r *rtnl) do(req *nl.NetlinkRequest) ([][]byte, error) {
	req.Sockets = r.sockets
	return req.Execute(unix.NETLINK_ROUTE, 0)
}

// delete removes a link, by its number. One that is gone is removed.
func (r *rtnl) delete(index int32) error {
	if _, err := r.do(linkRequest(unix.RTM_DELLINK, unix.NLM_F_ACK, index)); !errors.Is(err, unix.ENODEV) {
		return err
	}
	return nil
}

// find returns the link of that name; the error is ENODEV if there is none.
func (r *rtnl) find(name string) (linkInfo, error) {
	answers, err := r.do(getLink(name))
	if err != nil {
		return linkInfo{}, err
	}
	for _, body := range answers {
		if info, ok := parseLinkInfo(body); ok {
			return info, nil
		}
	}
	return linkInfo{}, errors.New("the kernel did not answer")
}

// addresses returns how many addresses a link has.
func (r *rtnl) addresses(index int32) (n int, err error) {
	req := nl.NewNetlinkRequest(unix.RTM_GETADDR, unix.NLM_F_DUMP)
	req.AddData(nl.NewIfAddrmsg(unix.AF_UNSPEC))
	answers, err := r.do(req)
	if err != nil {
		return 0, err
	}
	for _, body := range answers {
		if i, _, _, ok := parseAddress(body); ok && i == int(index) {
			n++
		}
	}
	return n, nil
}

// linkRequest returns a request about a link; index 0 is none.
func linkRequest(typ, flags int, index int32) *nl.NetlinkRequest {
	req := nl.NewNetlinkRequest(typ, flags)
	m := nl.NewIfInfomsg(unix.AF_UNSPEC)
	m.Index = index
	req.AddData(m)
	return req
}

// getLink returns the request for a link by its name.
func getLink(name string) *nl.NetlinkRequest {
	req := linkRequest(unix.RTM_GETLINK, 0, 0)
	req.AddData(nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(name)))
	return req
}

// newLink returns the request for a new link of that kind, and the attribute in which its driver is told more.
func newLink(name, kind string) (*nl.NetlinkRequest, *nl.RtAttr) {
	req := linkRequest(unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL|unix.NLM_F_ACK, 0)
	req.AddData(nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(name)))
	info := nl.NewRtAttr(unix.IFLA_LINKINFO, nil)
	info.AddRtAttr(unix.IFLA_INFO_KIND, nl.NonZeroTerminated(kind))
	return req, info
}

// newDummy returns the request for a dummy interface.
func newDummy(name string) *nl.NetlinkRequest {
	req, info := newLink(name, kindDummy)
	req.AddData(info)
	return req
}

// newMacvlan returns the request for a macvlan. It has its MAC address from the beginning: one that is set later can be
// overtaken by who looks at new links. Private mode keeps it from those beside it on the parent, and has the kernel
// take frames that come from its own MAC address.
func newMacvlan(name string, parent int, mac [6]byte) *nl.NetlinkRequest {
	req, info := newLink(name, kindMacvlan)
	req.AddData(nl.NewRtAttr(unix.IFLA_LINK, nl.Uint32Attr(uint32(parent))))
	req.AddData(nl.NewRtAttr(unix.IFLA_ADDRESS, mac[:]))
	info.AddRtAttr(unix.IFLA_INFO_DATA, nil).AddRtAttr(nl.IFLA_MACVLAN_MODE, nl.Uint32Attr(nl.MACVLAN_MODE_PRIVATE))
	req.AddData(info)
	return req
}

// setAlias returns the request that gives a link an alias.
func setAlias(index int32, alias string) *nl.NetlinkRequest {
	req := linkRequest(unix.RTM_SETLINK, unix.NLM_F_ACK, index)
	req.AddData(nl.NewRtAttr(unix.IFLA_IFALIAS, []byte(alias)))
	return req
}

// setNoAddrGen returns the request that has a link make no link-local address (addrgenmode none of ip-link(8)).
func setNoAddrGen(index int32) *nl.NetlinkRequest {
	req := linkRequest(unix.RTM_SETLINK, unix.NLM_F_ACK, index)
	spec := nl.NewRtAttr(unix.IFLA_AF_SPEC, nil)
	spec.AddRtAttr(unix.AF_INET6, nil).AddRtAttr(unix.IFLA_INET6_ADDR_GEN_MODE, nl.Uint8Attr(nl.IN6_ADDR_GEN_MODE_NONE))
	req.AddData(spec)
	return req
}

// setFlags returns the request that sets a link up or down.
func setFlags(index int32, up bool) *nl.NetlinkRequest {
	req := nl.NewNetlinkRequest(unix.RTM_SETLINK, unix.NLM_F_ACK)
	m := nl.NewIfInfomsg(unix.AF_UNSPEC)
	m.Index, m.Change = index, unix.IFF_UP
	if up {
		m.Flags = unix.IFF_UP
	}
	req.AddData(m)
	return req
}

// A linkInfo is what the kernel says about a link that this module could have made.
type linkInfo struct {
	index  int32
	kind   string
	alias  string
	mac    [6]byte
	parent int
	mode   uint32 // of a macvlan
}

// parseLinkInfo reads the body of an RTM_NEWLINK.
func parseLinkInfo(body []byte) (linkInfo, bool) {
	if len(body) < unix.SizeofIfInfomsg {
		return linkInfo{}, false
	}
	var h unix.IfInfomsg
	load(&h, body)
	info := linkInfo{index: h.Index}
	for typ, value := range attributes(body[unix.SizeofIfInfomsg:]) {
		switch typ {
		case unix.IFLA_IFALIAS:
			info.alias = unix.ByteSliceToString(value)
		case unix.IFLA_ADDRESS:
			load(&info.mac, value)
		case unix.IFLA_LINK:
			if len(value) >= 4 {
				info.parent = int(binary.NativeEndian.Uint32(value))
			}
		case unix.IFLA_LINKINFO:
			info.kind, info.mode = parseKind(value)
		}
	}
	return info, true
}

// parseKind reads the attribute about the driver of a link.
func parseKind(b []byte) (kind string, mode uint32) {
	for typ, value := range attributes(b) {
		switch typ {
		case unix.IFLA_INFO_KIND:
			kind = unix.ByteSliceToString(value)
		case unix.IFLA_INFO_DATA:
			for typ, value := range attributes(value) {
				if typ == nl.IFLA_MACVLAN_MODE {
					load(&mode, value)
				}
			}
		}
	}
	return kind, mode
}
