// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// maxSeconds is what keepalived keeps in 32 bits of microseconds, in whole seconds.
const maxSeconds = (1<<32 - 1) / 1_000_000

// maxCount bounds how often something is repeated.
const maxCount = 1<<31 - 1

// maxTimer is what keepalived keeps in 32 bits of microseconds.
const maxTimer = (1<<32 - 1) * time.Microsecond

// one returns the first argument; without one the directive is an error, further ones are noted.
func (r *report) one(d *Directive, allowed string) (string, bool) {
	if len(d.Args) == 0 || d.Args[0] == "" {
		r.fail(d, ErrMissing, "", "has no value", allowed)
		return "", false
	}
	r.atMost(d, 1)
	return d.Args[0], true
}

// atMost notes arguments after the first n: keepalived does not look at them.
func (r *report) atMost(d *Directive, n int) {
	if len(d.Args) > n {
		r.note(d, Advice, "further words in the line are ignored, as in keepalived")
	}
}

// setFlag sets *to to what a switch says: nothing means on.
func (r *report) setFlag(d *Directive, to *bool) bool {
	r.atMost(d, 1)
	if len(d.Args) == 0 {
		*to = true
		return true
	}
	switch d.Args[0] {
	case "on", "true", "yes":
		*to = true
	case "off", "false", "no":
		*to = false
	default:
		r.fail(d, ErrValue, d.Args[0], "not a switch", "on, true, yes, off, false, no, or nothing for on")
		return false
	}
	return true
}

// setOption sets *to to what a switch says; nil stands for not given.
func (r *report) setOption(d *Directive, to **bool) {
	if on := false; r.setFlag(d, &on) {
		*to = &on
	}
}

// setNumber sets *to to the number from min to max that d holds.
func setNumber[T int | int64 | uint8](r *report, d *Directive, to *T, min, max uint64) {
	allowed := fmt.Sprintf("%d to %d", min, max)
	if max == min+1 {
		allowed = fmt.Sprintf("%d or %d", min, max)
	}
	s, ok := r.one(d, allowed)
	if !ok {
		return
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n < min || n > max {
		r.fail(d, ErrValue, s, "not a number in range", allowed)
		return
	}
	*to = T(n)
}

// setRepeat sets *to to how often something is repeated. Keepalived has always taken 0, and made it 1.
func (r *report) setRepeat(d *Directive, to *int) {
	n := *to
	setNumber(r, d, &n, 0, maxCount)
	if n == 0 {
		r.note(d, Adjusted, "0 is taken as 1")
		n = 1
	}
	*to = n
}

// setSeconds sets *to to the whole number of seconds, at most max, that d holds.
func (r *report) setSeconds(d *Directive, to *time.Duration, max uint64) {
	n := int64(unset)
	setNumber(r, d, &n, 0, max)
	if n >= 0 {
		*to = time.Duration(n) * time.Second
	}
}

// setTimer sets *to to the seconds from min to max that d holds; up to six decimal places count.
func (r *report) setTimer(d *Directive, to *time.Duration, min, max time.Duration) {
	allowed := fmt.Sprintf("%s to %s seconds, with up to six decimal places", inSeconds(min), inSeconds(max))
	s, ok := r.one(d, allowed)
	if !ok {
		return
	}
	t, ok := parseSeconds(s)
	if !ok || t < min || t > max {
		r.fail(d, ErrValue, s, "not a time in range", allowed)
		return
	}
	*to = t
}

// parseSeconds reads decimal seconds with up to six decimal places.
func parseSeconds(s string) (time.Duration, bool) {
	const places = 6
	whole, fraction, _ := strings.Cut(s, ".")
	if len(fraction) > places || whole+fraction == "" {
		return 0, false
	}
	us, err := strconv.ParseUint(whole+fraction+strings.Repeat("0", places-len(fraction)), 10, 53)
	return time.Duration(us) * time.Microsecond, err == nil
}

// inSeconds writes t as parseSeconds reads it.
func inSeconds(t time.Duration) string {
	s := strconv.FormatFloat(t.Seconds(), 'f', 6, 64)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// setAddr sets *to to the address that d holds.
func (r *report) setAddr(d *Directive, to *netip.Addr) bool {
	const allowed = "an IPv4 or IPv6 address"
	s, ok := r.one(d, allowed)
	if !ok {
		return false
	}
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.Zone() != "" || addr.Is4In6() {
		r.fail(d, ErrValue, s, "not an address", allowed)
		return false
	}
	*to = addr
	return true
}

// setLink sets *to to the name of a network interface that d holds.
func (r *report) setLink(d *Directive, to *string) {
	s, ok := r.one(d, allowedLink)
	if ok && r.checkLink(d, s) {
		*to = s
	}
}

const (
	maxLink     = 15 // octets of an interface name or an address label: IFNAMSIZ without the final NUL
	allowedLink = "the name of an interface, 1 to 15 octets"
)

// checkLink reports whether s can be the name of an interface.
func (r *report) checkLink(d *Directive, s string) bool {
	if s == "" || len(s) > maxLink {
		r.fail(d, ErrValue, s, "not a name of an interface", allowedLink)
		return false
	}
	return true
}
