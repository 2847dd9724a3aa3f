// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/net/netutil"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/examples/metrics/fhrphealth"
	"github.com/go-fhrp/fhrp/examples/metrics/fhrpmetrics"
	"github.com/go-fhrp/fhrp/vrrp"
)

// What a client may take. The election waits for none of them; it is memory and files that they must not use up.
const (
	maxClients    = 64               // connections at once
	maxScrapes    = 4                // that are gathered at once; what is gathered is in memory until it is sent
	maxHeader     = 16 << 10         // octets of a request
	headerTime    = 5 * time.Second  // to send a request
	idleTime      = time.Minute      // between requests
	gatheringTime = 8 * time.Second  // of a scrape, before it is answered with 503
	answerTime    = 10 * time.Second // to take the whole answer
)

// newHandler serves /metrics, /live and /ready of a router, a host or both.
func newHandler(router *vrrp.Router, host *carp.Host) http.Handler {
	registry := prometheus.NewRegistry()
	if router != nil {
		registry.MustRegister(fhrpmetrics.NewVRRP(router, fhrpmetrics.Config{}))
	}
	if host != nil {
		registry.MustRegister(fhrpmetrics.NewCARP(host, fhrpmetrics.Config{}))
	}
	health := fhrphealth.New(fhrphealth.Config{Router: router, Host: host})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		MaxRequestsInFlight: maxScrapes, Timeout: gatheringTime, Registry: registry, EnableOpenMetrics: true}))
	mux.Handle("GET /live", health.Live())
	mux.Handle("GET /ready", health.Ready())
	return mux
}

// newServer returns a server with limits.
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTime, ReadTimeout: headerTime, WriteTimeout: gatheringTime + answerTime, IdleTimeout: idleTime,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// serve answers on a listener until end is called, which closes it and all connections.
func serve(listener net.Listener, handler http.Handler, log *slog.Logger) (end func() error) {
	server := newServer(handler, log)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := server.Serve(netutil.LimitListener(listener, maxClients)); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the HTTP server has ended", "error", err)
		}
	}()
	return func() error {
		err := server.Close()
		<-ended
		return err
	}
}
