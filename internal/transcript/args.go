// SPDX-License-Identifier: Apache-2.0

package transcript

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Args are the words behind an input: positional ones, and "name=value". Each
// is taken once. The first that is wrong, or is left over, is the error of
// [Args.Err].
type Args struct {
	words []string
	err   error
}

// Word takes the first word without a name, empty if there is none.
func (a *Args) Word() string {
	for i, w := range a.words {
		if !strings.Contains(w, "=") {
			a.drop(i)
			return w
		}
	}
	return ""
}

// Has takes a word that stands by itself and reports whether it is there.
func (a *Args) Has(word string) bool {
	for i, w := range a.words {
		if w == word {
			a.drop(i)
			return true
		}
	}
	return false
}

// Value takes the value of a name and reports whether it is there.
func (a *Args) Value(name string) (string, bool) {
	for i, w := range a.words {
		if v, ok := strings.CutPrefix(w, name+"="); ok {
			a.drop(i)
			return v, true
		}
	}
	return "", false
}

// Duration takes the value of a name, such as 1.5s, into d.
func (a *Args) Duration(name string, d *time.Duration) {
	if v, ok := a.Value(name); ok {
		*d = a.duration(name, v)
	}
}

// Number takes the value of a name, up to most, into n.
func (a *Args) Number(name string, most uint64, n *uint64) {
	v, ok := a.Value(name)
	if !ok {
		return
	}
	got, err := strconv.ParseUint(v, 10, 64)
	if err == nil && got > most {
		err = fmt.Errorf("more than %d", most)
	}
	a.fail(name, v, err)
	*n = got
}

// Addr takes the value of a name into addr.
func (a *Args) Addr(name string, addr *netip.Addr) {
	if v, ok := a.Value(name); ok {
		var err error
		*addr, err = netip.ParseAddr(v)
		a.fail(name, v, err)
	}
}

// Prefixes takes the value of a name, prefixes between commas, into list.
func (a *Args) Prefixes(name string, list *[]netip.Prefix) {
	v, ok := a.Value(name)
	if !ok {
		return
	}
	*list = nil
	for s := range strings.SplitSeq(v, ",") {
		p, err := netip.ParsePrefix(s)
		a.fail(name, s, err)
		*list = append(*list, p)
	}
}

// WordDuration takes the first word without a name as a duration, 0 if there is
// none.
func (a *Args) WordDuration() time.Duration {
	if w := a.Word(); w != "" {
		return a.duration("duration", w)
	}
	return 0
}

// WordAddr takes the first word without a name as an address.
func (a *Args) WordAddr() netip.Addr {
	w := a.Word()
	addr, err := netip.ParseAddr(w)
	a.fail("address", w, err)
	return addr
}

// Err returns the first error, which may be that something was left over.
func (a *Args) Err() error {
	if a.err == nil && len(a.words) > 0 {
		a.err = fmt.Errorf("unexpected %q", a.words[0])
	}
	return a.err
}

func (a *Args) duration(name, value string) time.Duration {
	d, err := time.ParseDuration(value)
	if err == nil && d < 0 {
		err = errors.New("less than 0")
	}
	a.fail(name, value, err)
	return d
}

func (a *Args) fail(name, value string, err error) {
	if err != nil && a.err == nil {
		a.err = fmt.Errorf("%s %q: %w", name, value, err)
	}
}

func (a *Args) drop(i int) {
	a.words = append(a.words[:i:i], a.words[i+1:]...)
}
