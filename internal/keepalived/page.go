// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"strconv"
	"strings"
)

// URL is a page that HTTP_GET and SSL_GET ask for.
type URL struct {
	Path   string
	Host   string      // virtualhost; "": the address
	Digest string      // MD5 of the body in hexadecimal digits; "": any
	Status []StatusSet // default 200 to 299, any if there is a digest
	Regex  Pattern     // what the body is searched for
}

// StatusSet is a range of HTTP status codes.
type StatusSet struct{ First, Last int }

// url reads a page to ask for.
func (b *balancer) url(c *checkDraft, d *Directive) {
	u := URL{Path: "/"}
	pattern := patternDraft{Pattern: Pattern{Max: -1}}
	for i := range d.Block {
		inner := &d.Block[i]
		body, ok := b.lookup(inner, httpCheck["url"], d.Name)
		if !ok {
			continue
		}
		switch inner.Name {
		case "path":
			u.Path, _ = b.one(inner, "a path that begins with /")
		case "virtualhost":
			u.Host, _ = b.one(inner, "the name of a host")
		case "digest":
			b.digest(&u, inner)
		case "status_code":
			b.status(&u, inner)
		default:
			if !pattern.read(b, inner) {
				b.notRead(inner, body)
			}
		}
	}
	u.Regex = b.pattern(&pattern)
	if u.Status == nil && u.Digest == "" {
		u.Status = []StatusSet{{200, 299}}
	}
	c.URLs = append(c.URLs, u)
}

// digest reads the MD5 of a body.
func (b *balancer) digest(u *URL, d *Directive) {
	const allowed = "32 hexadecimal digits, as genhash prints them"
	word, ok := b.one(d, allowed)
	if !ok {
		return
	}
	if len(word) != 32 || strings.Trim(strings.ToLower(word), "0123456789abcdef") != "" {
		b.fail(d, ErrValue, word, "not a digest", allowed)
		return
	}
	u.Digest = strings.ToLower(word)
}

// status reads status codes and ranges of them.
func (b *balancer) status(u *URL, d *Directive) {
	for _, word := range d.Args {
		from, to, ranged := strings.Cut(word, "-")
		if !ranged {
			to = from
		}
		first, err1 := strconv.ParseUint(from, 10, 16)
		last, err2 := strconv.ParseUint(to, 10, 16)
		if err1 != nil || err2 != nil || first < 100 || last > 999 || first > last {
			b.fail(d, ErrValue, word, "not a status code", "100 to 999, and ranges as 200-299")
			return
		}
		u.Status = append(u.Status, StatusSet{int(first), int(last)})
	}
	if u.Status == nil {
		b.fail(d, ErrMissing, "", "has no value", "100 to 999, and ranges as 200-299")
	}
}
