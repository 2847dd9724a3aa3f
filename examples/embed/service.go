// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"sync"

	"github.com/go-fhrp/fhrp/vrrp"
)

// maxValue is how long a value may be, in octets.
const maxValue = 1 << 20

// service keeps values by name. It answers reads wherever it is asked, and takes
// writes only on the node that the service address is on.
type service struct {
	mu     sync.Mutex
	values map[string]string
	active bool          // this node has the role
	here   bool          // and the service address
	writes int           // under way
	idle   chan struct{} // closed when there are none; nil if nobody waits for that
}

func newService() *service { return &service{values: map[string]string{}} }

// trace closes the service for writes the moment the role is lost. It is called on
// the loop of the router, and waits for nothing.
func (s *service) trace() vrrp.Trace {
	return vrrp.Trace{Transition: func(_ *vrrp.VirtualRouter, t vrrp.Transition) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.active = t.To == vrrp.Active
	}}
}

// hooks tell whether the address is here. That it goes waits for the writes under way,
// but for no longer than the time that a hook has.
func (s *service) hooks() vrrp.Hooks {
	return vrrp.Hooks{
		AfterAdd:     func(context.Context, []netip.Prefix) error { s.arrived(); return nil },
		BeforeRemove: func(ctx context.Context, _ []netip.Prefix) error { return s.leave(ctx) },
	}
}

// arrived has writes taken, as long as this node has the role.
func (s *service) arrived() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.here = true
}

// leave has no more writes taken, and returns when none is under way, or ctx has ended.
func (s *service) leave(ctx context.Context) error {
	s.mu.Lock()
	s.here = false
	if s.writes > 0 && s.idle == nil {
		s.idle = make(chan struct{})
	}
	idle := s.idle
	s.mu.Unlock()
	if idle == nil {
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin counts a write, if this is the node for it.
func (s *service) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.active || !s.here {
		return false
	}
	s.writes++
	return true
}

// end counts a write that is done.
func (s *service) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writes--; s.writes == 0 && s.idle != nil {
		close(s.idle)
		s.idle = nil
	}
}

// handler serves GET and PUT of /values/NAME, and /ready for a load balancer that
// asks which node takes writes.
func (s *service) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /values/{name}", s.get)
	mux.HandleFunc("PUT /values/{name}", s.write(s.put))
	mux.HandleFunc("GET /ready", s.write(func(http.ResponseWriter, *http.Request) {}))
	return mux
}

// write serves a request that only the node with the service address may serve.
func (s *service) write(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.begin() {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "the service address is not here", http.StatusServiceUnavailable)
			return
		}
		defer s.end()
		serve(w, r)
	}
}

func (s *service) get(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	value, ok := s.values[r.PathValue("name")]
	s.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	_, _ = io.WriteString(w, value)
}

func (s *service) put(w http.ResponseWriter, r *http.Request) {
	value, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxValue))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[r.PathValue("name")] = string(value)
	w.WriteHeader(http.StatusNoContent)
}
