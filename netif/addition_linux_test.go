// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"errors"
	"log/slog"
	"net"
	"slices"
	"testing"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/internal/rtseq"
)

// Replace adds 10.9.9.9/32 to a device or changes it, by a request with a sequence number, with a mark unless that is 0.
func Replace(index int, seq uint32, mark uint8) error {
	m := nl.NewIfAddrmsg(unix.AF_INET)
	m.Prefixlen, m.Index = 32, uint32(index)
	r := nl.NewNetlinkRequest(unix.RTM_NEWADDR, unix.NLM_F_CREATE|unix.NLM_F_REPLACE|unix.NLM_F_ACK)
	r.Seq = seq
	r.AddData(m)
	r.AddData(nl.NewRtAttr(unix.IFA_LOCAL, []byte{10, 9, 9, 9}))
	if mark != 0 {
		r.AddData(nl.NewRtAttr(attrProto, []byte{mark}))
	}
	_, err := r.Execute(unix.NETLINK_ROUTE, 0)
	return err
}

// A told is a request about that address, and whether the socket is told. Without a mark and number it is a removal.
type told struct {
	seq  uint32
	mark uint8
	is   bool
}

// do makes the request.
func (q told) do(device netlink.Link) error {
	if q.seq == 0 {
		return netlink.AddrDel(device, &netlink.Addr{IPNet: netlink.NewIPNet(net.IP{10, 9, 9, 9})})
	}
	return Replace(device.Attrs().Index, q.seq, q.mark)
}

// notices returns the numbers of the requests that a socket is told of, 0 for removals, and whether one has the mark.
func (r *routeSocket) notices(mark uint8) (seqs []uint32, marked bool) {
	for {
		n, _, err := unix.Recvfrom(r.fd, r.buf, unix.MSG_DONTWAIT)
		if err != nil {
			return seqs, marked
		}
		for h, body := range nlMessages(r.buf[:n]) {
			if h.Type == unix.RTM_DELADDR {
				h.Seq = 0
			}
			_, _, a, _ := parseAddress(body)
			seqs, marked = append(seqs, h.Seq), marked || a.mark == mark
		}
	}
}

// TestAdditionsAreNotTold: what the kernel tells of an addition or a renewal of a marked address does not reach the socket;
// everything else about the same address does.
func TestAdditionsAreNotTold(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	const first, last = rtseq.FirstMark, rtseq.LastMark
	plain, addition, renewal := rtseq.Number(rtseq.Plain, 7), rtseq.Number(rtseq.Addition, 8), rtseq.Number(rtseq.Renewal, 9)
	requests := []told{
		{addition, first, false}, {renewal, first, false}, {plain, first, true},
		{renewal + 1, 0, true}, {renewal + 2, first - 1, true}, {renewal + 3, last, false}, {renewal + 4, last + 1, true}, {0, 0, true},
		{addition + 1, 0, true}, {0, 0, true}, {addition + 2, first - 1, true}, {0, 0, true},
		{addition + 3, last, false}, {0, 0, true}, {addition + 4, last + 1, true}, {0, 0, true},
		{rtseq.Number(rtseq.Addition-1, 10), first, true},
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	var got, want []uint32
	kept := false // marks, by the kernel
	err := lab.Host("n1").Do(func() error {
		eth0, err := netlink.LinkByName("eth0")
		if err != nil {
			return err
		}
		r, err := openRoute(slog.New(slog.DiscardHandler), func(string, int) {}, func() {})
		if err != nil {
			return err
		}
		defer r.close()
		for _, q := range requests {
			err = errors.Join(err, q.do(eth0))
			if q.is {
				want = append(want, q.seq)
			}
		}
		got, kept = r.notices(first)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !kept {
		t.Skip("this kernel keeps no marks of addresses")
	}
	if !slices.Equal(got, want) {
		t.Errorf("told of %#x, want %#x", got, want)
	}
}
