// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestFieldReport04BackupFindsTheAddress: a virtual router is added on a host that has its addresses already, by the hand
// of somebody who is no more. A Backup does not have them, where what is found is to be taken over.
func TestFieldReport04BackupFindsTheAddress(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	b := newBench(t, "n1", "n2")
	addrs := prefixes("fe80::100/64", "2001:db8::100/128")
	n1 := b.start("n1", virtual(200, addrs...))
	n1.awaitState(vrrp.Active)
	b.somebody("n2", "eth0", netlink.AddrAdd, addrs...)
	n2 := b.startWith("n2", setup{Virtual: []vrrp.VirtualRouterConfig{virtual(100, addrs...)}, OnForeign: vip.ForeignAdopt})
	n2.awaitPeer("n1")
	b.awaitHolder("n1", []string{"n2"}, addrs...)
}
