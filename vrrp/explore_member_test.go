// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/explore"
	"github.com/go-fhrp/fhrp/internal/explore/exploretest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// status is what a cluster needs to know of a router. The addresses of an owner are there
// for good.
func status(e *explorer) explore.Status {
	state := e.Machine.State()
	return explore.Status{
		Running: state != vrrp.Initialize, Active: state == vrrp.Active,
		Fixed: e.Config.Priority == vrrp.PriorityOwner && !e.Config.OwnerAdds, Patience: 3 * e.Machine.ActiveInterval(),
	}
}

func shutdown(m *vrrp.Machine, now time.Time, linkDown bool) []vrrp.Action {
	if linkDown {
		return m.Shutdown(now, vrrp.ReasonLinkDown)
	}
	return m.Shutdown(now, vrrp.ReasonShutdown)
}

// payload is the number that stands for a packet: priority and interval.
func payload(m *vrrp.Machine, priority uint8) uint64 {
	return uint64(priority) | uint64(m.Config().Interval)<<8
}

// act returns an action as the cluster knows it.
func act(m *vrrp.Machine, a vrrp.Action) (explore.Act, bool) {
	switch a := a.(type) {
	case vrrp.SendAdvertisement:
		return explore.Act{Kind: explore.Send, Payload: payload(m, uint8(a))}, true
	case vrrp.AddAddresses:
		return explore.Act{Kind: explore.Add}, true
	case vrrp.RemoveAddresses:
		return explore.Act{Kind: explore.Remove}, true
	case vrrp.Announce:
		return explore.Act{Kind: explore.Announce}, true
	}
	return explore.Act{}, false
}

func rejects(a vrrp.Action) bool {
	_, ok := a.(vrrp.Discard)
	return ok
}

func receivePacket(e *explorer, now time.Time, src netip.Addr, payload uint64) ([]vrrp.Action, error) {
	return receive(e, now, src, &vrrp.Advertisement{
		Version: e.Machine.Config().Version, VRID: e.Config.VRID, Priority: uint8(payload),
		Interval: time.Duration(payload >> 8), Addresses: []netip.Addr{exploretest.ServiceAddress()},
	})
}

// receive holds the machine to what is true after a goodbye.
func receive(e *explorer, now time.Time, src netip.Addr, adv *vrrp.Advertisement) ([]vrrp.Action, error) {
	actions, rejected, err := e.Receive(func() []vrrp.Action { return e.Machine.Receive(now, src, adv) })
	if err == nil && !rejected {
		err = judgeWait(e, now, adv.Priority)
	}
	return actions, err
}
