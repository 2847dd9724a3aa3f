// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestDontTrackPrimaryWithKeepalived has ours start and stay Active on a link that is down, beside keepalived by the same file.
func TestDontTrackPrimaryWithKeepalived(t *testing.T) {
	t.Parallel()
	netlabtest.Program(t, "keepalived")
	if !netlabtest.Enter(t) {
		return
	}
	p := newPair(t, conf{3, "0.2", "dont_track_primary", []string{"10.0.0.100/24"}}, 200, 100)
	n1 := p.lab.Host("n1")
	link := func(up bool) {
		t.Helper()
		if err := n1.SetLink(0, up); err != nil {
			t.Fatal(err)
		}
	}
	active := func() bool {
		all, _ := p.holds("n1")
		return all && p.ours.daemon.Router().VirtualRouters()[0].Status().State == vrrp.Active
	}
	link(false)
	p.start("n1")
	eventually(t, "ours is Active without a link", active)
	link(true)
	p.start("n2")
	eventually(t, "keepalived hears ours", func() bool { return p.follows("n2") })
	p.wantHolder("n1")
	link(false)
	eventually(t, "keepalived hears nobody", func() bool { all, _ := p.holds("n2"); return all })
	if !active() {
		t.Error("ours is not Active any more")
	}
	link(true)
	p.wantHolder("n1")
	p.ours.stop()
	p.stop("n2")
	p.wantNoComplaint()
	if _, none := p.holds("n1"); !none {
		t.Error("the address is left behind")
	}
}
