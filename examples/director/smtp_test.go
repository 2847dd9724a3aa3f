// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"log"
	"net"
	"net/mail"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// mailServer is an SMTP server that keeps what it gets.
type mailServer struct {
	addr netip.AddrPort
	mu   sync.Mutex
	box  []mailItem
	// reply is what it says to a message, nil for thanks.
	reply func(n int) error
}

// mailItem is one message.
type mailItem struct {
	helo, from string
	to         []string
	*mail.Message
	body string
}

// newMailServer serves on a listener until the test ends.
func newMailServer(t *testing.T, l net.Listener) *mailServer {
	t.Helper()
	m := &mailServer{addr: netip.MustParseAddrPort(l.Addr().String())}
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &mailSession{server: m, item: mailItem{helo: c.Hostname()}}, nil
	}))
	s.Domain, s.ErrorLog = "mx.example.org", log.New(io.Discard, "", 0)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l) // it ends when it is closed
	}()
	t.Cleanup(func() {
		_ = s.Close()
		<-done
	})
	return m
}

// loopback listens on this host.
func loopback(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// items returns what it got.
func (m *mailServer) items() []mailItem {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]mailItem(nil), m.box...)
}

// subjects returns the subjects of what it got, in order.
func (m *mailServer) subjects() (list []string) {
	for _, i := range m.items() {
		list = append(list, i.Header.Get("Subject"))
	}
	return list
}

// said returns the subjects and the bodies.
func (m *mailServer) said() (list []string) {
	for _, i := range m.items() {
		list = append(list, i.Header.Get("Subject")+": "+i.body)
	}
	return list
}

// has reports whether it got a message with that subject.
func (m *mailServer) has(subject string) bool {
	for _, s := range m.subjects() {
		if s == subject {
			return true
		}
	}
	return false
}

// mailSession is a connection.
type mailSession struct {
	server *mailServer
	item   mailItem
}

func (s *mailSession) Reset()        { s.item.from, s.item.to = "", nil }
func (s *mailSession) Logout() error { return nil }

func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	s.item.from = from
	return nil
}

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.item.to = append(s.item.to, to)
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	message, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(message.Body)
	if err != nil {
		return err
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.reply != nil {
		if err := s.server.reply(len(s.server.box)); err != nil {
			return err
		}
	}
	item := s.item
	item.Message, item.body = message, strings.TrimSpace(strings.ReplaceAll(string(body), "\r\n", "\n"))
	s.server.box = append(s.server.box, item)
	return nil
}
