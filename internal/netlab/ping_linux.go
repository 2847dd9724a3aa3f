// SPDX-License-Identifier: Apache-2.0

package netlab

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// Types of RFC 792 and RFC 4443 §4.
const (
	echoRequest4, echoReply4 = 8, 0
	echoRequest6, echoReply6 = 128, 129
)

// echoLen is the length of an echo message: the header of eight octets, and our data: a cookie and the whole sequence
// number, that of the header being too short.
const echoLen = 8 + 8 + 8

// pinger is one Ping. It runs on a thread of its own, which waits in the kernel: the grid of a goroutine with a timer
// is a millisecond off.
type pinger struct {
	socket   *socket
	dst      netip.Addr
	cookie   uint64 // tells our answers from those to another pinger
	interval time.Duration
	log      pingLog
}

func ping(ctx context.Context, h *Host, dst netip.Addr, interval time.Duration, report func(PingResult)) (PingSummary, error) {
	p := &pinger{dst: dst, cookie: rand.Uint64(), interval: interval, log: pingLog{report: report}}
	err := h.Do(func() error { return p.run(ctx) })
	if err != nil {
		return p.log.PingSummary, fmt.Errorf("netlab: ping %v: %w", dst, err)
	}
	return p.log.PingSummary, nil
}

// run pings until ctx ends, and until what was sent before has been answered or is lost.
func (p *pinger) run(ctx context.Context) (err error) {
	if p.socket, err = newEchoSocket(p.dst); err != nil {
		return err
	}
	defer p.socket.close()
	b, err := newBell()
	if err != nil {
		return err
	}
	defer b.close()
	rung := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { b.ring(); close(rung) })
	defer func() {
		if !stop() {
			<-rung // the bell is in use until then
		}
	}()
	due := time.Now()
	for ctx.Err() == nil {
		if !time.Now().Before(due) {
			p.send()
			due = due.Add(p.interval)
		}
		p.receive(min(time.Until(due), p.untilSettled()), int(b))
	}
	for len(p.log.open) > 0 {
		p.receive(p.untilSettled(), -1)
	}
	return nil
}

func newEchoSocket(dst netip.Addr) (*socket, error) {
	if dst.Is4() {
		return newSocket(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP)
	}
	return newSocket(unix.AF_INET6, unix.SOCK_RAW, unix.IPPROTO_ICMPV6)
}

// untilSettled returns how long it is until the oldest request is answered or lost.
func (p *pinger) untilSettled() time.Duration {
	if len(p.log.open) == 0 {
		return longWait
	}
	return time.Until(p.log.open[0].Sent.Add(PingTimeout))
}

// send sends one echo request.
func (p *pinger) send() {
	m := p.request(p.log.Sent)
	now := time.Now()
	p.log.sent(now, unix.Sendto(p.socket.fd, m, 0, sockaddr(p.dst)))
}

// request returns an echo request with its checksum; that of ICMPv6 is the kernel's work, RFC 3542 §3.1.
func (p *pinger) request(seq int) []byte {
	m := make([]byte, echoLen)
	m[0] = echoRequest6
	binary.BigEndian.PutUint16(m[6:], uint16(seq))
	binary.BigEndian.PutUint64(m[8:], p.cookie)
	binary.BigEndian.PutUint64(m[16:], uint64(seq))
	if p.dst.Is4() {
		m[0] = echoRequest4
		binary.BigEndian.PutUint16(m[2:], checksum(m))
	}
	return m
}

// checksum returns the Internet checksum of b, RFC 1071, whose length is even.
func checksum(b []byte) uint16 {
	var sum uint32
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

func sockaddr(a netip.Addr) unix.Sockaddr {
	if a.Is4() {
		return &unix.SockaddrInet4{Addr: a.As4()}
	}
	return &unix.SockaddrInet6{Addr: a.As16()}
}

// receive waits, notes what has arrived and reports what is settled.
func (p *pinger) receive(d time.Duration, wake int) {
	p.socket.wait(d, wake)
	for {
		packet, err := p.socket.receive()
		if err != nil {
			break
		}
		if seq, ok := p.reply(&packet); ok {
			p.log.answered(seq, packet.at)
		}
	}
	p.log.settle(time.Now())
}

// reply returns the sequence number of an answer to this pinger.
func (p *pinger) reply(packet *packet) (seq uint64, ok bool) {
	m, want := packet.data, byte(echoReply6)
	if p.dst.Is4() {
		// A raw IPv4 socket hands over the IP header, whose length is in its first octet.
		want = echoReply4
		if len(m) == 0 || len(m) < int(m[0]&15)*4 {
			return 0, false
		}
		m = m[m[0]&15*4:]
	}
	if len(m) != echoLen || m[0] != want || packet.from != p.dst || binary.BigEndian.Uint64(m[8:]) != p.cookie {
		return 0, false
	}
	return binary.BigEndian.Uint64(m[16:]), true
}
