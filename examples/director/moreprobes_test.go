// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// TestSMTPProbe asks a real server, and some that are none.
func TestSMTPProbe(t *testing.T) {
	server := newMailServer(t, loopback(t))
	c := keepalived.Check{Kind: keepalived.CheckSMTP, Timeout: long, Addr: server.addr, Helo: "lb1.example.org"}
	if _, err := look(t, c, 1); err != nil {
		t.Error(err)
	}
	for _, s := range []struct {
		says []string // to the connection, and to HELO
		ok   bool
	}{
		{[]string{"220 mx\r\n", "250 mx\r\n"}, true},
		{[]string{"220-mx\r\n220 ready\r\n", "250-mx\r\n250 ready\r\n"}, true},
		{[]string{"554 no\r\n"}, false},
		{[]string{"220 mx\r\n", "550 no\r\n"}, false},
		{[]string{"HTTP/1.1 200 OK\r\n"}, false},
		{nil, false},
		{[]string{strings.Repeat("220-mx\r\n", maxGreeting)}, false},
	} {
		l := loopback(t)
		go converse(l, s.says)
		c.Addr = netip.MustParseAddrPort(l.Addr().String())
		if _, err := look(t, c, 1); (err == nil) != s.ok {
			t.Errorf("%.40q: %v", s.says, err)
		}
		l.Close()
	}
}

// converse says something to one client, and something to each of its lines.
func converse(l net.Listener, says []string) {
	conn, err := l.Accept()
	if err != nil {
		return
	}
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	for _, s := range says {
		if _, err := io.WriteString(conn, s); err != nil || !lines.Scan() {
			return
		}
	}
}

// TestFileProbe reads numbers, as the state of a server or as part of its weight.
func TestFileProbe(t *testing.T) {
	dir := t.TempDir()
	for _, s := range []struct {
		name, text string
		weight     keepalived.Weight
		up         bool
		delta      int
	}{
		{"zero", "0\n", keepalived.Weight{}, true, 0},
		{"not zero", "7\n", keepalived.Weight{}, false, 0},
		{"zero, reverse", "0", keepalived.Weight{Reverse: true}, false, 0},
		{"not zero, reverse", "7", keepalived.Weight{Reverse: true}, true, 0},
		{"nothing", "", keepalived.Weight{}, true, 0},
		{"no number", "x", keepalived.Weight{Value: 3}, true, 0},
		{"factor", "-7", keepalived.Weight{Value: 3}, true, -21},
		{"factor, reverse", "7", keepalived.Weight{Value: 3, Reverse: true}, true, -21},
		{"too much", "2147483647", keepalived.Weight{Value: 2147483647}, true, maxDelta},
	} {
		file := filepath.Join(dir, s.name)
		if err := os.WriteFile(file, []byte(s.text), 0o600); err != nil {
			t.Fatal(err)
		}
		delta, err := look(t, keepalived.Check{Kind: keepalived.CheckFile, Timeout: long, Path: file, Weight: s.weight}, 10)
		if (err == nil) != s.up || delta != s.delta {
			t.Errorf("%s: %d, %v", s.name, delta, err)
		}
	}
	if _, err := look(t, keepalived.Check{Kind: keepalived.CheckFile, Timeout: long, Path: filepath.Join(dir, "none")}, 10); err != nil {
		t.Errorf("no file: %v", err)
	}
}

// TestPattern searches pages.
func TestPattern(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "state: ok\n") }))
	defer server.Close()
	for _, s := range []struct {
		p  keepalived.Pattern
		ok bool
	}{
		{keepalived.Pattern{Expr: "ok", Max: -1}, true},
		{keepalived.Pattern{Expr: "bad", Max: -1}, false},
		{keepalived.Pattern{Expr: "bad", Max: -1, Without: true}, true},
		{keepalived.Pattern{Expr: "ok", Max: -1, Without: true}, false},
		{keepalived.Pattern{Expr: "ok", Min: 7, Max: 7}, true},
		{keepalived.Pattern{Expr: "ok", Min: 8, Max: -1}, false},
		{keepalived.Pattern{Expr: "ok", Max: 6}, false},
		{keepalived.Pattern{Expr: "ok", Min: 1000, Max: -1}, false},
	} {
		c := keepalived.Check{Kind: keepalived.CheckHTTP, Timeout: long, Addr: netip.MustParseAddrPort(server.Listener.Addr().String()), URLs: []keepalived.URL{{Path: "/", Regex: s.p}}}
		if _, err := look(t, c, 1); (err == nil) != s.ok {
			t.Errorf("%+v: %v", s.p, err)
		}
	}
}
