// SPDX-License-Identifier: Apache-2.0

package transcript_test

import (
	"bytes"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/transcript"
)

var update = flag.Bool("update", false, "write the output in testdata anew")

// beacon is a protocol: a node says its word at an interval.
type beacon struct {
	word  string
	every time.Duration
	at    time.Time
	will  string
}

func newBeacon(a *transcript.Args) (transcript.Node, error) {
	b := &beacon{every: time.Second}
	a.Duration("every", &b.every)
	b.word, _ = a.Value("word")
	b.will, _ = a.Value("will")
	return b, nil
}

func (b *beacon) Do(now time.Time, verb string, a *transcript.Args) ([]transcript.Effect, error) {
	work := map[string]transcript.Work{"hold": transcript.Add, "free": transcript.Remove, "tell": transcript.Announce, "own": transcript.Own, "hush": transcript.Silence}
	switch w, ok := work[verb]; {
	case verb == "start":
		b.at = now.Add(b.every)
		return []transcript.Effect{{Text: "starts"}}, nil
	case ok:
		return []transcript.Effect{{Text: verb, Work: w, Addrs: []netip.Addr{a.WordAddr()}}}, nil
	}
	return nil, transcript.ErrUnknown
}

func (b *beacon) Receive(_ time.Time, packet any) []transcript.Effect {
	return []transcript.Effect{{Text: fmt.Sprint("hears ", packet)}}
}

func (b *beacon) Claimed(_ time.Time, addr netip.Addr) []transcript.Effect {
	return []transcript.Effect{{Text: fmt.Sprint("hears of ", addr)}}
}

func (b *beacon) Done(_ time.Time, work transcript.Work, err error) []transcript.Effect {
	return []transcript.Effect{{Text: fmt.Sprintf("is told: %v, %v", work, err)}}
}

func (b *beacon) Expire(now time.Time) []transcript.Effect {
	if b.at.IsZero() || now.Before(b.at) {
		return nil
	}
	b.at = b.at.Add(b.every)
	return []transcript.Effect{{Text: "says " + b.word, Packet: b.word}}
}

func (b *beacon) Deadline() (time.Time, bool) { return b.at, !b.at.IsZero() }

func (b *beacon) Wake(now, due time.Time) ([]transcript.Effect, bool) {
	if late := now.Sub(due); late > 2*b.every {
		b.at = now.Add(b.every)
		return []transcript.Effect{{Text: fmt.Sprint("slept, ", late)}}, false
	}
	return nil, true
}

func (b *beacon) Crash(_ time.Time, will bool) []transcript.Effect {
	b.at = time.Time{}
	if !will {
		return nil
	}
	return []transcript.Effect{{Text: "leaves " + b.will, Packet: b.will}}
}

func TestPlay(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scripts, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := transcript.Play(file, want, newBeacon)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			} else if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			again, err := transcript.Play(file, got, newBeacon)
			if err != nil || !bytes.Equal(again, got) {
				t.Errorf("played again: %v, the same: %v", err, bytes.Equal(again, got))
			}
		})
	}
}

// What a script has for output is nothing to go by.
func TestPlayReplacesOutput(t *testing.T) {
	script := "node word=x\nstart\n  anything\n\tanything\nadvance 1s\n"
	want := "node word=x\nstart\n  0s           starts\n  deadline in 1s\nadvance 1s\n  1s           says x\n  deadline in 1s\n"
	got, err := transcript.Play("x", []byte(script), newBeacon)
	if err != nil || string(got) != want {
		t.Errorf("%v, %s", err, cmp.Diff(want, string(got)))
	}
}

// An error names the file and the line.
func TestPlayErrors(t *testing.T) {
	const one, two = "node word=x\n", "a: node word=x\nb: node word=y\n"
	for _, c := range []struct{ script, want string }{
		{"  output\n", "f.txt:1: output before the first input"},
		{"# comment\n\nstart\n", "f.txt:3: start: for which node?"},
		{one + "strat\n", "f.txt:2: strat: unknown input"},
		{one + "start now\n", `f.txt:2: start: unexpected "now"`},
		{one + "hold\n", `f.txt:2: hold: address "": ParseAddr(""): unable to parse IP`},
		{one + "node\n", "f.txt:2: node: there already"},
		{one + "b: node\n", "f.txt:2: node: several nodes need names of their own"},
		{"client: node\n", "f.txt:1: node: several nodes need names of their own"},
		{"node every=soon\n", `f.txt:1: node: every "soon": time: invalid duration "soon"`},
		{"node every=-1s\n", `f.txt:1: node: every "-1s": less than 0`},
		{"node colour=red\n", `f.txt:1: node: unexpected "colour=red"`},
		{one + "advance 1\n", `f.txt:2: advance: duration "1": time: missing unit in duration "1"`},
		{one + "a: start\n", `f.txt:2: start: no node "a"`},
		{one + "a:\n", "f.txt:2: no input behind the name of the node"},
		{one + `fail "no`, "f.txt:2: a quotation mark is missing"},
		{one + "wake\n", "f.txt:2: wake: not frozen"},
		{two + "start\n", "f.txt:3: start: for which node?"},
		{two + "a: advance 1s\n", "f.txt:3: advance: unknown input"},
		{two + "cut\n", "f.txt:3: cut: which node?"},
		{two + "cut a c\n", `f.txt:3: cut: no node "c"`},
		{two + "lose a c\n", `f.txt:3: lose: no node "c"`},
		{two + "lose a b 0\n", `f.txt:3: lose: number of packets "0"`},
	} {
		_, err := transcript.Play("f.txt", []byte(c.script), newBeacon)
		if err == nil || err.Error() != c.want {
			t.Errorf("%q: %v, want %s", c.script, err, c.want)
		}
	}
}
