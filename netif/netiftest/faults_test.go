// SPDX-License-Identifier: Apache-2.0

package netiftest_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// thousand sends a thousand packets from a to b, a millisecond apart, and returns what b noted.
func thousand(t *testing.T, cfg netiftest.Config) []string {
	t.Helper()
	sim := netiftest.NewSimulation(cfg, epoch)
	probes := newProbes(t, sim, 2)
	for i := range 1000 {
		sim.After(time.Duration(i)*time.Millisecond, func() { probes[0].send(fmt.Sprint(i)) })
	}
	sim.Run(time.Minute)
	return probes[1].log
}

// numbers returns the numbers of the packets in a log of thousand.
func numbers(t *testing.T, log []string) []int {
	t.Helper()
	var list []int
	for _, line := range log {
		var at string
		var port, n int
		if _, err := fmt.Sscanf(line, "%s port %d: %d from", &at, &port, &n); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		list = append(list, n)
	}
	return list
}

// TestSeed: what happens at random is the same for the same seed, and another for another.
func TestSeed(t *testing.T) {
	cfg := netiftest.Config{Seed: 1, Delay: time.Millisecond, Jitter: time.Second, Loss: 0.5, Duplicate: 0.5}
	first := thousand(t, cfg)
	if diff := cmp.Diff(first, thousand(t, cfg)); diff != "" {
		t.Errorf("the second run of the same seed differs (-first +second):\n%s", diff)
	}
	cfg.Seed = 2
	if slices.Equal(first, thousand(t, cfg)) {
		t.Error("another seed gives the same")
	}
}

func TestLoss(t *testing.T) {
	for _, test := range []struct {
		loss        float64
		least, most int
	}{{0, 1000, 1000}, {0.1, 860, 940}, {0.9, 60, 140}, {1, 0, 0}} {
		if got := len(thousand(t, netiftest.Config{Loss: test.loss})); got < test.least || got > test.most {
			t.Errorf("loss %v: %d of 1000 packets arrived", test.loss, got)
		}
	}
}

// TestLossOnEachWay: what one host loses another may hear.
func TestLossOnEachWay(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{Seed: 1, Loss: 0.5}, epoch)
	probes := newProbes(t, sim, 3)
	both, one := 0, 0
	for i := range 100 {
		probes[0].send(fmt.Sprint(i))
		sim.Run(time.Second)
		switch b, c := probes[1].heard(fmt.Sprint(i)), probes[2].heard(fmt.Sprint(i)); {
		case b && c:
			both++
		case b != c:
			one++
		}
	}
	if both < 10 || one < 30 {
		t.Errorf("of 100 packets %d came to both hosts and %d to one of them", both, one)
	}
}

// TestJitterReorders: without jitter the order is that of sending, with it packets overtake, and none gets lost.
func TestJitterReorders(t *testing.T) {
	inOrder := numbers(t, thousand(t, netiftest.Config{Delay: time.Second}))
	if !slices.IsSorted(inOrder) {
		t.Error("reordered without jitter")
	}
	jittered := numbers(t, thousand(t, netiftest.Config{Delay: time.Second, Jitter: 10 * time.Millisecond}))
	if slices.IsSorted(jittered) {
		t.Error("in order in spite of the jitter")
	}
	slices.Sort(jittered)
	if !slices.Equal(jittered, inOrder) {
		t.Errorf("%d packets arrived, want each once", len(jittered))
	}
}

// TestJitterIsBounded: a packet arrives after the delay and before delay and jitter are over.
func TestJitterIsBounded(t *testing.T) {
	const delay, jitter = 5 * time.Millisecond, 3 * time.Millisecond
	for _, line := range thousand(t, netiftest.Config{Delay: delay, Jitter: jitter}) {
		var text string
		var port, n int
		if _, err := fmt.Sscanf(line, "%s port %d: %d from", &text, &port, &n); err != nil {
			t.Fatal(err)
		}
		at, err := time.ParseDuration(text)
		if took := at - time.Duration(n)*time.Millisecond; err != nil || took < delay || took >= delay+jitter {
			t.Fatalf("packet %d took %v, error %v", n, took, err)
		}
	}
}

func TestDuplicate(t *testing.T) {
	got := numbers(t, thousand(t, netiftest.Config{Duplicate: 1}))
	for i, n := range got {
		if n != i/2 {
			t.Fatalf("packet %d came as the %dth", n, i)
		}
	}
	if len(got) != 2000 {
		t.Errorf("%d packets arrived, want each twice", len(got))
	}
	if n := len(thousand(t, netiftest.Config{Duplicate: 0.1})); n < 1060 || n > 1140 {
		t.Errorf("%d packets arrived of 1000, a tenth of them twice", n)
	}
}

// TestConfigure: what is under way keeps the time that it was given.
func TestConfigure(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{Delay: time.Second}, epoch)
	probes := newProbes(t, sim, 2)
	probes[0].send("slow")
	sim.Configure(netiftest.Config{Delay: time.Millisecond})
	probes[0].send("fast")
	sim.Run(time.Minute)
	probes[1].want("1ms port 0: fast from 192.0.2.1 to 224.0.0.18", "1s port 0: slow from 192.0.2.1 to 224.0.0.18")
}

// hearing returns who hears whom, as "ab" for b hears a.
func hearing(sim *netiftest.Simulation, probes []*probe) []string {
	var ways []string
	for _, from := range probes {
		from.send("from " + from.Name())
	}
	sim.Run(time.Second)
	for _, from := range probes {
		for _, to := range probes {
			if to.heard("from " + from.Name()) {
				ways = append(ways, from.Name()+to.Name())
			}
		}
	}
	for _, p := range probes {
		p.log = nil
	}
	return ways
}

func TestPartition(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	probes := newProbes(t, sim, 4)
	a, b, c := probes[0].Host, probes[1].Host, probes[2].Host
	whole := []string{"ab", "ac", "ad", "ba", "bc", "bd", "ca", "cb", "cd", "da", "db", "dc"}
	for _, test := range []struct {
		name  string
		parts [][]*netiftest.Host
		want  []string
	}{
		{"none", nil, whole},
		{"one host", [][]*netiftest.Host{{a}}, []string{"bc", "bd", "cb", "cd", "db", "dc"}},
		{"two parts and the rest", [][]*netiftest.Host{{a, b}, {c}}, []string{"ab", "ba"}},
		{"whole again", nil, whole},
	} {
		sim.Partition(test.parts...)
		if diff := cmp.Diff(test.want, hearing(sim, probes)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestCutIsOneWay(t *testing.T) {
	sim := netiftest.NewSimulation(netiftest.Config{}, epoch)
	probes := newProbes(t, sim, 3)
	a, b := probes[0].Host, probes[1].Host
	sim.Cut(a, b, true)
	if diff := cmp.Diff([]string{"ac", "ba", "bc", "ca", "cb"}, hearing(sim, probes)); diff != "" {
		t.Errorf("cut (-want +got):\n%s", diff)
	}
	sim.Cut(a, b, false)
	if diff := cmp.Diff([]string{"ab", "ac", "ba", "bc", "ca", "cb"}, hearing(sim, probes)); diff != "" {
		t.Errorf("mended (-want +got):\n%s", diff)
	}
}
