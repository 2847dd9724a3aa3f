// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/vrrp"
)

// FuzzParseIPv4 reads any frame of the switch.
func FuzzParseIPv4(f *testing.F) {
	f.Add(answerFrame(1, netip.MustParseAddr("10.0.0.100"), 7))
	f.Add(ipv4Frame(1, netip.MustParseAddr("10.0.0.71"), vrrp.GroupIPv4(), vrrp.Protocol, 24, []byte{0x31, 51, 100, 0, 0, 10, 0, 0}))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, ok := parseIPv4(b)
		if !ok {
			return
		}
		if len(p.payload)+etherHeaderLen+ipv4HeaderLen > len(b) {
			t.Errorf("payload of %d octets from %d", len(p.payload), len(b))
		}
		p.echoReply()
		advertisedPriority(p.payload, p.header)
	})
}

// FuzzReadTransitions reads whatever comes through the pipe of a node.
func FuzzReadTransitions(f *testing.F) {
	f.Add("{\"From\":1,\"To\":2,\"Reason\":3,\"Peer\":\"10.0.0.71\"}\n{\"To\":1}")
	f.Add("{}{")
	f.Fuzz(func(_ *testing.T, text string) {
		readTransitions(strings.NewReader(text), func(c vrrp.Transition) {
			_ = c.From.String() + c.To.String() + c.Reason.String()
		})
	})
}
