// SPDX-License-Identifier: Apache-2.0

package httpcheck_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/check/httpcheck"
)

// limited is a context that ends should a check hang.
func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// server answers with the status that the path says.
func server(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, err := strconv.Atoi(r.URL.Path[1:])
		if err != nil || r.Method != http.MethodGet {
			t.Errorf("%s %s", r.Method, r.URL)
			return
		}
		w.Header().Set("Location", "/500")
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s
}

func TestStatus(t *testing.T) {
	s := server(t)
	for status, up := range map[string]bool{
		"200": true, "204": true, "301": true, "302": true, "399": true, "400": false, "404": false, "500": false, "503": false,
	} {
		err := httpcheck.Get(s.URL + "/" + status)(limited(t))
		if up && err != nil {
			t.Errorf("status %s: %v", status, err)
		}
		if !up && (!errors.Is(err, httpcheck.ErrStatus) || !strings.Contains(err.Error(), status)) {
			t.Errorf("status %s: %v", status, err)
		}
	}
}

// TestConnections wants one for each call: what is held open says nothing about who would come now.
func TestConnections(t *testing.T) {
	n := 0
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			n++ // on the goroutine that accepts
		}
	}
	s.Start()
	get := httpcheck.Get(s.URL)
	for range 3 {
		if err := get(limited(t)); err != nil {
			t.Error(err)
		}
	}
	s.Close()
	if n != 3 {
		t.Errorf("%d connections for 3 checks", n)
	}
}

func TestRefused(t *testing.T) {
	s := server(t)
	s.Close()
	if err := httpcheck.Get(s.URL + "/200")(limited(t)); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("error %v", err)
	}
}

// TestContextEnds wants a server that doesn't answer to be left.
func TestContextEnds(t *testing.T) {
	asked, done := make(chan struct{}), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(asked)
		<-done
	}))
	defer s.Close()
	defer close(done)
	ctx, cancel := context.WithCancel(limited(t))
	result := make(chan error, 1)
	go func() { result <- httpcheck.Get(s.URL)(ctx) }()
	<-asked
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// TestLargeHeader wants no more read than is reasonable.
func TestLargeHeader(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X", strings.Repeat("x", 1<<20))
	}))
	defer s.Close()
	if err := httpcheck.Get(s.URL)(limited(t)); err == nil {
		t.Error("a header of 1 MB is accepted")
	}
}

func TestPasswordStaysSecret(t *testing.T) {
	s := server(t)
	host := strings.TrimPrefix(s.URL, "http://")
	closed := server(t)
	closed.Close()
	for _, url := range []string{
		"http://user:hunter2@" + host + "/500",
		"http://user:hunter2@" + strings.TrimPrefix(closed.URL, "http://"),
		"http://user:hunter2 @" + host + "/200",
		"ftp://user:hunter2@" + host,
	} {
		err := httpcheck.Get(url)(limited(t))
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error %v", err)
		}
	}
}
