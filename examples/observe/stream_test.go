// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

// addEvents puts events in the log of a watch.
func addEvents(w *watch, n int) {
	w.do(func(o *observer) {
		for range n {
			o.events.add(event{Text: "x"})
		}
	})
}

// kinds are what a stream was sent, without views: the id of a log line, or "lost" with
// how many.
func kinds(b string) (list []string) {
	for _, m := range regexp.MustCompile(`(?m)^id: \w+-(\d+)$|^event: lost\ndata: (\d+)$`).FindAllStringSubmatch(b, -1) {
		if m[2] != "" {
			m[1] = "lost " + m[2]
		}
		list = append(list, m[1])
	}
	return list
}

// ask is the request of a client that knows an event.
func ask(id string) *http.Request {
	r := httptest.NewRequest("GET", "http://localhost/events", nil)
	r.Header.Set("Last-Event-ID", id)
	return r
}

func TestStreamResumes(t *testing.T) {
	w := newWatch("eth0")
	p := newPage(w, time.Unix(1, 0), true)
	addEvents(w, 3)
	for _, tt := range []struct {
		id   string
		more int // events before
		want string
	}{
		{"", 0, "1 2 3"},
		{p.run + "-2", 0, "3"},
		{p.run + "-3", 0, ""},
		{"another-2", 0, "1 2 3"},
		{p.run + "-x", 0, "1 2 3"},
		{p.run + "-3", maxEvents + 5, "lost 5 9"},
		{"", 0, "9 10"}, // a new client has lost nothing
	} {
		addEvents(w, tt.more)
		s := &stream{page: p}
		s.seq, s.resumed = p.known(ask(tt.id))
		b, _ := s.next(time.Unix(1, 0))
		if got := strings.Join(kinds(string(b)), " "); !strings.HasPrefix(got+" ", tt.want+" ") || tt.want == "" && got != "" {
			t.Errorf("after %q: %.40q, want %q", tt.id, got, tt.want)
		}
		if !strings.Contains(string(b), "event: view\n") {
			t.Errorf("after %q there is no view", tt.id)
		}
	}
}

// TestStreamAlive: when nothing happens nothing is sent, but a comment now and then.
func TestStreamAlive(t *testing.T) {
	s := &stream{page: newPage(newWatch("eth0"), time.Unix(1, 0), true)}
	begin := time.Unix(1000, 0)
	if b, _ := s.next(begin); !strings.HasPrefix(string(b), "retry: 1000\n\nevent: view\n") {
		t.Errorf("at first: %q", b)
	}
	if b, _ := s.next(begin.Add(streamAlive - 1)); len(b) > 0 {
		t.Errorf("then: %q", b)
	}
	if b, _ := s.next(begin.Add(streamAlive)); string(b) != ": alive\n\n" {
		t.Errorf("at last: %q", b)
	}
}

// stalled is a client that takes nothing until it is let.
type stalled struct {
	header  http.Header
	begun   chan struct{} // gets one a write
	release chan struct{}
	writes  chan string
}

func (s *stalled) Header() http.Header              { return s.header }
func (s *stalled) WriteHeader(int)                  {}
func (s *stalled) Flush()                           {}
func (s *stalled) SetWriteDeadline(time.Time) error { return nil }
func (s *stalled) Write(b []byte) (int, error) {
	s.begun <- struct{}{}
	<-s.release
	s.writes <- string(b)
	return len(b), nil
}

// TestSlowClient loses events, is told how many, and keeps nobody else waiting.
func TestSlowClient(t *testing.T) {
	w := newWatch("eth0")
	p := newPage(w, time.Unix(1, 0), true)
	addEvents(w, 1)
	client := &stalled{http.Header{}, make(chan struct{}, 100), make(chan struct{}), make(chan string, 100)}
	go p.stream(client, ask("").WithContext(t.Context()))
	<-client.begun
	addEvents(w, 5000)
	close(client.release)
	if got := kinds(<-client.writes); len(got) != 1 || got[0] != "1" {
		t.Errorf("first %q", got)
	}
	if got := kinds(<-client.writes); len(got) != maxEvents+1 || got[0] != "lost 4000" || got[1] != "4002" {
		t.Errorf("then %.60q", got)
	}
}

func TestTooManyStreams(t *testing.T) {
	p := newPage(newWatch("eth0"), time.Unix(1, 0), true)
	for range maxClients {
		p.clients <- struct{}{}
	}
	w := httptest.NewRecorder()
	p.handler().ServeHTTP(w, ask(""))
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d", w.Code)
	}
}

// TestPageOffline serves all that the page needs, which names no other host.
func TestPageOffline(t *testing.T) {
	h := newPage(newWatch("eth0"), time.Unix(1, 0), true).handler()
	for _, path := range []string{"/", "/page.css", "/page.js"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1:8080"+path, nil))
		text := strings.ReplaceAll(w.Body.String(), "http://www.w3.org/2000/svg", "")
		if w.Code != http.StatusOK || strings.Contains(text, "//www") || strings.Contains(text, "http:") || strings.Contains(text, "https:") {
			t.Errorf("%s: status %d, or it names another host", path, w.Code)
		}
		if !strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s has no policy", path)
		}
	}
}

// TestLocalNames: a site that gives a name of its own to this host doesn't get the page.
func TestLocalNames(t *testing.T) {
	for host, want := range map[string]int{
		"localhost:8080": 200, "127.0.0.1": 200, "[::1]:8080": 200, "[::1]": 200,
		"example.com": 421, "example.com:8080": 421, "192.0.2.1:8080": 421, "": 421,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		for _, local := range []bool{true, false} {
			w := httptest.NewRecorder()
			newPage(newWatch("eth0"), time.Unix(1, 0), local).handler().ServeHTTP(w, r)
			if local && w.Code != want || !local && w.Code != 200 {
				t.Errorf("host %q, local %v: status %d", host, local, w.Code)
			}
		}
	}
}

func TestListenHTTP(t *testing.T) {
	ln, local, err := listenHTTP(":0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if !local || !strings.HasPrefix(ln.Addr().String(), "127.0.0.1:") {
		t.Errorf("listens at %v, local %v", ln.Addr(), local)
	}
}
