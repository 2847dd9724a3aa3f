// SPDX-License-Identifier: Apache-2.0

package transcript

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzLine reads any line of a transcript. Its words in quotation marks are the same words.
func FuzzLine(f *testing.F) {
	for _, s := range []string{
		"advance 3.609s", "receive prio=200 src=10.0.0.72 # a comment", `n1: add "two words" addrs=10.0.0.1/32,fd00::1/128`,
		`"`, "n1:", ":", " \t# nothing", `x""y`, "lose n1 n2 50%", "set interval=-1h n=99999999999999999999",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := parse(text)
		if err == nil && l.verb != "" {
			ask(&l.args)
		}
		words, err := split(text)
		if err != nil {
			return
		}
		var quoted []string
		for _, w := range words {
			quoted = append(quoted, `"`+w+`"`)
		}
		if again, err := split(strings.Join(quoted, " ")); err != nil || !slices.Equal(again, words) {
			t.Errorf("%q are read back as %q, %v", words, again, err)
		}
	})
}

// ask asks for words of every kind.
func ask(a *Args) {
	var d time.Duration
	var n uint64
	var addr netip.Addr
	var list []netip.Prefix
	a.Has("once")
	a.Duration("interval", &d)
	a.Number("prio", 255, &n)
	a.Addr("src", &addr)
	a.Prefixes("addrs", &list)
	a.WordDuration()
	a.WordAddr()
	a.Word()
	_ = a.Err() // whatever it is
}
