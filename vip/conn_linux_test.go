// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

func dialTest(t *testing.T) *conn {
	t.Helper()
	c, err := dial(0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.close() })
	return c
}

// endless returns a request whose end the kernel does not tell: without NLM_F_ACK one that succeeds has none.
func endless() *nl.NetlinkRequest {
	r := nl.NewNetlinkRequest(unix.RTM_GETLINK, 0)
	r.AddData(nl.NewIfInfomsg(unix.AF_UNSPEC))
	r.AddData(nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated("lo")))
	return r
}

func TestExchangeEndsAtTheDeadline(t *testing.T) {
	c := dialTest(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	c.request(endless())
	answers := c.exchange(ctx, noMore)
	if err := answers[0].err; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error: %v", err)
	}
}

// TestExchangeIgnoresLateAnswers has answers in the socket that nobody waits for any more.
func TestExchangeIgnoresLateAnswers(t *testing.T) {
	c := dialTest(t)
	if err := c.send(endless().Serialize()); err != nil {
		t.Fatal(err)
	}
	if l, err := c.link(t.Context(), "lo"); err != nil || l.index <= 0 {
		t.Errorf("link: %+v, %v", l, err)
	}
	if _, err := c.link(t.Context(), "nosuchdevice"); !errors.Is(err, ErrNoDevice) {
		t.Errorf("link that is not there: %v", err)
	}
}

// TestExchangeGoesOnAfterAFailure has three requests in one datagram, of which the second fails.
func TestExchangeGoesOnAfterAFailure(t *testing.T) {
	c := dialTest(t)
	wanted := []error{nil, unix.ENODEV, nil}
	for _, want := range wanted {
		r := endless()
		r.Flags |= unix.NLM_F_ACK
		if want != nil {
			r.Data[1] = nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated("nosuchdevice"))
		}
		c.request(r)
	}
	answers := c.exchange(t.Context(), noMore)
	for i, want := range wanted {
		if got := answers[i].err; !errors.Is(got, want) {
			t.Errorf("request %d: %v, want %v", i, got, want)
		}
	}
}

func TestExchangeOnClosedSocket(t *testing.T) {
	c, err := dial(0)
	if err != nil {
		t.Fatal(err)
	}
	c.close()
	c.fd = -1
	c.request(endless())
	answers := c.exchange(t.Context(), noMore)
	if err := answers[0].err; !errors.Is(err, unix.EBADF) {
		t.Errorf("error: %v", err)
	}
}

func TestParseError(t *testing.T) {
	number := func(n int32) []byte { return binary.NativeEndian.AppendUint32(nil, uint32(n)) }
	header := slices.Concat(number(20), make([]byte, 12)) // of a request with four octets more
	eperm := slices.Concat(number(-1), header)
	reason := nl.NewRtAttr(unix.NLMSGERR_ATTR_MSG, nl.ZeroTerminated("words")).Serialize()
	const (
		capped = unix.NLM_F_CAPPED | unix.NLM_F_ACK_TLVS
		tlvs   = unix.NLM_F_ACK_TLVS
		plain  = "operation not permitted"
	)
	for name, test := range map[string]struct {
		typ, flags uint16
		data       []byte
		errno      error
		text       string
	}{
		"success":            {unix.NLMSG_ERROR, 0, slices.Concat(number(0), header), nil, ""},
		"errno":              {unix.NLMSG_ERROR, 0, slices.Concat(eperm, number(0)), unix.EPERM, plain},
		"reason":             {unix.NLMSG_ERROR, capped, slices.Concat(eperm, reason), unix.EPERM, "words: " + plain},
		"reason after all":   {unix.NLMSG_ERROR, tlvs, slices.Concat(eperm, number(0), reason), unix.EPERM, "words: " + plain},
		"reason cut off":     {unix.NLMSG_ERROR, tlvs, slices.Concat(eperm, number(0), reason[:6]), unix.EPERM, plain},
		"request cut off":    {unix.NLMSG_ERROR, tlvs, eperm, unix.EPERM, plain},
		"header cut off":     {unix.NLMSG_ERROR, tlvs, eperm[:12], unix.EPERM, plain},
		"end":                {unix.NLMSG_DONE, 0, number(0), nil, ""},
		"end without number": {unix.NLMSG_DONE, 0, nil, nil, ""},
		"end with errno":     {unix.NLMSG_DONE, 0, number(-4), unix.EINTR, "interrupted system call"},
	} {
		err := parseError(syscall.NetlinkMessage{Header: syscall.NlMsghdr{Type: test.typ, Flags: test.flags}, Data: test.data})
		if !errors.Is(err, test.errno) || err != nil && err.Error() != test.text {
			t.Errorf("%s: error %v, want %v, %q", name, err, test.errno, test.text)
		}
	}
}

// TestAttributeCutOff: whatever is missing at the end, nothing is read beyond it.
func TestAttributeCutOff(t *testing.T) {
	whole := slices.Concat(nl.NewRtAttr(1, []byte{1}).Serialize(), nl.NewRtAttr(2|unix.NLA_F_NESTED, []byte{2, 2, 2, 2, 2}).Serialize())
	if got := attribute(whole, 2); !slices.Equal(got, []byte{2, 2, 2, 2, 2}) {
		t.Errorf("attribute 2: %v", got)
	}
	if got := attribute(whole, 3); got != nil {
		t.Errorf("attribute 3: %v", got)
	}
	for n := range len(whole) {
		_ = attribute(whole[:n:n], 2)
		_ = attribute(whole[:n:n], 3)
	}
	if got := attribute([]byte{0, 0, 2, 0, 0, 0, 0, 0}, 2); got != nil { // a length that leads nowhere
		t.Errorf("attribute of length 0: %v", got)
	}
}
