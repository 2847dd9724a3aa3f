// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/vip"
)

// kernelWorld is three network namespaces on a bridge, with a process for each
// router: all in it is as between three machines.
type kernelWorld struct {
	record   *record
	lab      *netlab.Lab
	client   *netlab.Host
	observer *observer
	epoch    time.Time
	hosts    [numNodes]*netlab.Host
	routers  [numNodes]*process // nil before the first start
	unwatch  func()
	verbose  bool
}

// newKernelWorld makes the world. This process must be one that
// [netlab.Command] started. If verbose is set, the routers' logs go to standard
// error.
func newKernelWorld(r *record, verbose bool) (*kernelWorld, error) {
	lab, err := netlab.New(netlab.Config{Hosts: []string{name(node1), name(node2), "client"}})
	if err != nil {
		return nil, err
	}
	w := &kernelWorld{record: r, lab: lab, client: lab.Host("client"), epoch: time.Now(), verbose: verbose}
	for node := range numNodes {
		w.hosts[node] = lab.Host(name(node))
	}
	w.observer = &observer{record: r, epoch: w.epoch}
	if w.unwatch, err = lab.Capture(w.observer.frame); err != nil {
		return nil, errors.Join(err, lab.Close())
	}
	return w, nil
}

func (w *kernelWorld) place() string {
	if uid := outsideUID(); uid != "0" {
		return "in network namespaces of this program's own (user " + uid + ", who is root in a user namespace)"
	}
	return "in network namespaces of this program's own (run by root)"
}

// outsideUID returns what user root of this user namespace is outside: "0", if
// there is no outside.
func outsideUID() string {
	m, err := os.ReadFile("/proc/self/uid_map")
	if fields := strings.Fields(string(m)); err == nil && len(fields) > 1 {
		return fields[1]
	}
	return "0"
}

func (w *kernelWorld) powerFailure() string {
	return "its router's process is killed (SIGKILL) and its host\n" +
		"taken off the switch; the address left in its kernel is removed, as it would not\n" +
		"have outlived the power"
}

func (w *kernelWorld) start(node int) error {
	p, err := startProcess(w, node)
	if err == nil {
		w.routers[node] = p
	}
	return err
}

func (w *kernelWorld) stop(node int) error { return w.routers[node].stdin.Close() }

func (w *kernelWorld) powerOff(node int) error {
	w.record.ended(w.now(), node)
	if err := errors.Join(w.routers[node].kill(), w.hosts[node].Unplug()); err != nil {
		return err
	}
	<-w.routers[node].done
	return w.hosts[node].Do(clearAddress)
}

// clearAddress removes the service address from the host of this thread.
func clearAddress() error {
	device, err := vip.Open(link, nil)
	if err != nil {
		return err
	}
	defer device.Close()
	return device.Remove(context.Background(), []netip.Prefix{service()})
}

func (w *kernelWorld) powerOn(node int) error { return w.hosts[node].Plug() }

func (w *kernelWorld) setLink(node int, up bool) error { return w.hosts[node].SetLink(0, up) }

func (w *kernelWorld) holds(node int) (bool, error) {
	addrs, err := w.hosts[node].Addresses(0)
	for _, p := range addrs {
		if p == service() {
			return true, err
		}
	}
	return false, err
}

func (w *kernelWorld) ping() (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		_, err := netlab.Ping(ctx, w.client, service().Addr(), pingInterval, w.observer.pinged)
		ended <- err
	}()
	return func() error {
		cancel()
		return <-ended
	}
}

func (w *kernelWorld) now() time.Duration { return time.Since(w.epoch) }

func (w *kernelWorld) pass(ctx context.Context, d time.Duration) error {
	err := sleep(ctx, d)
	for _, p := range w.routers {
		if p != nil {
			err = errors.Join(err, p.failure())
		}
	}
	return err
}

// closeTimeout is how long routers have to hand over at the end.
const closeTimeout = 5 * time.Second

func (w *kernelWorld) close() error {
	var errs []error
	for _, p := range w.routers {
		if p != nil {
			_ = p.stdin.Close() // an error says that it was done before
		}
	}
	timeout := time.After(closeTimeout)
	for node, p := range w.routers {
		if p == nil {
			continue
		}
		select {
		case <-p.done:
		case <-timeout:
			errs = append(errs, fmt.Errorf("the router of %s doesn't end", name(node)))
		}
	}
	w.unwatch()
	return errors.Join(append(errs, w.lab.Close())...)
}
