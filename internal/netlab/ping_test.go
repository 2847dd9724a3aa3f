// SPDX-License-Identifier: Apache-2.0

package netlab_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// TestPingReportsEachRequest unplugs the host that answers after some answers, and plugs it in again after some losses.
func TestPingReportsEachRequest(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	n1, n2 := lab.Host("n1"), lab.Host("n2")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var results []netlab.PingResult
	var phase, inPhase int
	sum, err := netlab.Ping(ctx, n1, n2.Addr(0), 2*time.Millisecond, func(r netlab.PingResult) {
		results = append(results, r)
		if r.Lost() == (phase == 1) {
			inPhase++
		}
		if inPhase < 20 {
			return
		}
		inPhase = 0
		phase++
		var err error
		switch phase {
		case 1:
			err = n2.Unplug()
		case 2:
			err = n2.Plug()
		case 3:
			cancel()
		}
		if err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if phase < 3 {
		t.Fatalf("only %d phases in %v", phase, patience)
	}
	checkSummary(t, results, sum)
	if sum.Lost < 20 || sum.LongestRun < 20 {
		t.Errorf("summary: %+v, of which at least 20 lost in a row", sum)
	}
}

// checkSummary compares the sums with the results.
func checkSummary(t *testing.T, results []netlab.PingResult, sum netlab.PingSummary) {
	t.Helper()
	var lost int
	for i, r := range results {
		if r.Seq != i {
			t.Fatalf("result %d has sequence number %d", i, r.Seq)
		}
		if r.Lost() {
			lost++
		} else if r.RTT < 0 || r.Err != nil {
			t.Errorf("result %d: %+v", i, r)
		}
	}
	if sum.Sent != len(results) || sum.Lost != lost || sum.Duplicates != 0 {
		t.Errorf("summary: %+v, of %d results with %d lost", sum, len(results), lost)
	}
}

func TestPingFromHostWithoutRoute(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	n1, n2 := lab.Host("n1"), lab.Host("n2")
	if err := n1.SetLink(0, false); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	sum, err := netlab.Ping(ctx, n1, n2.Addr(0), time.Hour, func(r netlab.PingResult) {
		if r.Err == nil || !r.Lost() {
			t.Errorf("result: %+v", r)
		}
		cancel()
	})
	if err != nil || sum.Lost != 1 {
		t.Errorf("summary %+v, error %v", sum, err)
	}
}

func TestPingRefusesAnIntervalOfNothing(t *testing.T) {
	if _, err := netlab.Ping(t.Context(), &netlab.Host{}, netip.IPv6Unspecified(), 0, nil); err == nil {
		t.Error("no error")
	}
}
