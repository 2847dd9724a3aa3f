// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// linkChanged is called when the link of that name changed, or an address on it.
func (n *network) linkChanged(name string, family int) {
	for _, p := range n.ports {
		if p == nil || p.name != name || family != unix.AF_UNSPEC && family != p.family.domain() {
			continue
		}
		p.changed = true
		// What was away is noted even if it is back before anybody looks.
		e, err := n.linkOf(p)
		p.flapped = p.flapped || err != nil
		p.sourced = p.sourced && err == nil && e.hasSource(p.family.domain())
	}
}

// allChanged is called when messages about links may have been missed.
func (n *network) allChanged() {
	for _, p := range n.ports {
		if p != nil {
			p.changed = true
		}
	}
}

// linkOf returns the link of a port, or why it can't be used.
func (n *network) linkOf(p *port) (*linkEntry, error) {
	e, err := n.route.table.find(p.name)
	if err != nil {
		return nil, err
	}
	return e, e.down()
}

// links brings ports into line with their links, and reports them.
func (n *network) links(f func(port int, up bool, addrs []netip.Addr, err error)) {
	if n.closed {
		return
	}
	n.retry()
	if now := time.Now(); n.route.due(now) && n.route.update(now) {
		n.poll.stale = true
	}
	for _, p := range n.ports {
		if p == nil || !p.changed {
			continue
		}
		p.changed = false
		e, err := n.linkOf(p)
		n.refresh(p, e, err)
		n.addrs, err = n.addrs[:0], p.err
		if p.isOpen() {
			err = n.listAddrs(e, p.family.domain())
			n.auditAfter(p)
		}
		f(p.number, p.isOpen(), n.addrs, err)
	}
	n.audit()
	n.refilter()
}

// listAddrs puts the addresses that packets can come from in n.addrs, or returns why there are none.
func (n *network) listAddrs(e *linkEntry, family int) error {
	var err error
	if n.list(e.sources(family, n.sources[:0])); len(n.addrs) == 0 {
		err = fmt.Errorf("netif: %s: %w", e.name, e.noSource(family))
	}
	if family == unix.AF_INET6 {
		n.list(e.globals(n.sources[:0]))
	}
	return err
}

// list appends sources to n.addrs.
func (n *network) list(sources []source) {
	n.sources = sources
	for _, s := range sources {
		n.addrs = append(n.addrs, s.addr)
	}
}

// refresh opens or closes the sockets of a port, and of the announcer of its link, according to the link: down
// is why it can't be used.
func (n *network) refresh(p *port, e *linkEntry, down error) {
	flapped := p.flapped || p.isOpen() && down == nil && !e.sameCarrier(&p.link)
	p.flapped, p.refused = false, false
	down = n.settle(p, e, down, flapped)
	if p.isOpen() && (down != nil || flapped) {
		n.closePort(p, cmp.Or(down, fmt.Errorf("netif: %s: %w", p.name, ErrLinkDown)))
	}
	if down != nil {
		p.err = down
		n.announcers[p.name].close(down)
		return
	}
	p.link = e.link
	p.tapped = p.tapped || n.route.table.takers[e.index] > 0
	if err := n.openPort(p); err != nil {
		n.closePort(p, fmt.Errorf("netif: %s: %w", p.name, err))
		n.retryLater(p, retryInterval)
	}
	if err := n.announcers[p.name].open(&e.link); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		n.log.Warn("no announcements on link", "link", p.name, "err", err)
		n.retryLater(p, retryInterval)
	}
}

// settle returns why a link is not to be used: it is down, or was until less than Config.UpDelay ago.
func (n *network) settle(p *port, e *linkEntry, down error, flapped bool) error {
	if down != nil || flapped {
		p.away, p.back = true, time.Time{}
	}
	if down != nil || n.cfg.UpDelay == 0 || !p.away {
		return down
	}
	if p.back.IsZero() || !e.sameCarrier(&p.link) {
		p.back, p.link = time.Now(), e.link
	}
	if left := n.cfg.UpDelay - time.Since(p.back); left > 0 {
		n.retryLater(p, left)
		return fmt.Errorf("netif: %s: %w", p.name, ErrUpDelay)
	}
	p.away = false
	return nil
}

// retryLater has a port looked at again that could not be opened in full.
func (n *network) retryLater(p *port, d time.Duration) {
	p.refused = true
	n.retryAt = earliest(n.retryAt, time.Now().Add(d))
}

// retry has ports that could not be opened, and a list of links that could not be got, tried again when it is
// time.
func (n *network) retry() {
	if at := n.retryAt; !at.IsZero() && !time.Now().Before(at) {
		n.retryAt = time.Time{}
		for _, p := range n.ports {
			if p != nil && p.refused {
				p.changed = true
			}
		}
	}
	if at := n.route.retryAt; !at.IsZero() && !time.Now().Before(at) {
		n.route.resync()
	}
}
