// SPDX-License-Identifier: Apache-2.0

package netlab_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// TestCaptureSeesUnicastOfOthers: the echo requests and answers of two hosts are for neither the switch nor everybody.
func TestCaptureSeesUnicastOfOthers(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	n1, n2 := lab.Host("n1"), lab.Host("n2")
	begin := time.Now()
	var requests, answers int
	var last time.Time
	stop, err := lab.Capture(func(at time.Time, frame []byte) {
		if at.Before(begin.Add(-time.Second)) || at.After(time.Now()) || at.Before(last) {
			t.Errorf("frame at %v, capture since %v, the one before at %v", at, begin, last)
		}
		last = at
		switch kind(frame) {
		case 8:
			requests++
		case 0:
			answers++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if !pingOnce(t, n1, n2.Addr(0)) {
			t.Error("no answer")
		}
	}
	stop()
	stop()
	if requests != 3 || answers != 3 {
		t.Errorf("captured %d echo requests and %d answers, want 3 and 3", requests, answers)
	}
}

// kind returns the ICMP type of an IPv4 frame without options, -1 if it is another frame.
func kind(frame []byte) int {
	const etherLen, ipLen, icmp = 14, 20, 1
	if len(frame) < etherLen+ipLen+8 || binary.BigEndian.Uint16(frame[12:]) != 0x0800 || frame[etherLen+9] != icmp {
		return -1
	}
	return int(frame[etherLen+ipLen])
}
