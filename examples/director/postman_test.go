// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// mailTo is a configuration with a server.
func mailTo(addr netip.AddrPort) *keepalived.Mail {
	return &keepalived.Mail{
		To: []string{"admin@example.org", "Night Watch <night@example.org>"}, From: "lb1@example.org", Server: addr.Addr().String(),
		Port: addr.Port(), Timeout: time.Minute, Helo: "lb1.example.org", RouterID: "LVS_1",
	}
}

// TestDeliver has a letter arrive at a real server as keepalived writes it.
func TestDeliver(t *testing.T) {
	server := newMailServer(t, loopback(t))
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	l := letter{"VRRP Instance VI_1 - Entering MASTER state", "=> VRRP Instance is now owning VRRP VIPs <=", at}
	if err := deliver(t.Context(), mailTo(server.addr), l); err != nil {
		t.Fatal(err)
	}
	items := server.items()
	if len(items) != 1 {
		t.Fatalf("%d messages", len(items))
	}
	got := items[0]
	date, err := got.Header.Date()
	if err != nil || !date.Equal(at) {
		t.Errorf("date %v, %v", date, err)
	}
	for _, c := range []struct{ name, got, want string }{
		{"HELO", got.helo, "lb1.example.org"}, {"MAIL FROM", got.from, "lb1@example.org"}, {"From", got.Header.Get("From"), "<lb1@example.org>"},
		{"To", got.Header.Get("To"), `<admin@example.org>, "Night Watch" <night@example.org>`},
		{"Subject", got.Header.Get("Subject"), "[LVS_1] " + l.subject}, {"body", got.body, l.body},
		{"Auto-Submitted", got.Header.Get("Auto-Submitted"), "auto-generated"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
	if diff := cmp.Diff([]string{"admin@example.org", "night@example.org"}, got.to); diff != "" {
		t.Errorf("RCPT TO (-want +got):\n%s", diff)
	}
}

// TestDeliverRefused tells a server that will never take a letter from one that may.
func TestDeliverRefused(t *testing.T) {
	server := newMailServer(t, loopback(t))
	for _, c := range []struct {
		code  int
		final bool
	}{{451, false}, {554, true}} {
		server.reply = func(int) error { return &smtp.SMTPError{Code: c.code, Message: "no"} }
		err := deliver(t.Context(), mailTo(server.addr), letter{"s", "b", time.Now()})
		if err == nil || errors.Is(err, errRefused) != c.final {
			t.Errorf("%d: %v", c.code, err)
		}
	}
	gone := loopback(t)
	gone.Close()
	if err := deliver(t.Context(), mailTo(netip.MustParseAddrPort(gone.Addr().String())), letter{"s", "b", time.Now()}); err == nil || errors.Is(err, errRefused) {
		t.Errorf("nobody there: %v", err)
	}
}

// TestDeliverHangs wants delivery to a server that takes connections and says nothing, or stops in the middle, to end with
// its context, and with the time for the server.
func TestDeliverHangs(t *testing.T) {
	for _, says := range []string{"", "220 mx\r\n", "220 mx\r\n250 mx\r\n", "220 mx\r\n250 mx\r\n250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"} {
		l := loopback(t)
		reached := make(chan struct{})
		go mute(l, says, reached)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- deliver(ctx, mailTo(netip.MustParseAddrPort(l.Addr().String())), letter{"s", "b", time.Now()})
		}()
		<-reached
		cancel()
		if err := <-done; err == nil || errors.Is(err, errRefused) {
			t.Errorf("%q: %v", says, err)
		}
		c := mailTo(netip.MustParseAddrPort(l.Addr().String()))
		c.Timeout = 50 * time.Millisecond
		if err := deliver(t.Context(), c, letter{"s", "b", time.Now()}); err == nil {
			t.Errorf("%q: taken", says)
		}
		l.Close()
	}
}

// mute is a server that says what it always does, and then nothing.
func mute(l net.Listener, says string, reached chan struct{}) {
	for first := true; ; first = false {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, says) // the client may have gone
		if first {
			close(reached)
		}
		go func() { _, _ = io.Copy(io.Discard, conn) }() // until the client goes
	}
}
