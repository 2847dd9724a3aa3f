// SPDX-License-Identifier: Apache-2.0

package netlab_test

import (
	"errors"
	"maps"
	"net"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// TestDrop: what the packet filter drops one way still goes the other way, and other protocols go both ways.
func TestDrop(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	n1, n2 := lab.Host("n1"), lab.Host("n2")
	must(t, n2.Undrop()) // nothing
	err := n2.Drop(1, netlab.Incoming)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	must(t, err)
	if pingOnce(t, n1, n2.Addr(0)) {
		t.Error("an echo request came in")
	}
	if !pingOnce(t, n1, n2.Addr6(0)) {
		t.Error("another protocol is dropped")
	}
	must(t, n2.Undrop())
	must(t, n2.Drop(1, netlab.Outgoing))
	if pingOnce(t, n1, n2.Addr(0)) {
		t.Error("an answer went out")
	}
	must(t, n2.Drop(58, netlab.Incoming))
	must(t, n2.Undrop())
	if !pingOnce(t, n1, n2.Addr(0)) {
		t.Error("dropped after the end")
	}
}

// TestRewire: the interface that is made anew is another one with the same addresses.
func TestRewire(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	n1, n2 := lab.Host("n1"), lab.Host("n2")
	before := index(t, n2)
	must(t, n2.Unwire(0))
	if err := n2.Unwire(0); err == nil {
		t.Error("no error for an interface that is gone")
	}
	if pingOnce(t, n1, n2.Addr(0)) {
		t.Error("answer of a host without interface")
	}
	must(t, n2.Rewire(0))
	if after := index(t, n2); after == before {
		t.Errorf("interface %d as before", after)
	}
	await(t, "answers", func() bool { return pingOnce(t, n1, n2.Addr(0)) && pingOnce(t, n1, n2.Addr6(0)) })
}

// index returns the number of eth0 of a host.
func index(t *testing.T, h *netlab.Host) (n int) {
	t.Helper()
	must(t, h.Do(func() error {
		eth, err := net.InterfaceByName("eth0")
		if err == nil {
			n = eth.Index
		}
		return err
	}))
	return n
}

// TestSender: frames leave as they are, in order, and those that the switch delivers are for one host.
func TestSender(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	frame := func(b byte) []byte {
		return append([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5}, b)
	}
	var got []byte
	stop, err := lab.Capture(func(_ time.Time, frame []byte) {
		if len(frame) > 14 && frame[12] == 0x88 && frame[13] == 0xb5 {
			got = append(got, frame[14])
		}
	})
	must(t, err)
	s, err := lab.Host("n1").Sender(0)
	must(t, err)
	must(t, s.Send(frame(1), frame(2)))
	must(t, s.Send(frame(3)))
	must(t, s.Close())
	must(t, lab.Host("n2").Deliver(0, frame(4)))
	if _, err := lab.Host("n1").Sender(1); err == nil {
		t.Error("no error for a link that is not there")
	}
	stop()
	if !slices.Equal(got, []byte{1, 2, 3}) {
		t.Errorf("frames %v crossed the switch", got)
	}
}

// TestLeftOver: a socket and a process are there, and gone when they are closed and ended.
func TestLeftOver(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	h := lab.Host("n1")
	before, err := h.Sockets()
	must(t, err)
	s, err := h.Sender(0)
	must(t, err)
	if open, err := h.Sockets(); err != nil || len(open) != len(before)+1 {
		t.Errorf("%v, %v, before %v", open, err, before)
	}
	must(t, s.Close())
	if open, err := h.Sockets(); err != nil || !maps.Equal(open, before) {
		t.Errorf("%v, %v, before %v", open, err, before)
	}
	cmd := exec.Command(netlabtest.Program(t, "sleep"), "1000")
	must(t, h.Start(cmd))
	for _, name := range []string{"n1", "n2"} {
		if pids, err := lab.Host(name).Processes(); err != nil || slices.Contains(pids, cmd.Process.Pid) != (name == "n1") {
			t.Errorf("processes of %s: %v, %v", name, pids, err)
		}
	}
	must(t, cmd.Process.Kill())
	_ = cmd.Wait() // says that it was killed
	if pids, err := h.Processes(); err != nil || len(pids) > 0 {
		t.Errorf("processes %v, %v", pids, err)
	}
}

// must ends the test for an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
