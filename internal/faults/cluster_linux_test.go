// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"fmt"
	"maps"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// cluster is two members that have the same addresses: the first one is to be Active whenever nothing is wrong.
type cluster struct {
	*bench
	members [2]*member
	id      int
	calm    func() // ends a flood
}

// cluster starts one of two programs on two hosts, and waits until all is as it is to be.
func (b *bench) cluster(id int, guard bool, hosts [2]string, programs [2]*program) *cluster {
	b.Helper()
	c := &cluster{bench: b, id: id}
	for rank := range c.members {
		c.members[rank] = b.member(programs[rank], hosts[rank], id, rank, guard)
		c.members[rank].start()
	}
	c.awaitSettled()
	return c
}

// other returns the peer of a member.
func (c *cluster) other(m *member) *member { return c.members[1-m.rank] }

// awaitSettled waits until the first member alone advertises and has the addresses.
func (c *cluster) awaitSettled() {
	c.Helper()
	best, mark := c.members[0], c.wire.mark()
	c.await(fmt.Sprintf("%v alone is Active", best), func() bool {
		return c.wire.alone(best.host.Name(), c.id, mark, 8) && best.holds() && c.members[1].holdsNone()
	})
	for _, m := range c.members {
		if m.ended() {
			c.Fatalf("%v has ended: %v", m, m.cmd.ProcessState)
		}
	}
}

// awaitOutcome waits until what a fault of a member leads to can be seen.
func (c *cluster) awaitOutcome(m *member, o outcome) {
	c.Helper()
	mark, peer := c.wire.mark(), c.other(m)
	if m.rank != 0 && (o == moves || o == shared || o == moved) {
		o = stays
	}
	switch o {
	case moves:
		c.await(fmt.Sprintf("%v alone has the addresses", peer), func() bool { return peer.holds() && m.holdsNone() })
	case moved:
		c.await(fmt.Sprintf("%v has the addresses", peer), peer.holds)
	case shared:
		c.await("both have the addresses", func() bool { return peer.holds() && m.holds() })
	case stays:
		best := c.members[0].host.Name()
		c.await(best+" advertises", func() bool { return c.wire.sent(best, c.id, mark) >= 10 && c.members[0].holds() })
	}
}

// wantAsFresh waits until a member has no more descriptors open, and if it can tell no more goroutines, than another one
// of the same program in the same role that nothing has befallen.
func (m *member) wantAsFresh(control *member) {
	m.Helper()
	var got, want map[string]int
	m.await("descriptors of "+m.String()+" as of a fresh one", func() bool {
		got, want = m.descriptors(), control.descriptors()
		if maps.Equal(got, want) {
			return true
		}
		m.lastly("descriptors %v, fresh %v", got, want)
		return false
	})
	if m.program.name != "embedding" {
		return
	}
	m.await("goroutines of "+m.String()+" as of a fresh one", func() bool {
		got, want := m.goroutines(), control.goroutines()
		m.lastly("goroutines %d, fresh %d", got, want)
		return got > 0 && got <= want
	})
}

// wantQuietLog checks that what has befallen a member has not filled its log: with records that begin with a time.
// What the runtime prints of goroutines may be long.
func (m *member) wantQuietLog() {
	m.Helper()
	const lines = 150
	log, err := os.ReadFile(m.logFile())
	m.must(err)
	n := strings.Count(string(log), "\ntime=") + strings.Count(string(log), "\n20")
	if n > lines {
		m.Errorf("the log of %v has %d records, more than %d", m, n, lines)
	}
}

// goroutines asks the program how many it has; 0 if it has not answered yet.
func (m *member) goroutines() int {
	m.Helper()
	m.tell("goroutines")
	text, ok := m.said("goroutines ")
	number, _, dot := strings.Cut(text, ".")
	n, err := strconv.Atoi(number)
	if !ok || !dot || err != nil {
		return 0
	}
	return n
}

// wantGoroutinesAsFresh ends two daemons in a way that has them print their goroutines, and compares where those were
// started.
func (m *member) wantGoroutinesAsFresh(control *member) {
	m.Helper()
	for _, each := range []*member{m, control} {
		each.signal(syscall.SIGABRT)
		each.await("end of "+each.String(), each.ended)
	}
	fresh := control.starts()
	for where, n := range m.starts() {
		if n > fresh[where] {
			m.Errorf("%v: %d goroutines of %s, of a fresh one %d", m, n, where, fresh[where])
		}
	}
	if len(fresh) == 0 {
		m.Errorf("%v has printed no goroutines", control)
	}
}

// starts returns how many goroutines were started by each function, as the log has them at its end.
func (m *member) starts() map[string]int {
	m.Helper()
	text, _ := m.said("SIGABRT: abort")
	list := map[string]int{}
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(line, "created by "); ok {
			name, _, _ = strings.Cut(strings.TrimSpace(name), " in goroutine")
			list[name]++
		}
	}
	return list
}
