// SPDX-License-Identifier: Apache-2.0

package check

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// FuzzNumber wants a number of 32 bits or an error, whatever is in a file.
func FuzzNumber(f *testing.F) {
	for _, s := range []string{"", "5", "-254\n", "0x7fffffff", "2147483648", "010 x", "1_0", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := number(text)
		if err != nil && (n != 0 || !errors.Is(err, ErrNoNumber)) || n < math.MinInt32 || n > math.MaxInt32 {
			t.Errorf("%q: %d, %v", text, n, err)
		}
		if again, _ := number(" " + text); err == nil && again != n {
			t.Errorf("%q: %d, and %d after a space", text, n, again)
		}
	})
}

// FuzzStat wants the name found, whatever it is made of, and nothing to panic.
func FuzzStat(f *testing.F) {
	f.Add("1 (init) S 0 1", "init")
	f.Add("1 ", "a) Z (b")
	f.Add("(", ")")
	f.Fuzz(func(t *testing.T, text, name string) {
		c := ProcessConfig{Name: name}
		c.named(text)
		c.called(text)
		kept := name[:min(len(name), maxComm)]
		if !c.named("17 (" + kept + ") S 1 17") {
			t.Errorf("%q is not found", name)
		}
		if c.named("17 (" + kept + ") Z 1 17") {
			t.Errorf("a zombie of name %q is found", name)
		}
		if c.named("17 (" + kept + "x) S 1 17") {
			t.Errorf("%q is found for another one", name)
		}
		c = ProcessConfig{Argv: strings.Split(name, "\x00")}
		if !c.called(name + "\x00and\x00more\x00") {
			t.Errorf("%q is not found", name)
		}
	})
}
