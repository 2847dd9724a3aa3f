// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"fmt"
	"net/netip"
	"testing/fstest"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// A message is signed, sent, received and verified.
func ExampleHMAC() {
	credentials := fstest.MapFS{"vrrp51": {Data: []byte("hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n")}}
	secret, err := vrrp.ReadSecret(credentials, "vrrp51") // os.DirFS(os.Getenv("CREDENTIALS_DIRECTORY"))
	if err != nil {
		fmt.Println(err)
		return
	}
	config := vrrp.HMACConfig{Keys: []vrrp.Key{{ID: 1, Secret: secret}}}
	sender, _ := vrrp.NewHMAC(config) // config is right
	receiver, _ := vrrp.NewHMAC(config)
	now := time.Date(2026, 7, 20, 12, 0, 0, 0, time.UTC)

	adv := vrrp.Advertisement{Version: vrrp.V3, VRID: 51, Priority: 200, Interval: time.Second, Addresses: []netip.Addr{netip.MustParseAddr("fe80::100")}}
	h := vrrp.IPHeader{Src: netip.MustParseAddr("fe80::10"), Dst: vrrp.GroupIPv6(), HopLimit: vrrp.HopLimit}
	message, _ := adv.Append(nil, h.Src, h.Dst, vrrp.ChecksumAuto) // the values are right
	if trailer, signed := sender.Sign(now, message, h.Src); signed {
		message = trailer.Append(message, h.Src.Is6())
	}

	for range 2 {
		payload := append([]byte(nil), message...)
		received, trailer := vrrp.CutTrailer(payload, h.Src.Is6())
		var got vrrp.Advertisement
		if _, err := got.Parse(received, h); err != nil {
			fmt.Println(err)
			continue
		}
		verdict, err := receiver.Verify(now, received, trailer, h.Src)
		fmt.Println(got.VRID, got.Priority, verdict.Signed, err)
	}
	// Output:
	// 51 200 true <nil>
	// 51 200 false vrrp: replayed sequence number
}
