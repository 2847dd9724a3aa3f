// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"context"
	"log/slog"
	"maps"
	"math"
	"net/netip"
	"os"
	"slices"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/vip"
)

// maxExecution bounds how long a guard goes on after the end of the program, whatever holds it up.
const maxExecution = 10 * time.Second

// execute executes the wills: first all goodbyes, for which others wait, then the addresses.
func (w *watch) execute() {
	if len(w.wills) == 0 {
		return // a planned end
	}
	time.AfterFunc(maxExecution, func() { os.Exit(1) })
	age := w.age()
	said := w.sayGoodbye(age)
	removed := w.removeAddresses()
	w.log.Warn("program ended without a goodbye", slog.Duration("lastBeat", age), slog.Int("wills", len(w.wills)),
		slog.Int("goodbyes", said), slog.Int("addresses", removed))
}

// age returns how long ago the loop lived.
func (w *watch) age() time.Duration {
	monotonic, err := clock(unix.CLOCK_MONOTONIC)
	if err != nil {
		return math.MaxInt64 // nothing is valid
	}
	return w.beats.age(monotonic, time.Now().UnixNano())
}

// sayGoodbye sends the goodbyes that are still true, and returns how many were sent.
func (w *watch) sayGoodbye(age time.Duration) int {
	var sent int
	failed := map[int]error{} // to be logged later
	for id, will := range w.wills {
		if !will.says(age) {
			continue
		}
		if err := w.sender.send(will); err != nil {
			failed[id] = err
			continue
		}
		sent++
	}
	for id, err := range failed {
		will := w.wills[id]
		w.log.Error("goodbye not sent", slog.Int("id", id), slog.String("link", will.link),
			slog.Any("source", will.src), slog.Any("destination", will.dst), slog.Any("error", err))
	}
	return sent
}

// removeAddresses removes the addresses of all wills, and returns how many were to be removed.
func (w *watch) removeAddresses() int {
	ctx, cancel := context.WithTimeout(context.Background(), maxExecution/2)
	defer cancel()
	var count int
	for device, prefixes := range w.addresses() {
		count += len(prefixes)
		if err := remove(ctx, device, slices.Collect(maps.Keys(prefixes))); err != nil {
			w.log.Error("addresses not removed", slog.Any("error", err))
		}
	}
	return count
}

// addresses returns the addresses of all wills by their devices.
func (w *watch) addresses() map[string]map[netip.Prefix]bool {
	devices := map[string]map[netip.Prefix]bool{}
	for _, will := range w.wills {
		for _, a := range will.addrs {
			if devices[a.device] == nil {
				devices[a.device] = map[netip.Prefix]bool{}
			}
			devices[a.device][a.prefix] = true
		}
	}
	return devices
}

// remove removes addresses from a device.
func remove(ctx context.Context, device string, prefixes []netip.Prefix) error {
	d, err := vip.Open(device, nil)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Remove(ctx, prefixes)
}

// mayRemove returns why addresses can't be removed, by asking for the removal of one from a device that is not there.
func mayRemove() error {
	m := nl.NewIfAddrmsg(unix.AF_INET)
	m.Index = math.MaxInt32
	r := nl.NewNetlinkRequest(unix.RTM_DELADDR, unix.NLM_F_ACK)
	r.AddData(m)
	for {
		_, err := r.Execute(unix.NETLINK_ROUTE, 0)
		switch err {
		case unix.ENODEV:
			return nil
		case unix.EINTR:
		default:
			return err
		}
	}
}
