// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"net/mail"
	"slices"
	"strings"
	"time"
)

// Mail says where alerts go to, and which there are. Safe for concurrent reading.
type Mail struct {
	To         []string      // notification_email: mailboxes as RFC 5322 has them, one at least
	From       string        // notification_email_from; "": the user and the host
	Server     string        // smtp_server: an address, or a name
	Port       uint16        // of it, default 25
	Timeout    time.Duration // smtp_connect_timeout, default 30s
	Helo       string        // smtp_helo_name; "": the name of the host
	RouterID   string        // router_id; "": the name of the host
	NoFaults   bool          // no_email_faults: none about instances and groups in fault
	NoCheckers bool          // no_checker_emails: none about a check that doesn't change the state of its server
	Instances  []string      // the names of the instances whose states are told
	Groups     []string      // the names of the groups whose states are told
}

// TellsInstance reports whether there are alerts about an instance. A nil Mail has none.
func (m *Mail) TellsInstance(name string) bool { return m != nil && slices.Contains(m.Instances, name) }

// TellsGroup reports whether there are alerts about a group. A nil Mail has none.
func (m *Mail) TellsGroup(name string) bool { return m != nil && slices.Contains(m.Groups, name) }

// mailNames are the directives about alerts.
var mailNames = strings.Fields(`
	notification_email notification_email_from smtp_server smtp_connect_timeout smtp_helo_name smtp_alert
	smtp_alert_vrrp smtp_alert_checker no_email_faults no_checker_emails`)

// mailDraft is what a file says about alerts, while it is being read.
type mailDraft struct {
	Mail
	to, server         *Directive
	all, vrrp, checker *bool // smtp_alert and the like, nil where they aren't given
}

const (
	defaultMailPort    = 25
	defaultMailTimeout = 30 * time.Second
)

// mail reads what tree says about alerts: what stands in global_defs counts for all, so it comes first.
func (b *balancer) mail(tree *Tree) {
	m := &mailDraft{Mail: Mail{Port: defaultMailPort, Timeout: defaultMailTimeout}}
	for i := range tree.Directives {
		if tree.Directives[i].Name == "global_defs" {
			for j := range tree.Directives[i].Block {
				b.readMail(m, &tree.Directives[i].Block[j])
			}
		}
	}
	for i := range tree.Directives {
		d := &tree.Directives[i]
		on := choose(false, m.all, m.vrrp)
		if len(d.Args) != 1 || d.Name != "vrrp_instance" && d.Name != "vrrp_sync_group" {
			continue
		}
		for j := range d.Block {
			if d.Block[j].Name == "smtp_alert" {
				b.setFlag(&d.Block[j], &on)
			}
		}
		switch {
		case !on:
		case d.Name == "vrrp_instance":
			m.Instances = append(m.Instances, d.Args[0])
		default:
			m.Groups = append(m.Groups, d.Args[0])
		}
	}
	b.completeMail(m)
}

// choose returns the last one of some switches that is given.
func choose(usual bool, switches ...*bool) bool {
	for _, s := range switches {
		if s != nil {
			usual = *s
		}
	}
	return usual
}

// completeMail looks whether there are alerts at all. keepalived has none without a server and somebody to tell.
func (b *balancer) completeMail(m *mailDraft) {
	b.alertServers, b.alertPools = choose(true, m.all, m.checker), choose(false, m.all, m.checker)
	switch {
	case m.to != nil && len(m.To) > 0 && m.server == nil:
		b.note(m.to, Advice, "there are no alerts without smtp_server")
	case m.server != nil && len(m.To) == 0:
		b.note(m.server, Advice, "there are no alerts without notification_email")
	case m.server != nil:
		b.Mail = &m.Mail
	}
}

// readMail reads a directive of global_defs about alerts.
func (b *balancer) readMail(m *mailDraft, d *Directive) {
	switch d.Name {
	case "notification_email":
		m.to = d
		for i := range d.Block {
			for _, word := range append([]string{d.Block[i].Name}, d.Block[i].Args...) {
				b.readMailbox(m, &d.Block[i], word)
			}
		}
	case "notification_email_from":
		if word, ok := b.one(d, "a mail address"); ok && b.isMailbox(d, word) {
			m.From = word
		}
	case "smtp_server":
		b.readMailServer(m, d)
	case "smtp_connect_timeout":
		seconds := int64(m.Timeout / time.Second)
		setNumber(b.report, d, &seconds, 1, maxSeconds)
		m.Timeout = time.Duration(seconds) * time.Second
	case "smtp_helo_name":
		m.Helo, _ = b.one(d, "the name of a host")
	case "router_id":
		m.RouterID, _ = b.one(d, "a name")
	case "smtp_alert":
		b.setOption(d, &m.all)
	case "smtp_alert_vrrp":
		b.setOption(d, &m.vrrp)
	case "smtp_alert_checker":
		b.setOption(d, &m.checker)
	case "no_email_faults":
		m.NoFaults = true
	case "no_checker_emails":
		m.NoCheckers = true
	}
}

// readMailbox adds somebody to tell.
func (b *balancer) readMailbox(m *mailDraft, d *Directive, word string) {
	at := *d
	at.Name, at.Args = "notification_email", nil
	if b.isMailbox(&at, word) {
		m.To = append(m.To, word)
	}
}

// isMailbox reports whether mail can go to word, and notes it if not: keepalived leaves that to the server.
func (b *balancer) isMailbox(d *Directive, word string) bool {
	if _, err := mail.ParseAddress(word); err != nil {
		b.note(d, Adjusted, "%s: not a mail address: left out", d.value(word))
		return false
	}
	return true
}

// readMailServer reads a server with its port.
func (b *balancer) readMailServer(m *mailDraft, d *Directive) {
	const allowed = "an address or a name, and a port"
	if len(d.Args) == 0 || d.Args[0] == "" {
		b.fail(d, ErrMissing, "", "has no value", allowed)
		return
	}
	b.atMost(d, 2)
	port, ok := b.port(d, d.Args[1:min(2, len(d.Args))])
	if !ok {
		return
	}
	m.server, m.Server, m.Port = d, d.Args[0], defaultMailPort
	if port > 0 {
		m.Port = port
	}
}
