// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"math"
	"testing"
	"time"
)

// TestHeartbeatAge tells how long ago a loop lived, by clocks that stand still and clocks that are set.
func TestHeartbeatAge(t *testing.T) {
	const offset, realtime = int64(time.Hour), int64(1_700_000_000 * time.Second)
	base := time.Unix(0, realtime) // has no monotonic reading, so that differences are those of real time
	var page heartbeat
	if age := page.age(int64(time.Second), realtime); age < 50*365*24*time.Hour {
		t.Errorf("age %v without a heartbeat", age)
	}
	p := pulse{page: &page, base: base, offset: offset}
	p.beat(base.Add(5 * time.Second))
	for name, test := range map[string]struct{ monotonic, realtime, want time.Duration }{
		"now":          {5 * time.Second, 5 * time.Second, 0},
		"later":        {6 * time.Second, 6 * time.Second, time.Second},
		"suspended":    {5 * time.Second, 65 * time.Second, time.Minute},
		"set back":     {8 * time.Second, -time.Hour, 3 * time.Second},
		"set to 1970":  {8 * time.Second, -time.Duration(realtime), 3 * time.Second},
		"set to never": {8 * time.Second, math.MaxInt64 - time.Duration(realtime), math.MaxInt64 - time.Duration(realtime) - 5*time.Second},
	} {
		got := page.age(offset+int64(test.monotonic), base.UnixNano()+int64(test.realtime))
		if got != test.want {
			t.Errorf("%s: age %v, want %v", name, got, test.want)
		}
	}
}

func BenchmarkBeat(b *testing.B) {
	g := Main()
	g.pulse.Store(&pulse{page: new(heartbeat), base: time.Now()})
	b.ReportAllocs()
	for b.Loop() {
		g.Beat()
	}
}
