// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// look runs a check once.
func look(t *testing.T, c keepalived.Check, weight int) (int, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), c.Timeout)
	defer cancel()
	return newProbe(c, weight)(ctx)
}

// long is a time-out that is never reached, and short one that is.
const (
	long  = time.Minute
	short = 50 * time.Millisecond
)

func TestTCPProbe(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := netip.MustParseAddrPort(l.Addr().String())
	c := keepalived.Check{Kind: keepalived.CheckTCP, Addr: addr, Timeout: long}
	if _, err := look(t, c, 0); err != nil {
		t.Error(err)
	}
	c.Source = netip.MustParseAddrPort("127.0.0.2:0")
	done := make(chan string, 2)
	go func() {
		for range 2 {
			conn, err := l.Accept()
			if err != nil {
				done <- err.Error()
				continue
			}
			done <- conn.RemoteAddr().String()
			conn.Close()
		}
	}()
	<-done // the first one
	if _, err := look(t, c, 0); err != nil {
		t.Error(err)
	}
	if got := <-done; !strings.HasPrefix(got, "127.0.0.2:") {
		t.Errorf("from %s", got)
	}
	l.Close()
	if _, err := look(t, c, 0); err == nil {
		t.Error("no error where nobody listens")
	}
}

func TestPagesProbe(t *testing.T) {
	pages := http.NewServeMux()
	pages.HandleFunc("/hello", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello ", r.Host) })
	pages.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/hello", http.StatusFound) })
	plainServer, tlsServer := httptest.NewServer(pages), httptest.NewTLSServer(pages)
	defer plainServer.Close()
	defer tlsServer.Close()
	const digest = "48cadd4f1453af2f10b874d9ea412226"
	ok := []keepalived.StatusSet{{First: 200, Last: 299}}
	for _, c := range []struct {
		name string
		urls []keepalived.URL
		want string
	}{
		{"status", []keepalived.URL{{Path: "/hello", Status: ok}}, ""},
		{"redirection", []keepalived.URL{{Path: "/moved", Status: ok}}, "status 302"},
		{"redirection wanted", []keepalived.URL{{Path: "/moved", Status: []keepalived.StatusSet{{First: 301, Last: 302}}}}, ""},
		{"not there", []keepalived.URL{{Path: "/hello", Status: ok}, {Path: "/none", Status: ok}}, "/none: status 404"},
		{"other digest", []keepalived.URL{{Path: "/hello", Host: "a", Digest: strings.Repeat("0", 32)}}, "digest "},
		{"digest", []keepalived.URL{{Path: "/hello", Host: "fhrp.example", Digest: digest}}, ""},
	} {
		for kind, server := range map[keepalived.CheckKind]*httptest.Server{keepalived.CheckHTTP: plainServer, keepalived.CheckSSL: tlsServer} {
			addr := netip.MustParseAddrPort(server.Listener.Addr().String())
			_, err := look(t, keepalived.Check{Kind: kind, Addr: addr, Timeout: long, URLs: c.urls, SNI: true}, 0)
			if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || !errors.Is(err, errDifferent)) {
				t.Errorf("%s, %s: %v, want %q", kind, c.name, err, c.want)
			}
		}
	}
}

// answerer answers each datagram by a function; a nil answer is none.
func answerer(t *testing.T, answer func(question []byte) []byte) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		b := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			if reply := answer(b[:n]); reply != nil {
				_, _ = conn.WriteTo(reply, from) // the one who waits for it will tell
			}
		}
	}()
	return netip.MustParseAddrPort(conn.LocalAddr().String())
}

func TestUDPProbe(t *testing.T) {
	echo := answerer(t, func(q []byte) []byte { return q })
	mute := answerer(t, func([]byte) []byte { return nil })
	payload := []byte{0xab, 0x12}
	for _, c := range []struct {
		name  string
		check keepalived.Check
		good  bool
	}{
		{"an answer", keepalived.Check{Addr: echo, Timeout: long}, true},
		{"no answer, none wanted", keepalived.Check{Addr: mute, Timeout: short}, true},
		{"no answer", keepalived.Check{Addr: mute, Timeout: short, Reply: true}, false},
		{"nobody there", keepalived.Check{Addr: netip.MustParseAddrPort("127.0.0.1:9"), Timeout: long}, false},
		{"the answer wanted", keepalived.Check{Addr: echo, Timeout: long, Payload: payload, Reply: true, MaxReply: 255, Expected: []byte{0xab, 0x1f}, Mask: []byte{0xff, 0xf0}}, true},
		{"another answer", keepalived.Check{Addr: echo, Timeout: long, Payload: payload, Reply: true, MaxReply: 255, Expected: []byte{0xab, 0x1f}, Mask: []byte{0xff, 0xff}}, false},
		{"too short", keepalived.Check{Addr: echo, Timeout: long, Payload: payload, Reply: true, MinReply: 3, MaxReply: 255}, false},
		{"too long", keepalived.Check{Addr: echo, Timeout: long, Payload: payload, Reply: true, MaxReply: 1}, false},
	} {
		c.check.Kind = keepalived.CheckUDP
		if _, err := look(t, c.check, 0); (err == nil) != c.good {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestDNSProbe(t *testing.T) {
	server := func(code dnsmessage.RCode, noise bool) netip.AddrPort {
		return answerer(t, func(q []byte) []byte {
			var m dnsmessage.Message
			if err := m.Unpack(q); err != nil || m.Questions[0].Type != dnsmessage.TypeAAAA || m.Questions[0].Name.String() != "example.org." {
				return []byte("not a question")
			}
			m.Response, m.RCode = true, code
			if noise {
				m.ID++
			}
			reply, _ := m.Pack() // of what was unpacked
			return reply
		})
	}
	for _, c := range []struct {
		name string
		addr netip.AddrPort
		time time.Duration
		good bool
	}{
		{"an answer", server(dnsmessage.RCodeSuccess, false), long, true},
		{"an error", server(dnsmessage.RCodeServerFailure, false), long, false},
		{"the answer to another question", server(dnsmessage.RCodeSuccess, true), short, false},
	} {
		check := keepalived.Check{Kind: keepalived.CheckDNS, Addr: c.addr, Timeout: c.time, Query: "AAAA", QueryName: "example.org"}
		if _, err := look(t, check, 0); (err == nil) != c.good {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	check := keepalived.Check{Kind: keepalived.CheckDNS, Addr: server(0, false), Timeout: long, Query: "A", QueryName: strings.Repeat("a", 300)}
	if _, err := look(t, check, 0); err == nil {
		t.Error("a name that is too long")
	}
}

func TestPingProbe(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0"} {
		_, err := look(t, keepalived.Check{Kind: keepalived.CheckPing, Addr: netip.MustParseAddrPort(addr), Timeout: 10 * time.Second}, 0)
		if errors.Is(err, os.ErrPermission) {
			t.Skip(err)
		}
		if err != nil && strings.Contains(err.Error(), "cannot assign requested address") {
			t.Skipf("%s: %v", addr, err)
		}
		if err != nil {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

// TestCommandProbe has the exit status be a weight, if it is to be.
func TestCommandProbe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "check")
	if err := os.WriteFile(file, []byte("#!/bin/sh\nexit $1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		status  string
		dynamic bool
		delta   int
		good    bool
	}{
		{"0", false, 0, true}, {"1", false, 0, false}, {"22", false, 0, false},
		{"0", true, 0, true}, {"1", true, 0, false}, {"22", true, 10, true}, {"2", true, -10, true},
	} {
		delta, err := look(t, keepalived.Check{Kind: keepalived.CheckMisc, Timeout: long, Command: keepalived.Command{Argv: []string{file, c.status}}, Dynamic: c.dynamic}, 10)
		if delta != c.delta || (err == nil) != c.good {
			t.Errorf("%+v: %d, %v", c, delta, err)
		}
	}
}

// TestCommands runs commands in order, those too that are left at the end.
func TestCommands(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "script")
	if err := os.WriteFile(file, []byte("#!/bin/sh\necho $1 >>"+dir+"/log\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	c := newCommands(quiet())
	for _, word := range []string{"a", "b", "c"} {
		c.call(keepalived.Command{Argv: []string{file, word}})
	}
	c.call(keepalived.Command{Argv: []string{"relative"}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c.run(ctx)
	if got, err := os.ReadFile(dir + "/log"); err != nil || string(got) != "a\nb\nc\n" {
		t.Errorf("%q, %v", got, err)
	}
	for range 2 * maxCommands {
		c.call(keepalived.Command{Argv: []string{file}}) // never waits
	}
}
