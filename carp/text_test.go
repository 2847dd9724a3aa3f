// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/carp"
)

// Every value of an enumeration of the codec has a text of its own, and one that
// isn't in it says its number.
func TestCodecStrings(t *testing.T) {
	for name, text := range map[string]func(i uint8) string{
		"fault":   func(i uint8) string { return carp.Fault(i).String() },
		"profile": func(i uint8) string { return carp.Profile(i).String() },
		"cause":   func(i uint8) string { return carp.Cause(i).String() },
	} {
		seen := map[string]bool{}
		for i := range 256 {
			s := text(uint8(i))
			if s == "" || seen[s] {
				t.Errorf("%s %d: text %q", name, i, s)
			}
			seen[s] = true
		}
		if s := text(200); !strings.Contains(s, "200") {
			t.Errorf("%s 200: %q", name, s)
		}
	}
}

func TestPacketErrorText(t *testing.T) {
	for want, err := range map[string]carp.PacketError{
		"carp: wrong hop limit: 64, want 255":           {Fault: carp.FaultHopLimit, Got: 64, Want: 255},
		"carp: short packet: 20, want 36":               {Fault: carp.FaultShort, Got: 20, Want: 36},
		"carp: wrong length: 40, want 36":               {Fault: carp.FaultLength, Got: 40, Want: 36},
		"carp: advertisement of VRRP: version 3":        {Fault: carp.FaultVRRP, Got: 3},
		"carp: wrong checksum: sum 0x1234, want 0xffff": {Fault: carp.FaultChecksum, Got: 0x1234, Want: 0xffff},
		"carp: unknown virtual host: 7":                 {Fault: carp.FaultVHID, Got: 7},
		"carp: wrong digest":                            {Fault: carp.FaultDigest},
		"carp: own packet":                              {Fault: carp.FaultLooped, Got: 7},
		"carp: not taking part":                         {Fault: carp.FaultInit, Got: 7},
	} {
		if got := err.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestExplanationText(t *testing.T) {
	for want, e := range map[string]carp.Explanation{
		"another passphrase or other addresses":          {},
		"other addresses: peer has [192.0.2.1]":          {Cause: carp.CauseAddresses, Addresses: ips("192.0.2.1")},
		"another profile: list order":                    {Cause: carp.CauseProfile, Addresses: ips("192.0.2.1"), Profile: carp.ProfileListOrder},
		"no passphrase: peer has [192.0.2.1]":            {Cause: carp.CauseNoPassphrase, Addresses: ips("192.0.2.1")},
		"advertisement of VRRP version 2":                {Cause: carp.CauseVRRP},
		"no link-layer address: peer has [192.0.2.1 ::]": {Cause: carp.CauseLinkLayer, Addresses: ips("192.0.2.1", "::")},
	} {
		if got := e.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
