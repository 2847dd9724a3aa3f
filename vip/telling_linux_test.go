// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/rtseq"
)

// TestTelling: an address is added without telling those who know if it was never there. Else they were told of its removal,
// or are about to be, and are to hear that it is there: nobody announces it again.
func TestTelling(t *testing.T) {
	now, p, wide := begin(), netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("192.0.2.1/24")
	host := heldAddr{prefix: netip.MustParsePrefix("192.0.2.71/24"), secondary: true}
	for _, tt := range []struct {
		name    string
		prefix  netip.Prefix
		held    bool          // the address is there, on a lease
		happens func(b *book) // before it is asked for
		want    uint16
	}{
		{"new", p, false, func(*book) {}, rtseq.Addition},
		{"with its network", wide, false, func(*book) {}, rtseq.Plain},
		{"renewed", p, true, func(*book) {}, rtseq.Renewal},
		{"removed by somebody", p, true, func(b *book) { b.removed(heldAddr{prefix: p}) }, rtseq.Plain},
		{"gone with its device", p, true, func(b *book) { b.linkIs(0, false); b.linkIs(8, true) }, rtseq.Plain},
		{"its lease has ended", p, true, func(b *book) {
			b.removed(heldAddr{prefix: p})
			b.wishes.Get(p).until = now.Add(-time.Second)
		}, rtseq.Plain},
		{"without its network, which is removed then", wide, true, func(b *book) { b.enter(&resident{heldAddr: host}) }, rtseq.Plain},
	} {
		b := newTestBook(KeeperConfig{})
		k := &Keeper{device: &Device{owner: owner{inKernel: true}}, sys: keeperSys{book: b}}
		if tt.held {
			b.ask(tt.prefix, 3, now)
			b.enter(&resident{heldAddr: heldAddr{prefix: tt.prefix, passing: true}, mark: ourMark})
			b.plan(now)
		}
		tt.happens(b)
		w := b.ask(tt.prefix, 3, now)
		s, ok := b.look(w, &job{prefix: tt.prefix}, b.along(), now)
		if got := k.telling(&s); !ok || got != tt.want {
			t.Errorf("%s: %q by %#x, want %#x", tt.name, s.text(), got, tt.want)
		}
	}
}
