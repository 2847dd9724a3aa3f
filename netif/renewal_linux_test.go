// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"errors"
	"log/slog"
	"slices"
	"testing"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/internal/rtseq"
)

// replace adds 10.9.9.9/32 to a device or changes it, by a request with a sequence number, with a mark unless that is 0.
func replace(index int, seq uint32, mark uint8) error {
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

// TestRenewalsAreNotTold: what the kernel tells of a renewal of a marked address does not reach the socket; everything
// else about the same address does.
func TestRenewalsAreNotTold(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	const mark = rtseq.FirstMark
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	var told []uint32
	kept := false // marks, by the kernel
	plain, addition, renewal := rtseq.Number(rtseq.Plain, 7), rtseq.Number(rtseq.Addition, 8), rtseq.Number(rtseq.Renewal, 9)
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
		i := eth0.Attrs().Index
		err = errors.Join(replace(i, addition, mark), replace(i, renewal, mark), replace(i, plain, mark), replace(i, renewal+1, 0), replace(i, renewal+2, mark-1))
		for err == nil {
			n, _, errno := unix.Recvfrom(r.fd, r.buf, unix.MSG_DONTWAIT)
			if errno != nil {
				break
			}
			for h, body := range nlMessages(r.buf[:n]) {
				_, _, a, _ := parseAddress(body)
				told, kept = append(told, h.Seq), kept || a.mark == mark
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !kept {
		t.Skip("this kernel keeps no marks of addresses")
	}
	if want := []uint32{addition, plain, renewal + 1, renewal + 2}; !slices.Equal(told, want) {
		t.Errorf("told of %#x, want %#x", told, want)
	}
}
