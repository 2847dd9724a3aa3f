// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/frame"
	"github.com/go-fhrp/fhrp/vrrp"
)

// tagged puts VLAN tags in a frame.
func tagged(b []byte, tags ...uint32) []byte {
	c := slices.Clone(b[:macsLen])
	for _, tag := range tags {
		c = binary.BigEndian.AppendUint32(c, tag)
	}
	return append(c, b[macsLen:]...)
}

// withAH puts an authentication header in a frame with an IPv4 packet.
func withAH(b []byte) []byte {
	c := slices.Concat(b[:ipOffset+ipv4HeaderLen], make([]byte, vrrp.AHLen), b[ipOffset+ipv4HeaderLen:])
	c[ipv4Protocol], c[ipOffset+ipv4HeaderLen], c[ipOffset+ipv4HeaderLen+1] = vrrp.ProtocolAH, vrrp.Protocol, 4
	binary.BigEndian.PutUint16(c[ipv4Length:], binary.BigEndian.Uint16(b[ipv4Length:])+vrrp.AHLen)
	return c
}

// frames are one of each kind.
func frames(t testing.TB) map[string][]byte {
	plain := vrrpFrame(t, one, 51, 200, vip1)
	return map[string][]byte{
		"VRRP":         plain,
		"CARP":         carpFrame(one, 51, carp.Rank{AdvBase: 1}),
		"AH":           withAH(plain),
		"claim":        frame.AppendGratuitousARP(nil, frame.Reply, macOf(one), vip1),
		"VLAN":         tagged(plain, 0x81000000|0x600a),
		"AH in a VLAN": tagged(withAH(plain), 0x81000014),
		"claim, VLAN":  tagged(frame.AppendGratuitousARP(nil, frame.Reply, macOf(one), vip1), 0x88a8000a),
		"QinQ":         tagged(plain, 0x88a8000a, 0x81000014),
	}
}

func TestDecodePacket(t *testing.T) {
	vlans := map[string]string{"VLAN": ".10", "AH in a VLAN": ".20", "claim, VLAN": ".10", "QinQ": ".10.20"}
	for name, b := range frames(t) {
		p, ok := decodePacket(bytes.Clone(b))
		if !ok || p.vlan != vlans[name] || p.mac != macOf(one) || p.ah != strings.HasPrefix(name, "AH") || p.claim != strings.HasPrefix(name, "claim") {
			t.Errorf("%s: %+v, %v", name, p, ok)
		}
		for n := range len(b) - 1 {
			if _, ok := decodePacket(bytes.Clone(b[:n])); ok && n < len(b)-18 { // the padding of ARP
				t.Errorf("%s: cut at %d of %d is taken", name, n, len(b))
			}
		}
	}
}

// TestCaptures shows the forms of real senders.
func TestCaptures(t *testing.T) {
	for file, want := range map[string]string{
		"vrrp/testdata/ka-2.2.7-v2-pass.pcap":              "version 2, password",
		"vrrp/testdata/ka-2.2.7-v3-ipv4-pseudo.pcap":       "version 3, checksum pseudo-header",
		"vrrp/testdata/ka-2.4.3-v3-ipv4-message-only.pcap": "version 3, checksum message",
		"vrrp/testdata/ka-2.2.7-v3-ipv6.pcap":              "version 3",
		"carp/testdata/freebsd-13-both.pcap":               "version 2, HMAC-SHA1",
		"carp/testdata/ucarp-1.5.2.pcap":                   "version 2, HMAC-SHA1",
	} {
		o := newObserver()
		if err := o.readFile(filepath.Join("../..", file)); err != nil {
			t.Error(err)
		}
		for _, c := range o.sorted() {
			if got := c.speakers[0].form; got != want || len(c.speakers) != 1 || len(o.rejected) > 0 {
				t.Errorf("%s: form %q, want %q", file, got, want)
			}
		}
	}
}

// TestCutFile reports that a file is cut, and shows what came before.
func TestCutFile(t *testing.T) {
	b, err := os.ReadFile("../../vrrp/testdata/ka-2.2.7-v2-none.pcap")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "cut.pcap")
	if err := os.WriteFile(name, b[:len(b)-3], 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	status := command(t.Context(), []string{"-r", name}, &out, &errs, false)
	if status != 1 || !strings.Contains(errs.String(), "cut.pcap: the file is cut: pcap: record 6: frame: unexpected EOF") {
		t.Errorf("status %d, %s", status, &errs)
	}
	if !strings.Contains(out.String(), "Active  10.0.0.71  priority 200") {
		t.Errorf("printed:\n%s", &out)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"-r", "x", "eth0"}, {"-unknown"}} {
		var out, errs bytes.Buffer
		if status := command(t.Context(), args, &out, &errs, false); status != 2 || errs.Len() == 0 {
			t.Errorf("%v: status %d, %s", args, status, &errs)
		}
	}
}

// FuzzObserver checks that no frame does harm, and what is shown of it.
func FuzzObserver(f *testing.F) {
	for _, b := range frames(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s := newScene(t)
		s.vrrp(one, 200)
		s.wait(1)
		s.frame(s.at, "eth0", bytes.Clone(b))
		s.frame(s.at, "eth0", bytes.Clone(b))
		s.wait(1 << 40)
		v := s.view(0)
		if err := writeTable(&bytes.Buffer{}, &v); err != nil {
			t.Fatal(err)
		}
	})
}
