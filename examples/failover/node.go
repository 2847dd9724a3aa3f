// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vrrp"
)

// nodeEnv is the environment variable that makes this program the router of the
// node of that number.
const nodeEnv = "FHRP_FAILOVER_NODE"

// runNode is the program of a router: what a user of the library writes. It runs
// until ctx ends, and then hands over.
func runNode(ctx context.Context, node int, log *slog.Logger, trace vrrp.Trace) (err error) {
	network, err := netif.Open(nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, network.Close()) }()
	device, err := vip.Open(link, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, device.Close()) }()
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: network, Logger: log, Trace: trace})
	if err != nil {
		return err
	}
	if _, err := router.Add(virtualRouter(node, device)); err != nil {
		return err
	}
	return router.Run(ctx)
}

// nodeMain is the process around it. It ends when its standard input does, which
// is in the hands of who started it, and writes the transitions to its standard
// output.
func nodeMain(number string) error {
	node, err := strconv.Atoi(number)
	if err != nil || node < 0 || node >= numNodes {
		return fmt.Errorf("%s=%s: no such node", nodeEnv, number)
	}
	signal.Ignore(os.Interrupt, syscall.SIGTERM) // they come to all processes of a terminal
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, os.Stdin)
	}()
	transitions := make(chan vrrp.Transition, 64) // the loop must not wait for the pipe
	written := make(chan error)
	go func() { written <- writeTransitions(os.Stdout, transitions) }()
	err = runNode(ctx, node, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		vrrp.Trace{Transition: func(_ *vrrp.VirtualRouter, t vrrp.Transition) { transitions <- t }})
	close(transitions)
	return errors.Join(err, <-written)
}

// writeTransitions writes transitions as JSON, for [readTransitions].
func writeTransitions(w io.Writer, transitions <-chan vrrp.Transition) (err error) {
	e := json.NewEncoder(w)
	for t := range transitions {
		t.Err = nil // has been logged
		err = errors.Join(err, e.Encode(t))
	}
	return err
}

// readTransitions calls f for each transition, until there are no more.
func readTransitions(r io.Reader, f func(vrrp.Transition)) {
	d := json.NewDecoder(r)
	for {
		var t vrrp.Transition
		if d.Decode(&t) != nil { // at the end, also one in the middle of a line
			return
		}
		f(t)
	}
}
