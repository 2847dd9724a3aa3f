// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/vrrp"
)

// octets returns the octets from one number to another.
func octets(from, to int) []byte {
	var b []byte
	for ; from <= to; from++ {
		b = append(b, byte(from))
	}
	return b
}

func secret(t testing.TB, octets []byte) vrrp.Secret {
	t.Helper()
	s, err := vrrp.NewSecret(octets)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// captureKeys are the keys of testdata/hmac.
func captureKeys(t testing.TB) []vrrp.Key {
	return []vrrp.Key{
		{ID: 1, Secret: secret(t, octets(0, 0x1f))},
		{ID: 200, Secret: secret(t, octets(0x40, 0x7f))},
		{ID: 7, Secret: secret(t, []byte("a passphrase of forty octets, no hex: in"))},
	}
}

func newHMAC(t testing.TB, c vrrp.HMACConfig) *vrrp.HMAC {
	t.Helper()
	if c.Keys == nil {
		c.Keys = captureKeys(t)
	}
	a, err := vrrp.NewHMAC(c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// timeOf returns the earliest time of a sequence number.
func timeOf(s vrrp.Sequence) time.Time {
	fraction := int64(s >> 16 & 0xffff)
	return time.Unix(int64(s>>32), (fraction*int64(time.Second)+0xffff)>>16)
}

// draftVectors are those of the appendix of draft-cassen-vrrp-auth-hmac, which
// keepalived tests too, in test/auth_hmac_test.c. The IPv6 one was sent to
// fe80::20.
func draftVectors(t testing.TB) []packet {
	return []packet{
		{header("198.51.100.10", "224.0.0.18"), unhex(t, "3133c80100644402c0000264"+"010100006800000080000000"+"1b84bc4e8e43892dc6d98448f8ee2265")},
		{header("fe80::10", "fe80::20"), unhex(t, "3133c8010064a2e9fe800000000000000000000000000100"+"010100006800000080000000"+"c8c56146ebfd66ee10ec4d8186461b78")},
	}
}

func TestHMACDraftVectors(t *testing.T) {
	for _, p := range draftVectors(t) {
		bothWays(t, p, vrrp.Advertisement{Version: vrrp.V3, VRID: 51, Priority: 200, Interval: time.Second}, 1)
	}
}

// bothWays verifies a payload and builds it from what it says. In want there are
// no addresses.
func bothWays(t *testing.T, p packet, want vrrp.Advertisement, key uint8) {
	t.Helper()
	v6 := p.h.Src.Is6()
	message, trailer := vrrp.CutTrailer(slices.Clone(p.message), v6)
	if trailer == nil {
		t.Fatalf("no trailer in %x", p.message)
	}
	var adv vrrp.Advertisement
	p.h.HopLimit = vrrp.HopLimit
	form, err := adv.Parse(message, p.h)
	if err != nil {
		t.Fatalf("Parse(%x) = %v", message, err)
	}
	now := timeOf(trailer.Sequence())
	verdict, err := newHMAC(t, vrrp.HMACConfig{}).Verify(now, message, trailer, p.h.Src)
	if (verdict != vrrp.Verdict{Signed: true, KeyID: key}) || err != nil {
		t.Errorf("Verify = %+v, %v", verdict, err)
	}

	built, err := adv.Append(nil, p.h.Src, p.h.Dst, form)
	if err != nil {
		t.Fatal(err)
	}
	own, signed := newHMAC(t, vrrp.HMACConfig{ActiveKey: key}).Sign(now, built, p.h.Src)
	if payload := own.Append(built, v6); !signed || !bytes.Equal(payload, p.message) {
		t.Errorf("built %x, want %x", payload, p.message)
	}
	adv.Addresses = nil
	if diff := cmp.Diff(want, adv); diff != "" {
		t.Errorf("parsed (-want +got):\n%s", diff)
	}
}

func TestHMACCaptures(t *testing.T) {
	for _, c := range []struct {
		file    string
		packets int
		version vrrp.Version
		key     uint8
	}{
		{"v3-ipv4", 6, vrrp.V3, 1},
		{"v3-ipv4-unicast", 6, vrrp.V3, 1},
		{"v3-ipv6", 6, vrrp.V3, 1},
		{"v3-ipv6-unicast", 12, vrrp.V3, 1},
		{"v2-ipv4", 6, vrrp.V2, 1},
		{"v2-unicast", 12, vrrp.V2, 1},
		{"long-key", 6, vrrp.V3, 200},
		{"text-key", 6, vrrp.V3, 7},
	} {
		t.Run(c.file, func(t *testing.T) {
			packets := readCapture(t, "hmac/ka-2.4.3-hmac-"+c.file+".pcap")
			if len(packets) != c.packets {
				t.Errorf("%d packets, want %d", len(packets), c.packets)
			}
			for i, p := range packets {
				want := vrrp.Advertisement{Version: c.version, VRID: 51, Priority: 200, Interval: time.Second}
				if i >= len(packets)-c.packets/6 {
					want.Priority = vrrp.PriorityGoodbye
				}
				bothWays(t, p, want, c.key)
			}
		})
	}
}

// A receiver that hears all of a capture in its time accepts each once.
func TestHMACCaptureInTime(t *testing.T) {
	for _, monotonic := range []bool{false, true} {
		a := newHMAC(t, vrrp.HMACConfig{Monotonic: monotonic})
		for i, p := range readCapture(t, "hmac/ka-2.4.3-hmac-v3-ipv6.pcap") {
			message, trailer := vrrp.CutTrailer(p.message, true)
			now := timeOf(trailer.Sequence()).Add(time.Millisecond)
			if _, err := a.Verify(now, message, trailer, p.h.Src); err != nil {
				t.Errorf("packet %d: %v", i, err)
			}
			if _, err := a.Verify(now, message, trailer, p.h.Src); !errors.Is(err, vrrp.FaultReplay) {
				t.Errorf("packet %d again: %v", i, err)
			}
		}
	}
}

// One signature is for all peers: the copies of an advertisement differ in
// destination and checksum.
func TestHMACCopiesForSeveralPeers(t *testing.T) {
	packets := readCapture(t, "hmac/ka-2.4.3-hmac-v3-ipv6-unicast.pcap")
	_, first := vrrp.CutTrailer(packets[0].message, true)
	_, second := vrrp.CutTrailer(packets[1].message, true)
	if *first != *second || packets[0].h.Dst == packets[1].h.Dst {
		t.Errorf("%x to %v, %x to %v", *first, packets[0].h.Dst, *second, packets[1].h.Dst)
	}
}

func TestHMACReceiveOnlyCapture(t *testing.T) {
	for _, p := range readCapture(t, "hmac/ka-2.4.3-hmac-receive-only.pcap") {
		if message, trailer := vrrp.CutTrailer(p.message, false); trailer != nil || !bytes.Equal(message, p.message) {
			t.Errorf("%x has a trailer", p.message)
		}
	}
}

// signed returns a message from src and its trailer by the first key.
func signed(t testing.TB, now time.Time, h vrrp.IPHeader, version vrrp.Version) ([]byte, *vrrp.Trailer) {
	t.Helper()
	adv := vrrp.Advertisement{Version: version, VRID: 51, Priority: 200, Interval: time.Second, Addresses: addrs("192.0.2.100", "192.0.2.101")}
	if h.Src.Is6() {
		adv.Addresses = addrs("fe80::100", "2001:db8::100")
	}
	message, err := adv.Append(nil, h.Src, h.Dst, vrrp.ChecksumMessage)
	if err != nil {
		t.Fatal(err)
	}
	trailer, ok := newHMAC(t, vrrp.HMACConfig{}).Sign(now, message, h.Src)
	if !ok {
		t.Fatal("not signed")
	}
	return message, &trailer
}

func headers() []vrrp.IPHeader {
	return []vrrp.IPHeader{header("198.51.100.10", "224.0.0.18"), header("fe80::10", "ff02::12")}
}

// noon is some time.
func noon() time.Time { return time.Date(2026, 7, 20, 12, 0, 0, 500_000_000, time.UTC) }

// Every bit of message and trailer is covered but those of the checksum, which is
// for Parse to verify.
func TestHMACCoversEveryBit(t *testing.T) {
	for _, h := range headers() {
		message, trailer := signed(t, noon(), h, vrrp.V3)
		payload := trailer.Append(slices.Clone(message), h.Src.Is6())
		for bit := range 8 * len(payload) {
			changed := slices.Clone(payload)
			changed[bit/8] ^= 1 << (bit % 8)
			m, tr := vrrp.CutTrailer(changed, h.Src.Is6())
			want := wantFault(bit/8, bit%8, len(message))
			if tr == nil && bit/8 < 4 { // another version or address count is another length
				want = vrrp.FaultUnsigned
			}
			if _, err := newHMAC(t, vrrp.HMACConfig{}).Verify(noon(), m, tr, h.Src); !errors.Is(err, want) {
				t.Errorf("%v, bit %d of octet %d: %v, want %v", h.Src, bit%8, bit/8, err, want)
			}
			var adv vrrp.Advertisement
			if _, err := adv.Parse(m, h); err == nil && (bit/8 < len(message) || h.Src.Is6()) {
				t.Errorf("%v, bit %d of octet %d: parsed", h.Src, bit%8, bit/8)
			}
		}
	}
}

// wantFault returns what a wrong bit of a payload with a trailer is taken for.
func wantFault(octet, bit, messageLen int) error {
	switch trailer := octet - messageLen; {
	case octet == 6, octet == 7: // checksum
		return nil
	case trailer == 0, trailer == 2, trailer == 3:
		return vrrp.FaultTrailer
	case trailer == 1:
		return vrrp.FaultUnknownKey
	case trailer >= 4 && trailer < 7, trailer == 7 && bit > 2: // more than 5 s
		return vrrp.FaultStale
	}
	return vrrp.FaultDigest
}

func TestHMACCoversSource(t *testing.T) {
	for _, h := range headers() {
		message, trailer := signed(t, noon(), h, vrrp.V3)
		for _, src := range append(addrs("198.51.100.11", "198.51.100.10", "fe80::10", "fe80::11", "c633:640a::", "::ffff:198.51.100.10"), netip.Addr{}) {
			want := error(vrrp.FaultDigest)
			if src == h.Src {
				want = nil
			}
			if _, err := newHMAC(t, vrrp.HMACConfig{}).Verify(noon(), message, trailer, src); !errors.Is(err, want) {
				t.Errorf("signed from %v, verified from %v: %v", h.Src, src, err)
			}
		}
	}
}

// A zone is a matter of this host.
func TestHMACIgnoresZone(t *testing.T) {
	h := headers()[1]
	message, trailer := signed(t, noon(), h, vrrp.V3)
	a := newHMAC(t, vrrp.HMACConfig{})
	if _, err := a.Verify(noon(), message, trailer, h.Src.WithZone("eth0")); err != nil {
		t.Error(err)
	}
	if _, err := a.Verify(noon(), message, trailer, h.Src.WithZone("eth1")); !errors.Is(err, vrrp.FaultReplay) {
		t.Error(err)
	}
}

// The modes of keepalived.conf(5).
func TestHMACModes(t *testing.T) {
	h := headers()[0]
	message, right := signed(t, noon(), h, vrrp.V2)
	wrong, other := *right, *right
	wrong[vrrp.TrailerLen-1] ^= 1
	other[0] = 2
	for _, c := range []struct {
		mode    vrrp.HMACMode
		name    string
		signs   bool
		without error
	}{
		{vrrp.HMACReceiveOnly, "receive-only", false, nil},
		{vrrp.HMACPermissive, "permissive", true, nil},
		{vrrp.HMACEnforce, "enforce", true, vrrp.FaultUnsigned},
	} {
		if c.mode.String() != c.name {
			t.Errorf("%q, want %q", c.mode, c.name)
		}
		a := newHMAC(t, vrrp.HMACConfig{Mode: c.mode})
		trailer, signs := a.Sign(noon(), message, h.Src)
		if signs != c.signs || signs == (trailer == vrrp.Trailer{}) {
			t.Errorf("%v: signs: %v, %x", c.mode, signs, trailer)
		}
		for _, r := range []struct {
			name    string
			trailer *vrrp.Trailer
			want    error
		}{
			{"without", nil, c.without},
			{"wrong", &wrong, vrrp.FaultDigest},
			{"of another scheme", &other, vrrp.FaultTrailer},
			{"right", right, nil},
			{"again", right, vrrp.FaultReplay},
		} {
			verdict, err := a.Verify(noon(), message, r.trailer, h.Src)
			if !errors.Is(err, r.want) || verdict.Signed != (r.name == "right") {
				t.Errorf("%v, trailer %s: %+v, %v, want %v", c.mode, r.name, verdict, err, r.want)
			}
		}
	}
}

func TestHMACVerdict(t *testing.T) {
	h := headers()[0]
	message, trailer := signed(t, noon(), h, vrrp.V3)
	for _, c := range []struct {
		late time.Duration
		want vrrp.Verdict
	}{
		{0, vrrp.Verdict{Signed: true, KeyID: 1}},
		{499 * time.Millisecond, vrrp.Verdict{Signed: true, KeyID: 1}},
		{500 * time.Millisecond, vrrp.Verdict{Signed: true, KeyID: 1, Skew: time.Second}},
		{2 * time.Second, vrrp.Verdict{Signed: true, KeyID: 1, Skew: 2 * time.Second}},
		{3 * time.Second, vrrp.Verdict{Signed: true, KeyID: 1, Skew: 3 * time.Second, Drifting: true}},
		{-3 * time.Second, vrrp.Verdict{Signed: true, KeyID: 1, Skew: -3 * time.Second, Drifting: true}},
	} {
		got, err := newHMAC(t, vrrp.HMACConfig{}).Verify(noon().Add(c.late), message, trailer, h.Src)
		if got != c.want || err != nil {
			t.Errorf("%v late: %+v, %v, want %+v", c.late, got, err, c.want)
		}
	}
	hour := vrrp.Verdict{Signed: true, KeyID: 1, Skew: time.Hour}
	got, err := newHMAC(t, vrrp.HMACConfig{Monotonic: true}).Verify(noon().Add(time.Hour), message, trailer, h.Src)
	if got != hour || err != nil {
		t.Errorf("monotonic: %+v, %v, want %+v", got, err, hour)
	}
}

func TestHMACConfig(t *testing.T) {
	one := captureKeys(t)[:1]
	for _, c := range []struct {
		config vrrp.HMACConfig
		want   string
	}{
		{vrrp.HMACConfig{}, "vrrp: number of keys 0: allowed: 1 and more"},
		{vrrp.HMACConfig{Keys: one, Mode: 3}, "vrrp: mode 3: allowed: 0 to 2"},
		{vrrp.HMACConfig{Keys: one, Window: time.Second / 2}, "vrrp: window 500ms: allowed: whole seconds from 1s to 300s"},
		{vrrp.HMACConfig{Keys: one, Window: 301 * time.Second}, "vrrp: window 5m1s: allowed: whole seconds from 1s to 300s"},
		{vrrp.HMACConfig{Keys: one, Window: 1500 * time.Millisecond}, "vrrp: window 1.5s: allowed: whole seconds from 1s to 300s"},
		{vrrp.HMACConfig{Keys: one, Window: -time.Second}, "vrrp: window -1s: allowed: whole seconds from 1s to 300s"},
		{vrrp.HMACConfig{Keys: one, Senders: -1}, "vrrp: number of senders -1: allowed: 1 to 256"},
		{vrrp.HMACConfig{Keys: one, Senders: 257}, "vrrp: number of senders 257: allowed: 1 to 256"},
	} {
		a, err := vrrp.NewHMAC(c.config)
		var value *vrrp.ValueError
		if a != nil || !errors.As(err, &value) || err.Error() != c.want {
			t.Errorf("%v, %v, want %s", a, err, c.want)
		}
	}
	for _, window := range []time.Duration{0, time.Second, 300 * time.Second} {
		newHMAC(t, vrrp.HMACConfig{Window: window, Senders: 256})
	}
	if s := vrrp.HMACMode(3).String(); s != "mode 3" {
		t.Error(s)
	}
}

// time_window of keepalived.conf(5): three times the interval in whole seconds.
func TestDefaultWindow(t *testing.T) {
	for interval, want := range map[time.Duration]time.Duration{
		10 * time.Millisecond:    5 * time.Second,
		time.Second:              5 * time.Second,
		1990 * time.Millisecond:  5 * time.Second,
		2 * time.Second:          6 * time.Second,
		2500 * time.Millisecond:  6 * time.Second,
		40950 * time.Millisecond: 120 * time.Second,
		100 * time.Second:        300 * time.Second,
		255 * time.Second:        300 * time.Second,
	} {
		if got := vrrp.DefaultWindow(interval); got != want {
			t.Errorf("DefaultWindow(%v) = %v, want %v", interval, got, want)
		}
	}
}

func TestAuthenticationErrorSaysWhatIsWrong(t *testing.T) {
	h := headers()[0]
	message, trailer := signed(t, noon(), h, vrrp.V3)
	key, digest := *trailer, *trailer
	key[1], digest[20] = 9, digest[20]+1
	for _, c := range []struct {
		now     time.Time
		message []byte
		trailer *vrrp.Trailer
		fault   error
		want    string
	}{
		{noon(), message, nil, vrrp.FaultUnsigned, "vrrp: no authentication trailer"},
		{noon(), message, &vrrp.Trailer{}, vrrp.FaultTrailer, "vrrp: malformed authentication trailer"},
		{noon(), message, &key, vrrp.FaultUnknownKey, "vrrp: unknown key: 9"},
		{noon(), message, &digest, vrrp.FaultDigest, "vrrp: wrong digest"},
		{noon().Add(time.Minute), message, trailer, vrrp.FaultStale, "vrrp: stale sequence number: the clock here is ahead by 1m0s, allowed: 5s"},
		{noon().Add(-time.Minute), message, trailer, vrrp.FaultStale, "vrrp: stale sequence number: the clock here is ahead by -1m0s, allowed: 5s"},
		{noon(), message[:7], trailer, vrrp.FaultLength, "vrrp: wrong length: 7, want 8"},
	} {
		_, err := newHMAC(t, vrrp.HMACConfig{}).Verify(c.now, c.message, c.trailer, h.Src)
		var packet *vrrp.PacketError
		if !errors.Is(err, c.fault) || !errors.As(err, &packet) || err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	for want, err := range map[string]vrrp.PacketError{
		"vrrp: replayed sequence number":            {Fault: vrrp.FaultReplay},
		"vrrp: replayed sequence number: 7, want 9": {Fault: vrrp.FaultReplay, Got: 7, Want: 9},
		"vrrp: wrong security parameters index":     {Fault: vrrp.FaultSPI},
		"vrrp: wrong next header: 6, want 112":      {Fault: vrrp.FaultNextHeader, Got: 6, Want: 112},
	} {
		if got := err.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// nestedHMAC has secrets where package fmt doesn't ask for their methods.
type nestedHMAC struct {
	secret vrrp.Secret
	key    vrrp.Key
	signer *vrrp.HMAC
	ah     *vrrp.AH
}

func TestNothingShowsTheSecret(t *testing.T) {
	text := "geheimgeheimgeheimgeheimgeheimgeheim"
	s := secret(t, []byte(text))
	k := vrrp.Key{ID: 7, Secret: s}
	config := vrrp.HMACConfig{Keys: []vrrp.Key{k}}
	ah, err := vrrp.NewAH(password(t, "geheim"))
	if err != nil {
		t.Fatal(err)
	}
	a := newHMAC(t, config)
	message, _ := signed(t, noon(), headers()[0], vrrp.V3)
	a.Sign(noon(), message, headers()[0].Src)
	nested := nestedHMAC{s, k, a, ah}
	values := []any{s, &s, k, &k, config, &config, a, *a, ah, *ah, nested, &nested, []vrrp.Secret{s}, map[string]vrrp.Key{"k": k}}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%o", "%b", "%c", "%U", "%t", "%p", "%z", "%20v"} {
		for _, v := range values {
			wantNoSecret(t, format, fmt.Sprintf(format, v))
		}
	}
	logged(t, values)
	for _, shown := range []string{s.String(), s.GoString(), fmt.Sprint(s), fmt.Sprintf("%#v", k.Secret)} {
		if shown != "(hidden)" {
			t.Error(shown)
		}
	}
	if got := fmt.Sprintf("%+v, %x", a, ah); got != "HMAC-SHA256, enforce, authentication header, HMAC-MD5-96" {
		t.Error(got)
	}
}
