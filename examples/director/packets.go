// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// dnsProbe asks a name server. An answer without an error is enough, whatever it says.
func dnsProbe(c keepalived.Check) func(context.Context) error {
	types := map[string]dnsmessage.Type{
		"A": dnsmessage.TypeA, "NS": dnsmessage.TypeNS, "CNAME": dnsmessage.TypeCNAME, "SOA": dnsmessage.TypeSOA,
		"MX": dnsmessage.TypeMX, "TXT": dnsmessage.TypeTXT, "AAAA": dnsmessage.TypeAAAA,
	}
	return func(ctx context.Context) error {
		name, err := dnsmessage.NewName(strings.TrimSuffix(c.QueryName, ".") + ".")
		if err != nil {
			return fmt.Errorf("name %q: %w", c.QueryName, err)
		}
		id := uint16(rand.N(1 << 16))
		query := dnsmessage.Message{
			Header:    dnsmessage.Header{ID: id, RecursionDesired: true},
			Questions: []dnsmessage.Question{{Name: name, Type: types[c.Query], Class: dnsmessage.ClassINET}},
		}
		packet, err := query.Pack()
		if err != nil {
			return err
		}
		var header dnsmessage.Header
		_, err = exchange(ctx, c, packet, func(reply []byte) bool {
			var p dnsmessage.Parser
			header, err = p.Start(reply)
			return err == nil && header.ID == id && header.Response
		})
		if err == nil && header.RCode != dnsmessage.RCodeSuccess {
			err = fmt.Errorf("%v: %w", header.RCode, errDifferent)
		}
		return err
	}
}

// pingProbe sends an echo request.
func pingProbe(c keepalived.Check) func(context.Context) error {
	network, number := "ip4:icmp", 1
	request, answer := icmp.Type(ipv4.ICMPTypeEcho), icmp.Type(ipv4.ICMPTypeEchoReply)
	if c.Addr.Addr().Is6() {
		network, number = "ip6:ipv6-icmp", 58
		request, answer = ipv6.ICMPTypeEchoRequest, ipv6.ICMPTypeEchoReply
	}
	return func(ctx context.Context) error {
		conn, err := dialer(c, "ip").DialContext(ctx, network, c.Addr.Addr().String())
		if err != nil {
			return err
		}
		defer conn.Close()
		defer context.AfterFunc(ctx, func() { conn.Close() })()
		echo := &icmp.Echo{ID: rand.N(1 << 16), Seq: 1, Data: []byte("fhrp director")}
		packet, err := (&icmp.Message{Type: request, Body: echo}).Marshal(nil)
		if err != nil {
			return err
		}
		if _, err := conn.Write(packet); err != nil {
			return err
		}
		return await(ctx, conn.(*net.IPConn), number, answer, echo)
	}
}

// await waits for the answer to an echo request.
func await(ctx context.Context, conn *net.IPConn, number int, answer icmp.Type, echo *icmp.Echo) error {
	buffer := make([]byte, maxReply)
	for {
		n, _, err := conn.ReadFromIP(buffer)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		m, err := icmp.ParseMessage(number, buffer[:n])
		if err != nil || m.Type != answer {
			continue
		}
		if body, ok := m.Body.(*icmp.Echo); ok && body.ID == echo.ID && bytes.Equal(body.Data, echo.Data) {
			return nil
		}
	}
}
