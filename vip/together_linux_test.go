// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	work "github.com/go-fhrp/fhrp/internal/holder"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vip"
)

// outcome is what a holder was told.
type outcome struct {
	mu   sync.Mutex
	errs []error
	told chan struct{} // gets something for each
}

func (o *outcome) tell(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.errs = append(o.errs, err)
	o.told <- struct{}{}
}

func (o *outcome) Added(err error)   { o.tell(err) }
func (o *outcome) Removed(err error) { o.tell(err) }
func (o *outcome) Announced(error)   {}
func (o *outcome) Hooked(error)      {}

// TestKeeperOfManyHolders: of holders that have a keeper in common, those whose addresses the kernel takes hold them, the
// other one is told why it doesn't, and the same goes when all give them back at once.
func TestKeeperOfManyHolders(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	h := newHost(t)
	setSysctl(t, h, "ipv6/conf/eth0/disable_ipv6", "1")
	k := keep(t, h, "eth0", vip.KeeperConfig{})
	pool := work.NewPool()
	common := &work.Common{Pool: pool, Timeout: time.Minute, Idle: func() {}}
	told := make(chan struct{}, 1000)
	const count, odd = 100, 30
	var holders []*work.Holder
	var outcomes []*outcome
	var all []netip.Prefix
	for i := range count {
		o := &outcome{told: told}
		one := work.New(work.Config{Common: common, Place: &work.Place{Backend: k, Link: "eth0"}, Outcomes: o, Together: true})
		one.SetLease(time.Hour)
		addr := fmt.Sprintf("198.51.100.%d/32", i)
		if i == odd {
			addr = "2001:db8::1/128"
		}
		holders, outcomes, all = append(holders, one), append(outcomes, o), append(all, netip.MustParsePrefix(addr))
	}
	stop := pool.Start(t.Context(), 4)
	defer stop()
	each := func(f func(*work.Holder, []netip.Prefix)) {
		pool.Hold()
		for i, one := range holders {
			f(one, all[i:i+1])
		}
		pool.Release()
		for range holders {
			<-told
		}
	}
	each((*work.Holder).Add)
	held := addresses(t, h)
	for i, o := range outcomes {
		if failed := i == odd; (o.errs[0] != nil) != failed || slices.Contains(held, all[i]) == failed {
			t.Errorf("%v is there: %v, error %v", all[i], slices.Contains(held, all[i]), o.errs[0])
		}
	}
	if own := (*vip.AddrError)(nil); !errors.As(outcomes[odd].errs[0], &own) || own.Prefix != all[odd] {
		t.Errorf("error %v, want one about %v", outcomes[odd].errs[0], all[odd])
	}
	each((*work.Holder).Remove)
	for i, o := range outcomes {
		if err := o.errs[1]; err != nil {
			t.Errorf("%v was not removed: %v", all[i], err)
		}
	}
	if !holdsNone(t, h, all...) {
		t.Errorf("held are %v afterwards", addresses(t, h))
	}
}
