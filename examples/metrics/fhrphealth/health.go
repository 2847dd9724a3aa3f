// SPDX-License-Identifier: Apache-2.0

// Package fhrphealth answers by HTTP whether a program that runs a vrrp.Router or a carp.Host is alive, and whether it is ready, for
// supervisors such as that of Kubernetes and for load balancers. It asks the loop of the election, and never keeps it waiting.
package fhrphealth

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/examples/metrics/internal/question"
	"github.com/go-fhrp/fhrp/vrrp"
)

// DefaultTimeout is how long an answer of the loop is waited for by default.
const DefaultTimeout = time.Second

// Config is what a [Health] is about. Router or Host can be nil.
type Config struct {
	Router  *vrrp.Router
	Host    *carp.Host
	Timeout time.Duration // that the loop has to answer; 0: DefaultTimeout
}

// Health answers. It is safe for concurrent use.
type Health struct {
	timeout time.Duration
	live    []*question.Question[struct{}]
	ready   []*question.Question[[]standing]
}

// standing is what keeps a virtual router from being ready.
type standing struct {
	name   string
	lacks  string // empty: nothing
	active bool
}

// New returns what answers for a router, a host or both.
func New(cfg Config) *Health {
	h := &Health{timeout: cfg.Timeout}
	if h.timeout <= 0 {
		h.timeout = DefaultTimeout
	}
	if r := cfg.Router; r != nil {
		h.live = append(h.live, question.New(func() (none struct{}) { r.Stats(); return }))
		h.ready = append(h.ready, question.New(func() []standing { return routers(r) }))
	}
	if c := cfg.Host; c != nil {
		h.live = append(h.live, question.New(func() (none struct{}) { c.Stats(); return }))
		h.ready = append(h.ready, question.New(func() []standing { return hosts(c) }))
	}
	return h
}

// Live answers with status 200 if each loop has answered within the time-out, else with 503: then the process is to be killed.
func (h *Health) Live() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), h.timeout)
		defer cancel()
		for _, q := range h.live {
			if _, err := q.Ask(ctx); err != nil {
				answer(w, http.StatusServiceUnavailable, h.silent())
				return
			}
		}
		answer(w, http.StatusOK, "alive\n")
	})
}

// Ready answers with status 200 if each virtual router takes part: it is Active (Master) with its addresses on the way, or Backup
// beside an Active Router that it has heard within the time that this one may be silent for. Else, and where there is no virtual
// router, it answers with 503, and says in a line for each what it lacks. A program that hands over is not ready any more.
func (h *Health) Ready() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), h.timeout)
		defer cancel()
		var all []standing
		for _, q := range h.ready {
			list, err := q.Ask(ctx)
			if err != nil {
				answer(w, http.StatusServiceUnavailable, h.silent())
				return
			}
			all = append(all, list...)
		}
		status, text := verdict(all)
		answer(w, status, text)
	})
}

// silent says that there was no answer.
func (h *Health) silent() string {
	return fmt.Sprintf("the election did not answer within %v\n", h.timeout)
}

// verdict is the answer about some virtual routers.
func verdict(all []standing) (status int, text string) {
	var b strings.Builder
	active := 0
	for _, s := range all {
		if s.lacks != "" {
			fmt.Fprintf(&b, "%s: %s\n", s.name, s.lacks)
		}
		if s.active {
			active++
		}
	}
	switch {
	case len(all) == 0:
		return http.StatusServiceUnavailable, "there is no virtual router\n"
	case b.Len() > 0:
		return http.StatusServiceUnavailable, b.String()
	}
	return http.StatusOK, fmt.Sprintf("ready: %d virtual routers, %d active\n", len(all), active)
}

// answer sends a text that is not to be kept.
func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // who doesn't take it doesn't want it
}
