// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

const (
	flagsUp   = unix.IFF_UP | unix.IFF_LOWER_UP
	permanent = unix.IFA_F_PERMANENT
)

// recorder is a table that writes down what changed.
type recorder struct {
	*linkTable
	changes []string
}

func newRecorder() *recorder {
	r := new(recorder)
	kinds := map[int]string{unix.AF_UNSPEC: "link ", unix.AF_INET: "IPv4 ", unix.AF_INET6: "IPv6 "}
	r.linkTable = newLinkTable(func(name string, family int) { r.changes = append(r.changes, kinds[family]+name) })
	return r
}

// expect compares the changes since the last call.
func (r *recorder) expect(t *testing.T, what string, want ...string) {
	t.Helper()
	if !slices.Equal(r.changes, want) {
		t.Errorf("%s: changes %q, want %q", what, r.changes, want)
	}
	r.changes = nil
}

// join appends serialized parts of a message.
func join(parts ...interface{ Serialize() []byte }) []byte {
	var b []byte
	for _, p := range parts {
		b = append(b, p.Serialize()...)
	}
	return b
}

// linkBody is the body of an RTM_NEWLINK.
func linkBody(index int, name string, flags uint32) []byte {
	h := nl.NewIfInfomsg(unix.AF_UNSPEC)
	h.Index, h.Flags, h.Type = int32(index), flags, unix.ARPHRD_ETHER
	return join(h,
		nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(name)),
		nl.NewRtAttr(unix.IFLA_ADDRESS, []byte{2, 0, 0, 0, 0, byte(index)}),
		nl.NewRtAttr(unix.IFLA_MTU, nl.Uint32Attr(1500)),
		nl.NewRtAttr(unix.IFLA_OPERSTATE, nl.Uint8Attr(operUp)),
		nl.NewRtAttr(unix.IFLA_CARRIER_CHANGES, nl.Uint32Attr(7)))
}

// addressBody is the body of an RTM_NEWADDR.
func addressBody(index int, prefix string, flags uint32, scope uint8) []byte {
	p := netip.MustParsePrefix(prefix)
	family, attribute := unix.AF_INET6, uint16(unix.IFA_ADDRESS)
	if p.Addr().Is4() {
		family, attribute = unix.AF_INET, unix.IFA_LOCAL
	}
	h := nl.NewIfAddrmsg(family)
	h.Index, h.Prefixlen, h.Scope, h.Flags = uint32(index), uint8(p.Bits()), scope, uint8(flags)
	return join(h, nl.NewRtAttr(int(attribute), p.Addr().AsSlice()), nl.NewRtAttr(unix.IFA_FLAGS, nl.Uint32Attr(flags)))
}

// list returns the sources of a link.
func (r *recorder) list(t *testing.T, name string, family int) []string {
	t.Helper()
	e, err := r.find(name)
	if err != nil {
		t.Fatal(err)
	}
	var addrs []string
	for _, s := range e.sources(family, nil) {
		addrs = append(addrs, s.addr.String())
	}
	return addrs
}

func TestTableFollowsLinks(t *testing.T) {
	r := newRecorder()
	r.apply(unix.RTM_NEWLINK, linkBody(2, "eth0", flagsUp))
	r.expect(t, "new", "link eth0")
	want := link{
		index: 2, name: "eth0", mac: [6]byte{2, 0, 0, 0, 0, 2}, ethernet: true, mtu: 1500,
		flags: flagsUp, operState: operUp, carrierChanges: 7,
	}
	if diff := cmp.Diff(want, r.links[2].link, cmp.AllowUnexported(link{})); diff != "" {
		t.Errorf("unexpected link (-want +got):\n%s", diff)
	}
	r.apply(unix.RTM_NEWLINK, linkBody(2, "eth0", flagsUp))
	r.expect(t, "nothing new")
	r.apply(unix.RTM_NEWLINK, linkBody(2, "eth0", 0))
	r.expect(t, "down", "link eth0")
	r.apply(unix.RTM_NEWLINK, linkBody(2, "lan", 0))
	r.expect(t, "renamed", "link eth0", "link lan")
	if _, err := r.find("eth0"); !errors.Is(err, ErrNoLink) {
		t.Errorf("old name: error %v", err)
	}
	r.apply(unix.RTM_NEWLINK, linkBody(3, "eth0", flagsUp))
	r.apply(unix.RTM_DELLINK, linkBody(2, "lan", 0))
	r.expect(t, "another one, and the first deleted", "link eth0", "link lan")
	if e, err := r.find("eth0"); err != nil || e.index != 3 {
		t.Errorf("new link of the old name: %+v, error %v", e, err)
	}
	r.apply(unix.RTM_DELLINK, linkBody(2, "lan", 0))
	r.expect(t, "deleted again")
}

// TestTableSurvivesReusedName is about a name that a new link has before the message about the old one comes.
func TestTableSurvivesReusedName(t *testing.T) {
	r := newRecorder()
	r.apply(unix.RTM_NEWLINK, linkBody(2, "eth0", flagsUp))
	r.apply(unix.RTM_NEWLINK, linkBody(3, "eth0", flagsUp))
	r.apply(unix.RTM_DELLINK, linkBody(2, "eth0", flagsUp))
	if e, err := r.find("eth0"); err != nil || e.index != 3 {
		t.Errorf("link %+v, error %v", e, err)
	}
}

// TestTableIgnoresBridgePorts is about messages of family AF_BRIDGE: the RTM_DELLINK of a link that leaves a
// bridge is not the end of the link.
func TestTableIgnoresBridgePorts(t *testing.T) {
	r := newRecorder()
	r.apply(unix.RTM_NEWLINK, linkBody(2, "eth0", flagsUp))
	r.expect(t, "new", "link eth0")
	body := linkBody(2, "eth0", flagsUp)
	body[0] = unix.AF_BRIDGE
	r.apply(unix.RTM_DELLINK, body)
	r.expect(t, "left a bridge")
	if _, err := r.find("eth0"); err != nil {
		t.Error(err)
	}
}

func TestLinkDown(t *testing.T) {
	tests := []struct {
		flags uint32
		state uint8
		want  string
	}{
		{flagsUp, operUp, ""},
		{flagsUp, operUnknown, ""},
		{0, operUp, "netif: eth0: link is down: administratively down"},
		{unix.IFF_UP, operUp, "netif: eth0: link is down: no carrier"},
		{flagsUp, operDormant, "netif: eth0: link is down: dormant"},
		{flagsUp, 3, "netif: eth0: link is down: not operational"}, // lowerlayerdown
	}
	for _, tt := range tests {
		l := link{name: "eth0", flags: tt.flags, operState: tt.state}
		err := l.down()
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || err.Error() != tt.want || !errors.Is(err, ErrLinkDown)) {
			t.Errorf("flags %x, state %d: %v, want %q", tt.flags, tt.state, err, tt.want)
		}
	}
}

func TestTableIPv4Sources(t *testing.T) {
	r := newRecorder()
	r.apply(unix.RTM_NEWLINK, linkBody(2, "eth0", flagsUp))
	r.apply(unix.RTM_NEWADDR, addressBody(2, "192.0.2.9/24", permanent, 0))
	r.apply(unix.RTM_NEWADDR, addressBody(2, "192.0.2.1/24", permanent|unix.IFA_F_SECONDARY, 0))
	r.apply(unix.RTM_NEWADDR, addressBody(2, "198.51.100.7/32", 0, 0))
	r.apply(unix.RTM_NEWADDR, addressBody(2, "169.254.1.1/16", permanent, unix.RT_SCOPE_LINK))
	r.apply(unix.RTM_NEWADDR, addressBody(2, "127.9.9.9/8", permanent, unix.RT_SCOPE_HOST))
	r.apply(unix.RTM_NEWADDR, addressBody(9, "192.0.2.77/24", permanent, 0)) // of no link
	r.expect(t, "new", "link eth0", "IPv4 eth0", "IPv4 eth0", "IPv4 eth0", "IPv4 eth0", "IPv4 eth0")
	want := []string{"192.0.2.9", "198.51.100.7", "169.254.1.1", "192.0.2.1"}
	if got := r.list(t, "eth0", unix.AF_INET); !slices.Equal(got, want) {
		t.Errorf("sources %v, want %v", got, want)
	}

	r.apply(unix.RTM_NEWADDR, addressBody(2, "198.51.100.7/32", 0, 0))
	r.expect(t, "lifetime renewed")
	r.apply(unix.RTM_DELADDR, addressBody(2, "192.0.2.9/24", permanent, 0))
	r.apply(unix.RTM_NEWADDR, addressBody(2, "192.0.2.1/24", permanent, 0))
	r.expect(t, "secondary promoted", "IPv4 eth0", "IPv4 eth0")
	want = []string{"192.0.2.1", "198.51.100.7", "169.254.1.1"}
	if got := r.list(t, "eth0", unix.AF_INET); !slices.Equal(got, want) {
		t.Errorf("sources %v, want %v", got, want)
	}
}

// TestTableServiceAddresses: what package vip has marked is no source, and its coming and going no change.
func TestTableServiceAddresses(t *testing.T) {
	marked := func(prefix string, mark uint8) []byte {
		return append(addressBody(2, prefix, permanent, 0), nl.NewRtAttr(attrProto, nl.Uint8Attr(mark)).Serialize()...)
	}
	r := newRecorder()
	r.apply(unix.RTM_NEWLINK, linkBody(2, "eth0", flagsUp))
	r.apply(unix.RTM_NEWADDR, marked("192.0.2.9/24", 2)) // by the router daemon, for one
	r.changes = nil
	for _, mark := range []uint8{112, 128} {
		r.apply(unix.RTM_NEWADDR, marked("192.0.2.100/32", mark))
		r.apply(unix.RTM_NEWADDR, marked("fe80::100/128", mark))
	}
	r.expect(t, "service addresses")
	if got := r.list(t, "eth0", unix.AF_INET); !slices.Equal(got, []string{"192.0.2.9"}) {
		t.Errorf("sources %v", got)
	}
	r.apply(unix.RTM_NEWADDR, marked("192.0.2.9/24", 112))
	r.expect(t, "a source became a service address", "IPv4 eth0")
	r.apply(unix.RTM_NEWADDR, marked("192.0.2.100/32", 129))
	r.expect(t, "a service address became a source", "IPv4 eth0")
	if got := r.list(t, "eth0", unix.AF_INET); !slices.Equal(got, []string{"192.0.2.100"}) {
		t.Errorf("sources %v", got)
	}
	r.apply(unix.RTM_DELADDR, marked("192.0.2.9/24", 112))
	r.expect(t, "a service address went")
	r.apply(unix.RTM_DELADDR, marked("192.0.2.100/32", 129))
	r.expect(t, "a source went", "IPv4 eth0")
}

func TestTableIPv6Sources(t *testing.T) {
	r := newRecorder()
	r.apply(unix.RTM_NEWLINK, linkBody(2, "eth0", flagsUp))
	for prefix, flags := range map[string]uint32{
		"fe80::5/64":  permanent,
		"fe80::4/128": permanent | unix.IFA_F_DEPRECATED,
		"fe80::3/64":  permanent | unix.IFA_F_TENTATIVE,
		"fe80::2/64":  permanent | unix.IFA_F_DADFAILED | unix.IFA_F_TENTATIVE,
		"fe80::1/64":  0,
		"fe80::7/64":  permanent | unix.IFA_F_TENTATIVE | unix.IFA_F_OPTIMISTIC,
	} {
		r.apply(unix.RTM_NEWADDR, addressBody(2, prefix, flags, unix.RT_SCOPE_LINK))
	}
	r.changes = nil
	r.apply(unix.RTM_NEWADDR, addressBody(2, "2001:db8::1/64", permanent, 0))
	r.expect(t, "no source")
	want := []string{"fe80::5", "fe80::7", "fe80::1", "fe80::4"}
	if got := r.list(t, "eth0", unix.AF_INET6); !slices.Equal(got, want) {
		t.Errorf("sources %v, want %v", got, want)
	}
	r.apply(unix.RTM_NEWADDR, addressBody(2, "fe80::3/64", permanent, unix.RT_SCOPE_LINK))
	r.expect(t, "detection ended", "IPv6 eth0")
	if got := r.list(t, "eth0", unix.AF_INET6); got[0] != "fe80::3" {
		t.Errorf("sources %v", got)
	}
}

// TestTablePointToPoint is about addresses that have a peer: IFA_ADDRESS is the peer's then.
func TestTablePointToPoint(t *testing.T) {
	r := newRecorder()
	r.apply(unix.RTM_NEWLINK, linkBody(2, "tun0", flagsUp))
	body := func(peer string) []byte {
		attribute := nl.NewRtAttr(unix.IFA_ADDRESS, netip.MustParseAddr(peer).AsSlice())
		return append(addressBody(2, "10.0.0.1/32", permanent, 0), attribute.Serialize()...)
	}
	r.apply(unix.RTM_NEWADDR, body("10.0.0.2"))
	r.apply(unix.RTM_NEWADDR, body("10.0.0.3"))
	r.apply(unix.RTM_DELADDR, body("10.0.0.2"))
	if got := r.list(t, "tun0", unix.AF_INET); !slices.Equal(got, []string{"10.0.0.1"}) {
		t.Errorf("sources %v", got)
	}
}

func TestTableForgetsWhatADumpLacks(t *testing.T) {
	r := newRecorder()
	for index, name := range []string{"lo", "eth0", "eth1"} {
		r.apply(unix.RTM_NEWLINK, linkBody(index+1, name, flagsUp))
		r.apply(unix.RTM_NEWADDR, addressBody(index+1, "192.0.2.1/32", permanent, 0))
		r.apply(unix.RTM_NEWADDR, addressBody(index+1, "192.0.2.2/32", permanent, 0))
	}
	r.changes = nil
	r.beginDump()
	r.apply(unix.RTM_NEWLINK, linkBody(1, "lo", flagsUp))
	r.apply(unix.RTM_NEWLINK, linkBody(2, "eth0", flagsUp))
	r.apply(unix.RTM_NEWADDR, addressBody(1, "192.0.2.1/32", permanent, 0))
	r.apply(unix.RTM_NEWADDR, addressBody(1, "192.0.2.2/32", permanent, 0))
	r.apply(unix.RTM_NEWADDR, addressBody(2, "192.0.2.2/32", permanent, 0))
	r.expect(t, "dump")
	r.endDump()
	slices.Sort(r.changes)
	r.expect(t, "end of dump", "IPv4 eth0", "link eth1")
	if got := r.list(t, "eth0", unix.AF_INET); !slices.Equal(got, []string{"192.0.2.2"}) {
		t.Errorf("sources %v", got)
	}
}

// header is that of a netlink message with a body of that length.
func header(typ uint16, length int) []byte {
	b := binary.NativeEndian.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+length))
	b = binary.NativeEndian.AppendUint16(b, typ)
	return append(b, make([]byte, 10)...)
}

func TestMessagesOfADatagram(t *testing.T) {
	b := slices.Concat(header(1, 5), []byte("abcde\x00\x00\x00"), header(2, 0),
		header(3, 4), []byte("fgh")) // cut short
	var got []string
	for h, body := range nlMessages(b) {
		got = append(got, string(rune('0'+h.Type))+string(body))
	}
	if want := []string{"1abcde", "2"}; !slices.Equal(got, want) {
		t.Errorf("messages %q, want %q", got, want)
	}
	for range nlMessages(b) {
		break
	}
}

// FuzzTable applies whatever datagram to a table that knows a link, and checks that names and links still
// belong together.
func FuzzTable(f *testing.F) {
	for _, body := range [][]byte{linkBody(2, "eth0", flagsUp), linkBody(3, "eth1", 0)} {
		f.Add(append(header(unix.RTM_NEWLINK, len(body)), body...))
		f.Add(append(header(unix.RTM_DELLINK, len(body)), body...))
	}
	for _, body := range [][]byte{addressBody(2, "192.0.2.1/24", permanent, 0), addressBody(2, "fe80::1/64", permanent, 0)} {
		f.Add(append(header(unix.RTM_NEWADDR, len(body)), body...))
		f.Add(append(header(unix.RTM_DELADDR, len(body)), body...))
	}
	f.Fuzz(func(t *testing.T, datagram []byte) {
		table := newLinkTable(func(string, int) {})
		table.apply(unix.RTM_NEWLINK, linkBody(2, "eth0", flagsUp))
		table.beginDump()
		for h, body := range nlMessages(datagram) {
			table.apply(h.Type, body)
			for name, index := range table.names {
				if e, ok := table.links[index]; !ok || e.name != name {
					t.Fatalf("name %q is of link %d: %+v", name, index, e)
				}
			}
		}
		for _, e := range table.links {
			e.sources(unix.AF_INET, nil)
			e.sources(unix.AF_INET6, nil)
		}
		table.endDump()
	})
}
