// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/netif/check"
)

// newProbe returns the probe of a check of a server with that weight.
func newProbe(c keepalived.Check, weight int) probe {
	switch c.Kind {
	case keepalived.CheckHTTP, keepalived.CheckSSL:
		return plain(pagesProbe(c))
	case keepalived.CheckPing:
		return plain(pingProbe(c))
	case keepalived.CheckUDP:
		return plain(udpProbe(c))
	case keepalived.CheckDNS:
		return plain(dnsProbe(c))
	case keepalived.CheckMisc:
		return commandProbe(c, weight)
	case keepalived.CheckFile:
		return fileProbe(c)
	case keepalived.CheckSMTP:
		return plain(smtpProbe(c))
	}
	return plain(tcpProbe(c))
}

// plain makes a probe of a check that says nothing about weights.
func plain(check func(context.Context) error) probe {
	return func(ctx context.Context) (int, error) { return 0, check(ctx) }
}

// dialer returns what connects as a check wants it.
func dialer(c keepalived.Check, network string) *net.Dialer {
	d := &net.Dialer{Control: control(c)}
	ip := c.Source.Addr()
	if !ip.IsValid() && c.Source.Port() == 0 {
		return d
	}
	if !ip.IsValid() {
		ip = netip.IPv6Unspecified()
		if c.Addr.Addr().Is4() {
			ip = netip.IPv4Unspecified()
		}
	}
	if ip.IsLinkLocalUnicast() && ip.Is6() {
		ip = ip.WithZone(c.Link)
	}
	switch local := netip.AddrPortFrom(ip, c.Source.Port()); network {
	case "tcp":
		d.LocalAddr = net.TCPAddrFromAddrPort(local)
	case "udp":
		d.LocalAddr = net.UDPAddrFromAddrPort(local)
	default:
		d.LocalAddr = &net.IPAddr{IP: ip.AsSlice(), Zone: ip.Zone()}
	}
	return d
}

// tcpProbe connects.
func tcpProbe(c keepalived.Check) func(context.Context) error {
	return func(ctx context.Context) error {
		conn, err := dialer(c, "tcp").DialContext(ctx, "tcp", c.Addr.String())
		if err != nil {
			return err
		}
		_ = conn.Close() // it was there
		return nil
	}
}

// maxReply is more than any answer over UDP.
const maxReply = 65536

// udpProbe sends something. That nobody objects is enough, unless a reply is required.
func udpProbe(c keepalived.Check) func(context.Context) error {
	return func(ctx context.Context) error {
		payload := c.Payload
		if payload == nil {
			payload = make([]byte, 16)
			_, _ = rand.Read(payload) // never fails
		}
		reply, err := exchange(ctx, c, payload, func([]byte) bool { return true })
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && !c.Reply:
			return nil
		case err != nil || !c.Reply:
			return err
		}
		return compare(c, reply)
	}
}

// compare looks at the reply of UDP_CHECK.
func compare(c keepalived.Check, reply []byte) error {
	if len(reply) < c.MinReply || len(reply) > c.MaxReply {
		return fmt.Errorf("a reply of %d octets, not %d to %d: %w", len(reply), c.MinReply, c.MaxReply, errDifferent)
	}
	for i := range min(len(reply), len(c.Expected)) {
		if (reply[i]^c.Expected[i])&c.Mask[i] != 0 {
			return fmt.Errorf("octet %d is %#02x: %w", i, reply[i], errDifferent)
		}
	}
	return nil
}

// exchange sends a datagram and returns the first reply that is fit, until the deadline of ctx.
func exchange(ctx context.Context, c keepalived.Check, payload []byte, fit func(reply []byte) bool) ([]byte, error) {
	conn, err := dialer(c, "udp").DialContext(ctx, "udp", c.Addr.String())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, err
		}
	}
	if _, err := conn.Write(payload); err != nil {
		return nil, err
	}
	buffer := make([]byte, maxReply)
	for {
		n, err := conn.Read(buffer)
		if errors.Is(err, net.ErrClosed) && ctx.Err() != nil {
			err = os.ErrDeadlineExceeded
		}
		if err != nil {
			return nil, err
		}
		if fit(buffer[:n]) {
			return buffer[:n], nil
		}
	}
}

// commandProbe runs a program. Its exit status can be a weight, see misc_dynamic in keepalived.conf(5).
func commandProbe(c keepalived.Check, weight int) probe {
	run := check.Command(check.CommandConfig{Argv: c.Command.Argv, User: c.Command.User, Group: c.Command.Group})
	return func(ctx context.Context) (int, error) {
		err := run(ctx)
		if exit, ok := errors.AsType[*exec.ExitError](err); ok && c.Dynamic && exit.ExitCode() >= 2 {
			return exit.ExitCode() - 2 - weight, nil
		}
		return 0, err
	}
}
