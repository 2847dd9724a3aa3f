// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/vip"
)

// openFresh returns a device in a network namespace of its own.
func openFresh(b *testing.B) *vip.Device {
	b.Helper()
	var d *vip.Device
	inFresh(b, func() (err error) { d, err = vip.Open("lo", nil); return err })
	b.Cleanup(func() { d.Close() })
	return d
}

// keepFresh returns a keeper of such a device.
func keepFresh(b *testing.B) *vip.Keeper {
	b.Helper()
	var k *vip.Keeper
	inFresh(b, func() error {
		d, err := vip.Open("lo", nil)
		if err != nil {
			return err
		}
		b.Cleanup(func() { d.Close() })
		k, err = vip.Keep(d, nil)
		return err
	})
	b.Cleanup(func() { k.Close() })
	return k
}

// inFresh calls f in a network namespace of its own, which lasts as long as the sockets that f makes.
func inFresh(b *testing.B, f func() error) {
	b.Helper()
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with its namespace
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			err = f()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		b.Skip("network namespace: ", err)
	}
}

// BenchmarkDevice adds and removes a thousand addresses, half of them IPv6.
func BenchmarkDevice(b *testing.B) {
	many := manyAddresses(1000)
	b.Run("Add1000", func(b *testing.B) {
		d := openFresh(b)
		b.ReportAllocs()
		for b.Loop() {
			if err := d.Add(b.Context(), many); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			if err := d.Remove(b.Context(), many); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	})
	b.Run("AddPresent1000", func(b *testing.B) {
		d := openFresh(b)
		if err := d.Add(b.Context(), many); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if err := d.Add(b.Context(), many); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Renew1000", func(b *testing.B) { benchmarkRenew(b, many) })
	b.Run("Renew1000IPv4", func(b *testing.B) { benchmarkRenew(b, ofFamily(manyAddresses(2000), netip.Addr.Is4)) })
	b.Run("Renew1000IPv6", func(b *testing.B) { benchmarkRenew(b, ofFamily(manyAddresses(2000), netip.Addr.Is6)) })
}

// benchmarkRenew renews the leases of addresses.
func benchmarkRenew(b *testing.B, addrs []netip.Prefix) {
	d := openFresh(b)
	if err := d.Lease(b.Context(), addrs, time.Hour); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Lease(b.Context(), addrs, time.Hour); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(addrs)), "ns/addr")
}

// BenchmarkKeeper renews the leases of a thousand IPv4 addresses, with one call and with a call for each.
func BenchmarkKeeper(b *testing.B) {
	many := ofFamily(manyAddresses(2000), netip.Addr.Is4)
	for name, batch := range map[string]int{"Renew1000": len(many), "RenewEachOf1000": 1} {
		b.Run(name, func(b *testing.B) {
			k := keepFresh(b)
			if err := k.Lease(b.Context(), many, time.Hour); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				for some := range slices.Chunk(many, batch) {
					if err := k.Lease(b.Context(), some, time.Hour); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(many)), "ns/addr")
		})
	}
}

// BenchmarkTakeOver is what taking over 1,000 addresses takes: they are leased, in parts as the runtime does. The parts of
// a router that took over one address at first grow with what waits meanwhile.
func BenchmarkTakeOver(b *testing.B) {
	b.Run("Even", func(b *testing.B) { benchmarkTakeOver(b, slices.Repeat([]int{64}, 16)) })
	b.Run("Growing", func(b *testing.B) { benchmarkTakeOver(b, growing()) })
}

// growing returns the parts of 1,000 addresses that a router takes over.
func growing() []int { return []int{64, 256, 680} }

// benchmarkTakeOver takes over 1,000 addresses in parts.
func benchmarkTakeOver(b *testing.B, parts []int) {
	many := ofFamily(manyAddresses(2000), netip.Addr.Is4)
	k := keepFresh(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := leaseParts(b.Context(), k, many, parts); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := k.Remove(b.Context(), many); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(many)), "ns/addr")
}

// leaseParts leases addresses in calls of so many each, the last one of what is left.
func leaseParts(ctx context.Context, k *vip.Keeper, addrs []netip.Prefix, parts []int) error {
	var errs []error
	for _, n := range parts {
		n = min(n, len(addrs))
		errs = append(errs, k.Lease(ctx, addrs[:n], time.Hour))
		addrs = addrs[n:]
	}
	return errors.Join(errs...)
}

// BenchmarkGiveBack is what giving back 1,000 addresses takes, in pieces as the runtime does.
func BenchmarkGiveBack(b *testing.B) {
	many := ofFamily(manyAddresses(2000), netip.Addr.Is4)
	k := keepFresh(b)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		if err := k.Lease(b.Context(), many, time.Hour); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		for some := range slices.Chunk(many, 64) {
			if err := k.Remove(b.Context(), some); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(many)), "ns/addr")
}

// ofFamily returns the addresses of a family.
func ofFamily(addrs []netip.Prefix, is func(netip.Addr) bool) []netip.Prefix {
	return slices.DeleteFunc(addrs, func(p netip.Prefix) bool { return !is(p.Addr()) })
}
