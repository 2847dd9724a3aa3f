// SPDX-License-Identifier: Apache-2.0

package guard_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"time"

	"github.com/go-fhrp/fhrp/netif/guard"
)

// What a program does, here in one piece. It needs CAP_NET_RAW and CAP_NET_ADMIN.
func Example() {
	g := guard.Main() // the first statement of main

	ctx := context.Background()
	if err := g.Start(ctx, &guard.Config{Logger: slog.Default(), Output: os.Stderr}); err != nil {
		fmt.Println(err)
		return
	}
	defer g.Close()

	// Virtual router 51 has become Active.
	goodbye := []byte{0x31, 51, 0, 1, 0, 100, 0x9e, 0x32, 192, 0, 2, 100}
	g.Set(51, "eth0", netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("224.0.0.18"), goodbye,
		map[netip.Prefix]string{netip.MustParsePrefix("192.0.2.100/32"): "eth0"}, 3*time.Second)

	for turn := range 10 { // of the loop
		fmt.Println("turn", turn)
		g.Beat()
		time.Sleep(time.Second)
	}

	g.Clear(51) // it has said goodbye and removed the address
}
