// SPDX-License-Identifier: Apache-2.0

package main

import (
	"sync"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/vrrp"
)

// observer looks at what crosses the switch, and puts it on the record: the
// measuring is done by none of those who are measured. It is safe for concurrent
// use.
type observer struct {
	record *record
	epoch  time.Time

	mu      sync.Mutex
	macs    map[[6]byte]int // the node of a MAC address, learned from its advertisements
	answers map[uint16]int  // the node that answered a ping, by sequence number
	last    int             // the node that answered the last one
}

// frame takes in a frame.
func (o *observer) frame(at time.Time, f []byte) {
	p, ok := parseIPv4(f)
	if !ok {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if p.protocol == vrrp.Protocol {
		o.advertisement(at, &p)
	} else if seq, ok := p.echoReply(); ok && p.header.Src == service().Addr() {
		o.answer(seq, &p)
	}
}

// advertisement takes in an advertisement. The caller holds mu.
func (o *observer) advertisement(at time.Time, p *packet) {
	priority, ok := advertisedPriority(p.payload, p.header)
	if !ok {
		return
	}
	node := nodeAt(p.header.Src)
	if o.macs == nil {
		o.macs = map[[6]byte]int{}
	}
	o.macs[p.mac] = node
	o.record.advertised(at.Sub(o.epoch), node, priority)
}

// answer takes in an answer to a ping. Both nodes have the same service address;
// which of them it was tells its MAC address. The caller holds mu.
func (o *observer) answer(seq uint16, p *packet) {
	if o.answers == nil {
		o.answers = map[uint16]int{}
	}
	node, ok := o.macs[p.mac]
	if _, again := o.answers[seq]; ok && !again {
		o.answers[seq] = node
	}
}

// pinged takes in what became of a ping. If the frame of the answer was missed,
// which happens to a process that is held up, it counts for who answered last.
func (o *observer) pinged(r netlab.PingResult) {
	o.mu.Lock()
	defer o.mu.Unlock()
	seq := uint16(r.Seq)
	if node, ok := o.answers[seq]; ok {
		o.last = node
		delete(o.answers, seq)
	}
	by := o.last
	if r.Lost() {
		by = nobody
	}
	o.record.pinged(r.Sent.Sub(o.epoch), by)
}
