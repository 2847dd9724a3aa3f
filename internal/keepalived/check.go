// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CheckKind is what a check does.
type CheckKind string

// The kinds of checks that are read.
const (
	CheckTCP  CheckKind = "TCP_CHECK"
	CheckHTTP CheckKind = "HTTP_GET"
	CheckSSL  CheckKind = "SSL_GET"
	CheckPing CheckKind = "PING_CHECK"
	CheckUDP  CheckKind = "UDP_CHECK"
	CheckDNS  CheckKind = "DNS_CHECK"
	CheckMisc CheckKind = "MISC_CHECK"
	CheckSMTP CheckKind = "SMTP_CHECK"
	CheckFile CheckKind = "FILE_CHECK"
)

// Check says how a real server is checked. Safe for concurrent reading.
type Check struct {
	Kind CheckKind
	File string
	Line int

	Addr   netip.AddrPort // what is asked
	Source netip.AddrPort // bindto and bind_port; the address is not valid, or the port 0, for the kernel's choice
	Link   string         // bind_if
	Mark   uint32         // fwmark of what is sent

	Timeout    time.Duration // connect_timeout, or misc_timeout
	Interval   time.Duration // delay_loop
	Retries    int           // further tries before a server that was up is down
	RetryDelay time.Duration // delay_before_retry
	Warmup     time.Duration // the first check comes within this time; 0: at once

	URLs    []URL
	SNI     bool    // enable_sni
	Command Command // misc_path, and user
	Dynamic bool    // misc_dynamic
	Helo    string  // helo_name; "": the name of the host

	Path   string // of the file of FILE_CHECK
	Weight Weight // what the number in it is multiplied by; 0: the server is up while that is 0, or is not with Reverse

	Query     string // of DNS_CHECK: the type, in capitals
	QueryName string

	Payload  []byte // of UDP_CHECK; nil: anything
	Reply    bool   // require_reply
	Expected []byte // what the reply begins with
	Mask     []byte // which bits of Expected count
	MinReply int
	MaxReply int
}

// timing is when checks run. What has no value is unset.
type timing struct {
	timeout, interval, retryDelay, warmup time.Duration
	retries                               int
}

func defaultTiming() timing {
	return timing{timeout: 5 * time.Second, interval: time.Minute, retryDelay: unset, warmup: unset, retries: unset}
}

// read reads a directive about the time of checks.
func (t *timing) read(r *report, d *Directive) bool {
	const most = 4294 * time.Second
	switch d.Name {
	case "connect_timeout":
		r.setTimer(d, &t.timeout, time.Microsecond, most)
	case "delay_loop":
		r.setTimer(d, &t.interval, time.Microsecond, most)
	case "delay_before_retry":
		r.setTimer(d, &t.retryDelay, 0, most)
	case "warmup":
		r.setTimer(d, &t.warmup, 0, most)
	case "retry", "nb_get_retry":
		setNumber(r, d, &t.retries, 0, maxCount)
	default:
		return false
	}
	return true
}

// isCheck reports whether a directive of real_server is a check.
func isCheck(name string) bool {
	return strings.HasSuffix(name, "_CHECK") || name == string(CheckHTTP) || name == string(CheckSSL)
}

// checkDraft is a check that is being read.
type checkDraft struct {
	Check
	timing   timing
	host     string
	user     Command // of MISC_CHECK
	alpha    bool
	server   netip.AddrPort
	endpoint []Endpoint
}

// check reads a check of a real server.
func (b *balancer) check(r *RealServer, c checkDraft, d *Directive) {
	known := []CheckKind{CheckTCP, CheckHTTP, CheckSSL, CheckPing, CheckUDP, CheckDNS, CheckMisc, CheckSMTP}
	allowed := realServer[d.Name]
	if CheckKind(d.Name) == CheckFile {
		b.fileCheck(r, d)
		return
	}
	if !slices.Contains(known, CheckKind(d.Name)) {
		b.unsupported(d, allowed)
		return
	}
	c.Kind, c.File, c.Line, c.Addr, c.MaxReply, c.Query, c.QueryName = CheckKind(d.Name), d.File, d.Line, c.server, 255, "SOA", "."
	for i := range d.Block {
		inner := &d.Block[i]
		body, ok := b.lookup(inner, allowed, d.Name)
		if ok && !c.timing.read(b.report, inner) && !b.readConnection(&c, inner) && !b.readSpecial(&c, inner) {
			b.notRead(inner, body)
		}
	}
	b.completeCheck(&c, d)
	r.Alpha = r.Alpha || c.alpha
	r.Checks = append(r.Checks, c.Check)
}

// completeCheck fills in what a kind of check has by default.
func (b *balancer) completeCheck(c *checkDraft, d *Directive) {
	t := c.timing
	c.Interval, c.Retries, c.RetryDelay, c.Warmup = t.interval, t.retries, t.retryDelay, max(t.warmup, 0)
	if c.Timeout == 0 {
		c.Timeout = t.timeout
	}
	retries := map[CheckKind]int{CheckDNS: 3, CheckMisc: 0}
	delays := map[CheckKind]time.Duration{CheckDNS: t.interval, CheckHTTP: 3 * time.Second, CheckSSL: 3 * time.Second}
	if c.Retries == unset {
		n, ok := retries[c.Kind]
		c.Retries = 1
		if ok {
			c.Retries = n
		}
	}
	if c.RetryDelay == unset {
		c.RetryDelay = time.Second
		if delay, ok := delays[c.Kind]; ok {
			c.RetryDelay = delay
		}
	}
	if c.Addr.Port() == 0 && len(c.endpoint) > 0 && c.endpoint[0].Mark == 0 {
		c.Addr = netip.AddrPortFrom(c.Addr.Addr(), c.endpoint[0].Addr.Port())
	}
	for i := range c.URLs {
		if c.URLs[i].Host == "" {
			c.URLs[i].Host = c.host
		}
	}
	b.demand(c, d)
}

// demand reports what a kind of check can't do without.
func (b *balancer) demand(c *checkDraft, d *Directive) {
	switch c.Kind {
	case CheckHTTP, CheckSSL:
		if len(c.URLs) == 0 {
			b.fail(d, ErrMissing, "", "has no url", "at least one block url")
		}
	case CheckMisc:
		if c.user.User != "" {
			c.Command.User, c.Command.Group = c.user.User, c.user.Group
		}
		c.Command.complete(b.user)
		if c.Command.IsZero() {
			b.fail(d, ErrMissing, "", "has no misc_path", "a command")
		}
	case CheckDNS:
		if c.Addr.Port() == 0 {
			c.Addr = netip.AddrPortFrom(c.Addr.Addr(), 53)
		}
	}
	if c.Addr.Port() == 0 && c.Kind != CheckPing && c.Kind != CheckMisc {
		b.fail(d, ErrMissing, "", "has no port to connect to", "connect_port, or a port of the real server")
	}
}

// readConnection reads where a check connects to, and from where.
func (b *balancer) readConnection(c *checkDraft, d *Directive) bool {
	n := int64(0)
	switch d.Name {
	case "connect_ip":
		addr := c.Addr.Addr()
		b.setAddr(d, &addr)
		c.Addr = netip.AddrPortFrom(addr, c.Addr.Port())
	case "connect_port":
		setNumber(b.report, d, &n, 1, 65535)
		c.Addr = netip.AddrPortFrom(c.Addr.Addr(), uint16(n))
	case "bindto":
		addr := c.Source.Addr()
		b.setAddr(d, &addr)
		c.Source = netip.AddrPortFrom(addr, c.Source.Port())
	case "bind_port":
		setNumber(b.report, d, &n, 1, 65535)
		c.Source = netip.AddrPortFrom(c.Source.Addr(), uint16(n))
	case "bind_if":
		b.setLink(d, &c.Link)
	case "fwmark":
		setNumber(b.report, d, &n, 1, 1<<32-1)
		c.Mark = uint32(n)
	case "alpha":
		b.setFlag(d, &c.alpha)
	default:
		return false
	}
	return true
}

// readSpecial reads what only some kinds of checks have.
func (b *balancer) readSpecial(c *checkDraft, d *Directive) bool {
	switch d.Name {
	case "url":
		b.url(c, d)
	case "virtualhost":
		c.host, _ = b.one(d, "the name of a host")
	case "enable_sni":
		b.setFlag(d, &c.SNI)
	case "misc_path":
		b.readCommand(d, &c.Command)
	case "user":
		c.user.readUser(b.report, d, d.Args)
	case "helo_name":
		c.Helo, _ = b.one(d, "the name of a host")
	case "misc_timeout":
		b.setTimer(d, &c.Timeout, time.Microsecond, 4294*time.Second)
	case "misc_dynamic":
		b.atMost(d, 0)
		c.Dynamic = true
	case "type":
		word := c.Query
		b.setWord(d, &word, []string{"A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA"})
		c.Query = word
	case "name":
		c.QueryName, _ = b.one(d, "a domain name")
	case "payload":
		c.Payload, _ = b.hex(d)
	case "require_reply":
		c.Reply = true
		if len(d.Args) > 0 {
			c.Expected, c.Mask = b.hex(d)
		}
	case "min_reply_length":
		setNumber(b.report, d, &c.MinReply, 0, 65535)
	case "max_reply_length":
		setNumber(b.report, d, &c.MaxReply, 0, 65535)
	default:
		return false
	}
	return true
}

// hex reads octets as UDP_CHECK has them: in each word, pairs of hexadecimal digits, of which a last single one stands for an octet.
// An X is four bits that don't count.
func (b *balancer) hex(d *Directive) (octets, mask []byte) {
	for _, word := range d.Args {
		for i := 0; i < len(word); i += 2 {
			pair := word[i:min(i+2, len(word))]
			bits := strings.Map(func(r rune) rune {
				if r == 'x' || r == 'X' {
					return '0'
				}
				return 'f'
			}, pair)
			value, err := strconv.ParseUint(strings.NewReplacer("x", "0", "X", "0").Replace(pair), 16, 8)
			if err != nil {
				b.fail(d, ErrValue, word, "not hexadecimal", "pairs of hexadecimal digits, or X")
				return nil, nil
			}
			counts, _ := strconv.ParseUint(bits, 16, 8) // of digits 0 and f
			if len(pair) == 1 {
				counts |= 0xf0
			}
			octets, mask = append(octets, byte(value)), append(mask, byte(counts))
		}
	}
	return octets, mask
}
