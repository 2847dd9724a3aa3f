// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"time"
)

const (
	// auditInterval is the time between two looks at the memberships.
	auditInterval = 30 * time.Second

	// auditDelay is how soon they are looked at after something changed on a link. A change has others after it.
	auditDelay = time.Second

	// maxMemberships bounds the list that is read, which has about 80 octets for each.
	maxMemberships = 16 << 20
)

// memberships is what the kernel has written down about the groups that links receive. A membership is in the socket's
// books, too, and can be lost from the kernel's without the socket being told: with an MTU that was too small for the
// family for a moment, for one.
type memberships struct {
	files   [2]*os.File // of IPv6, of IPv4; nil if it can't be read
	buf     []byte
	found   map[membership]bool
	auditAt time.Time // zero is never
}

// A membership is a group that a link receives.
type membership struct {
	index int
	group netip.Addr
}

// open opens the files: those of the namespace that the thread is in.
func (m *memberships) open() (err error) {
	m.found = make(map[membership]bool)
	m.buf = make([]byte, 4096)
	for i, name := range []string{"igmp6", "igmp"} {
		var failed error
		if m.files[i], failed = os.Open("/proc/thread-self/net/" + name); failed != nil {
			m.files[i], err = nil, errors.Join(err, failed)
		}
	}
	return err
}

// close closes the files.
func (m *memberships) close() {
	for _, f := range m.files {
		if f != nil {
			f.Close()
		}
	}
}

// read finds out the memberships of a family.
func (m *memberships) read(ipv4 bool) error {
	clear(m.found)
	file, parse := m.files[0], parseIGMP6
	if ipv4 {
		file, parse = m.files[1], parseIGMP
	}
	if file == nil {
		return os.ErrNotExist
	}
	for {
		n, err := file.ReadAt(m.buf, 0)
		switch {
		case err == io.EOF:
			parse(m.buf[:n], func(index int, group netip.Addr) { m.found[membership{index, group}] = true })
			return nil
		case err != nil:
			return err
		case len(m.buf) >= maxMemberships:
			return fmt.Errorf("more than %d octets", maxMemberships)
		}
		m.buf = make([]byte, 4*len(m.buf))
	}
}

// parseIGMP reads /proc/net/igmp. Each link has a line that begins with its index, and then a line for each group, which
// begins with a tab and the group as the number that its octets in memory are.
func parseIGMP(b []byte, f func(index int, group netip.Addr)) {
	index := 0
	for line := range bytes.Lines(b) {
		field := firstField(line)
		if line[0] != '\t' {
			index, _ = strconv.Atoi(string(field)) // the head of the table gives 0
			continue
		}
		var octets [4]byte
		if v, err := strconv.ParseUint(string(field), 16, 32); err == nil {
			binary.NativeEndian.PutUint32(octets[:], uint32(v))
			f(index, netip.AddrFrom4(octets))
		}
	}
}

// parseIGMP6 reads /proc/net/igmp6, each line of which begins with the index and the name of a link and a group in
// hexadecimal.
func parseIGMP6(b []byte, f func(index int, group netip.Addr)) {
	for line := range bytes.Lines(b) {
		var octets [16]byte
		var index, i int
		for field := range bytes.FieldsSeq(line) {
			if i == 0 {
				index, _ = strconv.Atoi(string(field))
			}
			if i++; i == 3 && len(field) == 2*len(octets) {
				if _, err := hex.Decode(octets[:], field); err == nil {
					f(index, netip.AddrFrom16(octets))
				}
				break
			}
		}
	}
}

// firstField returns what is between the white space at the beginning of a line and the next.
func firstField(line []byte) []byte {
	for field := range bytes.FieldsSeq(line) {
		return field
	}
	return nil
}

// auditAfter has the memberships looked at after a change on the link of a port: at once when the link has come to have a
// source, for its protocol begins to listen then, and shortly after any other.
func (n *network) auditAfter(p *port) {
	had := p.sourced
	if p.sourced = len(n.addrs) > 0; p.sourced && !had {
		n.members.auditAt = time.Now()
		return
	}
	n.auditSoon()
}

// auditSoon has the memberships looked at shortly.
func (n *network) auditSoon() {
	n.members.auditAt = earliest(n.members.auditAt, time.Now().Add(auditDelay))
}

// audit looks at the memberships when it is time, and joins again where one was lost.
func (n *network) audit() {
	if n.members.auditAt.IsZero() || time.Now().Before(n.members.auditAt) {
		return
	}
	n.members.auditAt = time.Time{}
	for _, ipv4 := range []bool{true, false} {
		n.auditFamily(ipv4)
	}
}

// auditFamily does so for the ports of a family, and has it done again as long as there is one.
func (n *network) auditFamily(ipv4 bool) {
	read := false
	for _, p := range n.ports {
		if p == nil || !p.isOpen() || p.ipv4 != ipv4 {
			continue
		}
		if !read {
			n.members.auditAt = time.Now().Add(auditInterval)
			if err := n.members.read(ipv4); err != nil {
				n.log.Debug("memberships can't be read", "err", err)
				return
			}
			read = true
		}
		n.auditPort(p)
	}
}

// auditPort joins the groups again that the link of a port is not a member of. A port that can't is closed, and opened
// again like one whose link was away.
func (n *network) auditPort(p *port) {
	for _, group := range p.groups {
		if n.members.found[membership{p.link.index, group}] {
			continue
		}
		n.log.Warn("membership of a group was lost, joining again", "link", p.name, "group", group)
		n.cfg.counters.rejoined.Add(1)
		_ = p.family.leave(p.fd, &p.link, group) // what is left of it in the socket's books
		if err := p.family.join(p.fd, &p.link, group); err != nil {
			n.closePort(p, fmt.Errorf("netif: %s: %w", p.name, err))
			p.changed = true
			n.wake()
			return
		}
	}
}
