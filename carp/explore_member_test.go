// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/explore"
)

// status is what a cluster needs to know of a host.
func status(e *explorer) explore.Status {
	state := e.Machine.State()
	return explore.Status{Running: state != carp.Init, Active: state == carp.Master, Patience: patienceOf(e.Machine)}
}

func shutdown(m *carp.Machine, now time.Time, linkDown bool) []carp.Action {
	if linkDown {
		return m.Shutdown(now, carp.ReasonLinkDown)
	}
	return m.Shutdown(now, carp.ReasonShutdown)
}

// payload is the number that stands for a rank in a packet.
func payload(r carp.Rank) uint64 {
	return uint64(r.Demote)<<16 | uint64(r.AdvBase)<<8 | uint64(r.AdvSkew)
}

func rankOf(payload uint64) carp.Rank {
	return carp.Rank{Demote: uint8(payload >> 16), AdvBase: uint8(payload >> 8), AdvSkew: uint8(payload)}
}

// act returns an action as the cluster knows it.
func act(_ *carp.Machine, a carp.Action) (explore.Act, bool) {
	switch a := a.(type) {
	case carp.SendAdvertisement:
		return explore.Act{Kind: explore.Send, Payload: payload(carp.Rank(a))}, true
	case carp.AddAddresses:
		return explore.Act{Kind: explore.Add}, true
	case carp.RemoveAddresses:
		return explore.Act{Kind: explore.Remove}, true
	case carp.Announce:
		return explore.Act{Kind: explore.Announce}, true
	}
	return explore.Act{}, false
}

func rejects(a carp.Action) bool {
	_, ok := a.(carp.Discard)
	return ok
}

func receivePacket(e *explorer, now time.Time, src netip.Addr, payload uint64) ([]carp.Action, error) {
	return receive(e, now, src, rankOf(payload))
}

// receive holds the machine to: whoever hears a bow-out claims the role.
func receive(e *explorer, now time.Time, src netip.Addr, r carp.Rank) ([]carp.Action, error) {
	beside := e.Machine.Beside(src)
	actions, rejected, err := e.Receive(func() []carp.Action {
		return e.Machine.Receive(now, src, &carp.Advertisement{VHID: e.Config.VHID, AdvBase: r.AdvBase, AdvSkew: r.AdvSkew, Demote: r.Demote})
	})
	if err == nil && !rejected && r.IsBowOut() && e.Machine.State() == carp.Backup && !beside && !e.Machine.Excused().After(now) {
		err = errors.New("doesn't claim at once after a bow-out")
	}
	return actions, err
}
