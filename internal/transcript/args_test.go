// SPDX-License-Identifier: Apache-2.0

package transcript_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-fhrp/fhrp/internal/transcript"
)

// words is what a node is made of.
type words struct {
	Number   uint64
	Time     time.Duration
	Addr     netip.Addr
	Prefixes []netip.Prefix
	Flag     bool
	First    string
}

func parse(t *testing.T, line string) (words, error) {
	t.Helper()
	var w words
	_, err := transcript.Play("f", []byte("node "+line), func(a *transcript.Args) (transcript.Node, error) {
		a.Number("n", 255, &w.Number)
		a.Duration("t", &w.Time)
		a.Addr("a", &w.Addr)
		a.Prefixes("p", &w.Prefixes)
		w.Flag, w.First = a.Has("flag"), a.Word()
		return newBeacon(a)
	})
	return w, err
}

func TestArgs(t *testing.T) {
	for _, c := range []struct {
		line string
		want words
	}{
		{"", words{}},
		{"# n=1", words{}},
		{"n=255 t=1m30s # and a comment", words{Number: 255, Time: 90 * time.Second}},
		{"flag a=192.0.2.1 one", words{Flag: true, Addr: netip.MustParseAddr("192.0.2.1"), First: "one"}},
		{`"two words" flag`, words{Flag: true, First: "two words"}},
		{`"#" flag`, words{Flag: true, First: "#"}},
		{"p=192.0.2.1/24,fe80::1/64", words{Prefixes: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/24"), netip.MustParsePrefix("fe80::1/64")}}},
	} {
		got, err := parse(t, c.line)
		if diff := cmp.Diff(c.want, got, cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})); err != nil || diff != "" {
			t.Errorf("%q: %v\n%s", c.line, err, diff)
		}
	}
}

func TestArgsErrors(t *testing.T) {
	for line, want := range map[string]string{
		"n=256":         `f:1: node: n "256": more than 255`,
		"n=x":           `f:1: node: n "x": strconv.ParseUint: parsing "x": invalid syntax`,
		"a=1.2.3":       `f:1: node: a "1.2.3": ParseAddr("1.2.3"): IPv4 address too short`,
		"p=1.2.3.4":     `f:1: node: p "1.2.3.4": netip.ParsePrefix("1.2.3.4"): no '/'`,
		"one two":       `f:1: node: unexpected "two"`,
		"t=1s t=2s":     `f:1: node: unexpected "t=2s"`,
		"n=300 colour=": `f:1: node: n "300": more than 255`,
	} {
		if _, err := parse(t, line); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", line, err, want)
		}
	}
}
