// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"crypto/fips140"
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/go-fhrp/fhrp/vrrp"
)

// Where the program allows no MD5 there is no authentication header, and no panic
// in crypto/md5; HMAC-SHA256 works. The test runs itself again in such a program.
func TestAHWithoutMD5(t *testing.T) {
	if !fips140.Enforced() {
		again := exec.Command(os.Args[0], "-test.run=^TestAHWithoutMD5$", "-test.v")
		again.Env = append(os.Environ(), "GODEBUG=fips140=only")
		if out, err := again.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	if _, err := vrrp.NewAH(password(t, "1066")); !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
	var a *vrrp.AH
	fips140.WithoutEnforcement(func() { a = newAH(t) })
	packet := readIPv4(t, "ka-2.2.7-v2-ah.pcap")[0]
	if _, err := a.Verify(packet); !errors.Is(err, vrrp.FaultDigest) {
		t.Error(err)
	}
	h := ipHeader(packet)
	if b, err := a.Append(nil, packet[44:], h.Src, h.Dst, 1); b != nil || !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%x, %v", b, err)
	}
	fips140.WithoutEnforcement(func() {
		if _, err := a.Verify(packet); err != nil {
			t.Error(err)
		}
	})
	TestHMACDraftVectors(t)
}
