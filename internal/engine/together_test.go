// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/engine"
)

// asked returns the lines of the journal that are of backends, and empties it.
func (b *bench) asked() []string { return b.linesWith("it: ") }

// Seats whose backend is a Leaser get their addresses by one call, whether they have
// leases or not. One that can't be compared, or has no leases, is asked for each.
func TestAddressesAreAddedTogether(t *testing.T) {
	for name, of := range map[string]struct {
		backend func(*backend) engine.Backend
		noLease bool
		want    []string
	}{
		"leases":       {func(d *backend) engine.Backend { return leasing{d} }, false, []string{"it: lease [192.0.2.101/32 192.0.2.102/32] for 3s"}},
		"for good":     {func(d *backend) engine.Backend { return leasing{d} }, true, []string{"it: add [192.0.2.101/32 192.0.2.102/32]"}},
		"no leases":    {func(d *backend) engine.Backend { return d }, false, []string{"it: add [192.0.2.101/32]", "it: add [192.0.2.102/32]"}},
		"incomparable": {func(d *backend) engine.Backend { return incomparable{leasing: leasing{d}} }, false, []string{"it: add [192.0.2.101/32]", "it: add [192.0.2.102/32]"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			shared := of.backend(&backend{bench: b, name: "it: "})
			for id := range uint8(2) {
				b.add(id+1, with(shared), func(c *engine.SeatConfig) { c.NoLease = of.noLease }).hold()
			}
			b.turn()
			if got := b.asked(); !slices.Equal(got, of.want) {
				t.Errorf("asked for %q, want %q", got, of.want)
			}
		})
	}
}

// A backend that fails is asked for the addresses of each seat alone, and each is told
// of its own.
func TestEachIsToldOfItsOwn(t *testing.T) {
	b := newBench(t)
	d := &backend{bench: b, name: "it: ", fails: map[string]error{"lease": errors.New("full")}}
	for id := range uint8(2) {
		b.add(id+1, with(leasing{d})).hold()
	}
	b.turn()
	want := []string{"it: lease [192.0.2.101/32 192.0.2.102/32] for 3s", "it: lease [192.0.2.101/32] for 3s", "it: lease [192.0.2.102/32] for 3s",
		"it: remove [192.0.2.101/32 192.0.2.102/32]"}
	if got := b.asked(); !slices.Equal(got, want) {
		t.Errorf("asked for %q, want %q", got, want)
	}
}

// What many seats say when their time has come in one turn is sent in pieces, so that
// the address work of the first doesn't wait for all others.
func TestManyAreSentInPieces(t *testing.T) {
	b := newBench(t)
	const count = 130
	for id := range uint8(count) {
		b.add(id+1, with(leasing{&backend{bench: b}})).hold()
		b.turn()
	}
	b.forget()
	b.network.most = 0
	b.now = b.now.Add(time.Second + time.Second/2)
	b.turn()
	sent := 0
	for _, line := range *b.journal {
		if strings.Contains(line, " sends ") {
			sent++
		}
	}
	if sent != count || b.network.most != 64 {
		t.Errorf("%d packets sent, %d of them at once, want %d and 64", sent, b.network.most, count)
	}
}
