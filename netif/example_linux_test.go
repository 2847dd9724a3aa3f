// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/netif"
)

func ExampleLinkByName() {
	_, err := netif.LinkByName("absent0")
	fmt.Println(errors.Is(err, netif.ErrNoLink), err)
	// Output: true netif: absent0: no such link
}

// The loop of a program that sends a packet a second and prints what it hears. It needs CAP_NET_RAW.
func ExampleNetwork() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	n, err := netif.Open(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer n.Close()
	port, err := n.Attach("eth0", netip.MustParseAddr("224.0.0.18"))
	if err != nil {
		fmt.Println(err)
		return
	}
	unbind, err := n.Bind()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer unbind()
	defer context.AfterFunc(ctx, n.Wake)()

	var src netip.Addr
	for next := time.Now(); ctx.Err() == nil; n.Wait(next) {
		n.Links(func(_ int, up bool, addrs []netip.Addr, err error) {
			if src = (netip.Addr{}); up && len(addrs) > 0 {
				src = addrs[0]
			}
			fmt.Println("up:", up, "source:", src, err)
		})
		n.Receive(func(_ int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte) {
			fmt.Println(at, src, dst, hopLimit, payload)
		})
		n.Claims(func(_ int, addr netip.Addr, _ [6]byte) { fmt.Println("claimed:", addr) })
		if now := time.Now(); src.IsValid() && !now.Before(next) {
			n.Queue(port, [6]byte{}, src, netip.MustParseAddr("224.0.0.18"), []byte("hello"))
			next = now.Add(time.Second)
		}
		n.Flush(func(_ int, err error) { fmt.Println(err) })
	}
}
