// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/protocoltest"
)

// packet is an advertisement as a capture has it.
type packet struct {
	h       carp.IPHeader
	message []byte
}

// readCapture returns the packets of the protocol in a capture file.
func readCapture(t testing.TB, file string) (packets []packet) {
	t.Helper()
	for _, p := range protocoltest.Capture(t, file, carp.Protocol) {
		packets = append(packets, packet{carp.IPHeader(p.Header), p.Message})
	}
	return packets
}

// capture is a file, and how its sender was configured.
type capture struct {
	file    string
	packets int
	skew    uint8
	config  carp.AuthenticatorConfig
}

func captures(t testing.TB) []capture {
	freebsd := func(addrs ...string) carp.AuthenticatorConfig {
		return carp.AuthenticatorConfig{VHID: 1, Key: carp.IfconfigKey("mypass"), Addresses: ips(addrs...), Profile: carp.ProfileStandard}
	}
	return []capture{
		{"freebsd-13-ipv4.pcap", 5, 100, freebsd("192.0.2.200")},
		{"freebsd-13-ipv4-three.pcap", 4, 100, freebsd("192.0.2.202", "192.0.2.200", "192.0.2.201")},
		{"freebsd-13-ipv6.pcap", 4, 100, freebsd("2001:db8::200")},
		{"freebsd-13-both.pcap", 10, 100, freebsd("192.0.2.200", "2001:db8::200", "192.0.2.199", "fe80::200")},
		{"ucarp-1.5.2.pcap", 4, 0, carp.AuthenticatorConfig{VHID: 42, Key: key(t, "love"), Addresses: ips("10.9.0.250")}},
		{"ucarp-1.5.2-long.pcap", 4, 100, carp.AuthenticatorConfig{VHID: 255, Key: key(t, "1234567890123456789"), Addresses: ips("10.9.0.251")}},
	}
}

// Each captured advertisement is accepted, and built again octet by octet.
func TestCaptures(t *testing.T) {
	for _, c := range captures(t) {
		t.Run(c.file, func(t *testing.T) {
			packets := readCapture(t, c.file)
			if len(packets) != c.packets {
				t.Errorf("%d packets, want %d", len(packets), c.packets)
			}
			signer := newAuthenticator(t, c.config)
			c.config.Profile = carp.ProfileNoLinkLocal
			verifier := newAuthenticator(t, c.config) // as configured by default
			for i, p := range packets {
				var got carp.Advertisement
				if err := got.Parse(p.message, p.h); err != nil {
					t.Fatalf("packet %d: %v", i, err)
				}
				if match, ok := verifier.Verify(&got); !ok || match.Set != 0 {
					t.Errorf("packet %d: Verify = %v, %v", i, match, ok)
				}
				want := carp.Advertisement{VHID: c.config.VHID, AdvBase: 1, AdvSkew: c.skew, Counter: got.Counter}
				signer.Sign(&want)
				out, err := want.Append(nil)
				if err != nil || !bytes.Equal(out, p.message) {
					t.Errorf("packet %d: built %x, %v, want %x", i, out, err, p.message)
				}
			}
		})
	}
}

// A host with one address more or less than the sender of a capture rejects it,
// and finds out why.
func TestCapturesExplained(t *testing.T) {
	for _, c := range captures(t) {
		var adv carp.Advertisement
		p := readCapture(t, c.file)[0]
		if err := adv.Parse(p.message, p.h); err != nil {
			t.Fatal(err)
		}
		c.config.Profile = carp.ProfileNoLinkLocal
		c.config.Addresses = append(c.config.Addresses, netip.MustParseAddr("192.0.2.9"))
		a := newAuthenticator(t, c.config)
		if _, ok := a.Verify(&adv); ok {
			t.Errorf("%s: verified", c.file)
		}
		if e := a.Explain(&adv); e.Cause != carp.CauseAddresses || len(e.Addresses) != len(c.config.Addresses)-1 {
			t.Errorf("%s: %v", c.file, e)
		}
	}
}
