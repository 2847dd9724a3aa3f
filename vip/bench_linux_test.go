// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/vip"
)

// openFresh returns a device in a network namespace of its own, which lasts as long as the device is open.
func openFresh(b *testing.B) *vip.Device {
	b.Helper()
	var d *vip.Device
	opened := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with its namespace
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			d, err = vip.Open("lo", nil)
		}
		opened <- err
	}()
	if err := <-opened; err != nil {
		b.Skip("network namespace: ", err)
	}
	b.Cleanup(func() { d.Close() })
	return d
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
}
