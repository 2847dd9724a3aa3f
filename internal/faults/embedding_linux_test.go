// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/netif/guard"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vrrp"
)

// setupEnv names the environment variable that makes TestEmbedding a program, with its setup in JSON.
const setupEnv = "FHRP_FAULTS_SETUP"

// setup is what the program takes part in.
type setup struct {
	VRID, Priority uint8
	Addresses      []netip.Prefix
	Guard          bool
}

// setup returns that of the member, whatever its program.
func (m *member) setup() setup {
	return setup{VRID: uint8(m.id), Priority: uint8(m.priority()), Addresses: m.addrs, Guard: m.guard}
}

// text returns the setup in JSON.
func (s setup) text() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func embeddingArgs(*member) []string { return []string{"-test.run=^TestEmbedding$"} }

// TestEmbedding is no test: started as a member, it is a small program that has something else to do, and takes part in
// a virtual router meanwhile. It takes orders on its standard input, a line each, and ends as planned on SIGTERM.
func TestEmbedding(t *testing.T) {
	text := os.Getenv(setupEnv)
	if text == "" {
		return
	}
	will := guard.Main() // the guard process goes no further
	var s setup
	err := json.Unmarshal([]byte(text), &s)
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		go obey()
		err = s.run(ctx, will)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// run takes part until ctx ends.
func (s *setup) run(ctx context.Context, will *guard.Guard) (err error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	cfg := vrrp.RouterConfig{Logger: log}
	if s.Guard {
		if err := will.Start(ctx, &guard.Config{Logger: log, Output: os.Stderr}); err != nil {
			return err
		}
		defer will.Close()
		cfg.Guard = will
	}
	network, err := netif.Open(&netif.Config{Logger: log})
	if err != nil {
		return err
	}
	cfg.Network = network
	defer func() { err = errors.Join(err, network.Close()) }()
	device, err := vip.Open("eth0", nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, device.Close()) }()
	keeper, err := vip.Keep(device, &vip.KeeperConfig{Logger: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, keeper.Close()) }()
	router, err := vrrp.NewRouter(cfg)
	if err != nil {
		return err
	}
	_, err = router.Add(vrrp.VirtualRouterConfig{Link: "eth0", Backend: keeper, Config: vrrp.Config{
		VRID: s.VRID, Priority: s.Priority, Interval: 100 * time.Millisecond, Addresses: s.Addresses}})
	if err != nil {
		return err
	}
	return router.Run(ctx)
}

// obey does what it is told.
func obey() {
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		switch in.Text() {
		case "panic":
			panic("as asked")
		case "exec":
			fmt.Println(syscall.Exec("/proc/self/exe", os.Args, os.Environ()))
		case "goroutines":
			fmt.Printf("goroutines %d.\n", runtime.NumGoroutine())
		}
	}
}
