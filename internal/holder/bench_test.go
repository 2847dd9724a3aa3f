// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/holder"
)

// timeout of one call; in the tests time is that of a bubble, or none passes.
const timeout = 10 * time.Second

// bench is a holder whose backend and announcer note what they are asked for, and fail or wait as they are told.
type bench struct {
	t      *testing.T
	pool   *holder.Pool
	holder *holder.Holder

	mu    sync.Mutex
	log   []string
	fails map[string]error         // by line of the log
	waits map[string]chan struct{} // the same: until it is closed, or the context ends
}

// newBench returns a bench whose pool has no goroutines yet.
func newBench(t *testing.T) *bench {
	b := &bench{t: t, pool: holder.NewPool(), fails: map[string]error{}, waits: map[string]chan struct{}{}}
	b.holder = holder.New(b.config())
	return b
}

// config connects a holder with the bench.
func (b *bench) config() holder.Config {
	common := &holder.Common{Pool: b.pool, Announcer: b, Timeout: timeout, Idle: func() { b.note("idle") }}
	return holder.Config{Common: common, Place: &holder.Place{Backend: b, Link: "eth0"}, Outcomes: outcomes{b}}
}

// outcomes notes what a holder tells.
type outcomes struct{ *bench }

func (o outcomes) Added(err error)     { o.note(fmt.Sprint("added: ", err)) }
func (o outcomes) Removed(err error)   { o.note(fmt.Sprint("removed: ", err)) }
func (o outcomes) Announced(err error) { o.note(fmt.Sprint("announced: ", err)) }
func (o outcomes) Hooked(err error)    { o.note(err.Error()) }

// Add is the backend's.
func (b *bench) Add(ctx context.Context, addrs []netip.Prefix) error {
	return b.do(ctx, "add "+text(addrs))
}

// Remove is the backend's.
func (b *bench) Remove(ctx context.Context, addrs []netip.Prefix) error {
	return b.do(ctx, "remove "+text(addrs))
}

// Announce is the announcer's.
func (b *bench) Announce(ctx context.Context, link string, mac [6]byte, addrs []netip.Addr) error {
	return b.do(ctx, "announce "+link+" "+text(addrs))
}

// do notes a call, waits if it is to, and fails if it is to.
func (b *bench) do(ctx context.Context, line string) error {
	b.note(line)
	b.mu.Lock()
	wait, err := b.waits[line], b.fails[line]
	b.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return err
}

// note writes a line into the log.
func (b *bench) note(line string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.log = append(b.log, line)
}

// block makes calls with this line wait until release is called.
func (b *bench) block(line string) (release func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	wait := make(chan struct{})
	b.waits[line] = wait
	return func() { close(wait) }
}

// fail makes calls with this line fail; nil ends that.
func (b *bench) fail(line string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fails[line] = err
}

// work does what waits on this goroutine.
func (b *bench) work() { b.pool.Work(b.t.Context()) }

// hold has addresses added, before the test begins.
func (b *bench) hold(addrs ...netip.Prefix) {
	b.holder.Add(addrs)
	b.work()
	b.log = nil
}

// want compares the log since the last call.
func (b *bench) want(lines ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if diff := cmp.Diff(lines, b.log); diff != "" {
		b.t.Errorf("log (-want +got):\n%s", diff)
	}
	b.log = nil
}

// wantAnyOrder compares the log since the last call, whatever its order.
func (b *bench) wantAnyOrder(lines ...string) {
	b.t.Helper()
	b.mu.Lock()
	slices.Sort(b.log)
	b.mu.Unlock()
	b.want(slices.Sorted(slices.Values(lines))...)
}

// wantHeld compares what is held.
func (b *bench) wantHeld(addrs ...netip.Prefix) {
	b.t.Helper()
	if got := b.holder.Held(); !slices.Equal(got, addrs) {
		b.t.Errorf("held are %v, want %v", got, addrs)
	}
}

// text writes addresses in one line, many of them as the first, the last and their number.
func text[T fmt.Stringer](addrs []T) string {
	if len(addrs) > 4 {
		return fmt.Sprintf("%v to %v: %d", addrs[0], addrs[len(addrs)-1], len(addrs))
	}
	var list []string
	for _, a := range addrs {
		list = append(list, a.String())
	}
	return strings.Join(list, " ")
}

// prefixes returns addresses by their text.
func prefixes(list ...string) []netip.Prefix {
	var addrs []netip.Prefix
	for _, s := range list {
		addrs = append(addrs, netip.MustParsePrefix(s))
	}
	return addrs
}

// many returns n addresses from 10.0.0.0 on.
func many(n int) []netip.Prefix {
	var addrs []netip.Prefix
	for i := range n {
		addrs = append(addrs, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 32))
	}
	return addrs
}
