// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"net"
	"os"
	"testing"

	"github.com/mdlayher/packet"
	"golang.org/x/sys/unix"
)

// sendFrame puts a frame on the wire from the interface of that name in the namespace of the calling thread.
func sendFrame(t *testing.T, name string, b []byte) {
	t.Helper()
	sendFrames(t, name, 1, b)
}

// sendFrames does so with some frames, again and again.
func sendFrames(t *testing.T, name string, times int, frames ...[]byte) {
	t.Helper()
	ifi, err := net.InterfaceByName(name)
	if err != nil {
		t.Error(err)
		return
	}
	c, err := packet.Listen(ifi, packet.Raw, 0, nil)
	if err != nil {
		t.Error(err)
		return
	}
	defer c.Close()
	for range times {
		for _, b := range frames {
			if _, err := c.WriteTo(b, &packet.Addr{HardwareAddr: b[:6]}); err != nil {
				t.Error(err)
				return
			}
		}
	}
}

// dropCapabilities takes all capabilities from the calling thread.
func dropCapabilities() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	return unix.Capset(&header, &none[0])
}

// openFiles returns how many files this process has open.
func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
