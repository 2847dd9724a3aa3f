// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-fhrp/fhrp/internal/timeline"
	"github.com/go-fhrp/fhrp/vrrp"
)

// stranger is the MAC address of what tests send. It is not taken for an advertisement.
func stranger() []byte { return []byte{0x02, 0, 0, 0, 0, 0x99} }

// sighting is an advertisement over IPv4 that crossed the switch, of either protocol.
type sighting struct {
	at      time.Time // by the kernel's clock
	id      int       // of the virtual router or virtual host
	host    string    // that sent it, by its address
	goodbye bool
}

// wire notes who advertises.
type wire struct {
	byAddr map[netip.Addr]string
	hosts  []string

	mu   sync.Mutex
	seen []sighting
	last map[int][]byte // frame with an advertisement of each identifier
}

// watch begins to take notes.
func (b *bench) watch() *wire {
	b.Helper()
	w := &wire{byAddr: map[netip.Addr]string{}, hosts: b.hosts, last: map[int][]byte{}}
	for _, h := range b.hosts {
		w.byAddr[b.lab.Host(h).Addr(0)] = h
	}
	stop, err := b.lab.Capture(w.note)
	b.must(err)
	b.Cleanup(stop)
	return w
}

// note takes a frame of the switch.
func (w *wire) note(at time.Time, frame []byte) {
	if len(frame) < 14+20+8 || binary.BigEndian.Uint16(frame[12:]) != 0x0800 || bytes.Equal(frame[6:12], stranger()) {
		return
	}
	ip := frame[14:]
	from := 4 * int(ip[0]&0xf)
	if ip[9] != vrrp.Protocol || len(ip) < from+8 {
		return
	}
	m := ip[from:]
	s := sighting{at: at, id: int(m[1]), host: w.byAddr[netip.AddrFrom4([4]byte(ip[12:]))]}
	if m[0]>>4 == 3 {
		s.goodbye = m[2] == vrrp.PriorityGoodbye
	} else {
		s.goodbye = m[2] == 255 && m[5] == 255 // advskew and advbase of CARP
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, s)
	w.last[s.id] = slices.Clone(frame)
}

// mark is a place in the notes.
func (w *wire) mark() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.seen)
}

// since returns the advertisements of an identifier after the mark, goodbyes apart.
func (w *wire) since(mark, id int) (list []sighting) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.seen[mark:] {
		if s.id == id && !s.goodbye {
			list = append(list, s)
		}
	}
	return list
}

// alone reports whether the last n advertisements of an identifier after the mark came from one host.
func (w *wire) alone(host string, id, mark, n int) bool {
	list := w.since(mark, id)
	return len(list) >= n && !slices.ContainsFunc(list[len(list)-n:], func(s sighting) bool { return s.host != host })
}

// sent returns how many advertisements came from a host after the mark.
func (w *wire) sent(host string, id, mark int) (n int) {
	for _, s := range w.since(mark, id) {
		if s.host == host {
			n++
		}
	}
	return n
}

// frame returns one with the last advertisement of an identifier.
func (w *wire) frame(id int) []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.last[id])
}

// picture draws who has advertised in the last ten seconds.
func (w *wire) picture() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.seen) == 0 {
		return "nobody has advertised\n"
	}
	const step = 100 * time.Millisecond
	begin := w.seen[0].at
	line := &timeline.Timeline{}
	for _, h := range w.hosts {
		lane := timeline.Lane{Name: h}
		for _, s := range w.seen {
			if at := s.at.Sub(begin); s.host == h {
				style := timeline.Style{Name: "advertises", Letter: byte('0' + s.id%10)}
				if s.goodbye {
					style = timeline.Style{Name: "goodbye", Letter: '!', Alarm: true}
				}
				lane.Spans = append(lane.Spans, timeline.Span{From: at, To: at + step, Style: style})
			}
		}
		line.Lanes = append(line.Lanes, lane)
	}
	var text strings.Builder
	end := w.seen[len(w.seen)-1].at.Sub(begin) + step
	_ = timeline.Text{Step: step}.Write(&text, line, max(0, end-10*time.Second), end) // a Builder takes everything
	return text.String()
}
