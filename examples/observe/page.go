// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"
)

//go:embed page
var pageFiles embed.FS

// page serves a watch to browsers, from nothing but this program.
type page struct {
	watch   *watch
	run     string        // what the ids of events begin with: those of another run are none of this one
	clients chan struct{} // one for each stream that is open
	local   bool          // answers to the host's own names only
}

// maxClients is how many streams may be open at once.
const maxClients = 64

func newPage(w *watch, run time.Time, local bool) *page {
	return &page{watch: w, run: strconv.FormatInt(run.UnixNano(), 36), clients: make(chan struct{}, maxClients), local: local}
}

// handler serves the page at / and its stream at /events.
func (p *page) handler() http.Handler {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /events", p.stream)
	return p.guard(mux)
}

// guard has browsers run nothing but the page. A page that only this host may see is not
// answered for names of others, which a site can give it by its DNS.
func (p *page) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.local && !isLocal(r.Host) {
			http.Error(w, "ask for it by its address", http.StatusMisdirectedRequest)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// isLocal reports whether a host, with or without port, is this one.
func isLocal(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	if n := len(name); n > 2 && name[0] == '[' && name[n-1] == ']' {
		name = name[1 : n-1]
	}
	addr, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && addr.IsLoopback()
}

// listenHTTP opens the address of the page, by default on this host only.
func listenHTTP(addr string) (ln net.Listener, local bool, err error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, false, err
	}
	if host == "" {
		host = "127.0.0.1"
	}
	ln, err = net.Listen("tcp", net.JoinHostPort(host, port))
	return ln, isLocal(host), err
}

// serve serves a page until ctx ends.
func (p *page) serve(ctx context.Context, ln net.Listener) error {
	s := &http.Server{
		Handler:           p.handler(),
		ReadHeaderTimeout: 10 * time.Second, // of headers only: a time for the whole would end streams
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	if err := s.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
