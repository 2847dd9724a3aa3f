// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/netif/netiftest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// canned is a network that forgets what it is to send, and on which the same packet
// arrives in every turn.
type canned struct {
	*netiftest.Network
	src     netip.Addr
	payload []byte // nil: none
}

func (canned) Queue(int, [6]byte, netip.Addr, netip.Addr, []byte) {}

func (n canned) Receive(f func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)) {
	if n.payload != nil {
		f(0, n.src, vrrp.GroupIPv4(), 255, time.Time{}, n.payload)
	}
}

// An advertisement that is sent or received, and changes nothing, takes no memory.
func TestSteadyStateDoesNotAllocate(t *testing.T) {
	adv := vrrp.Advertisement{Version: vrrp.V3, VRID: 51, Priority: 200, Interval: time.Second, Addresses: addrs("192.0.2.100")}
	message, err := adv.Append(nil, higherPeer, vrrp.GroupIPv4(), vrrp.ChecksumMessage)
	if err != nil {
		t.Fatal(err)
	}
	rejected := append([]byte{0x41}, message[1:]...)
	for name, c := range map[string]struct {
		payload []byte
		state   vrrp.State
	}{
		"Active":            {nil, vrrp.Active},
		"Backup":            {message, vrrp.Backup},
		"rejecting packets": {rejected, vrrp.Active},
	} {
		t.Run(name, func(t *testing.T) {
			lan := netiftest.New(netiftest.Config{})
			host := lan.Host("a", netiftest.Link{Addresses: prefixes("192.0.2.2/24")})
			now := epoch
			router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: canned{host.Network(), higherPeer, c.payload}, Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			v, err := router.Add(vrrp.VirtualRouterConfig{Config: v3(func(c *vrrp.Config) { c.Interval = time.Second }), Link: "eth0"})
			if err != nil {
				t.Fatal(err)
			}
			for range 100 {
				now = now.Add(time.Second / 4)
				router.Turn()
			}
			before := v.Status().Stats
			if n := testing.AllocsPerRun(100, func() {
				now = now.Add(time.Second)
				router.Turn()
			}); n != 0 {
				t.Errorf("%v allocations in a turn", n)
			}
			after := v.Status()
			if after.State != c.state || after.Stats == before {
				t.Errorf("%v, %+v", after.State, after.Stats)
			}
		})
	}
}
