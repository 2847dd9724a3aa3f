// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"errors"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// newVRRP makes a vrrp.Router for the seats of a station.
func newVRRP(l *life) program {
	of := map[*vrrp.VirtualRouter]*seat{}
	router, err := vrrp.NewRouter(vrrp.RouterConfig{Network: l.wire, Now: l.now, Guard: l.wills, Timeout: time.Hour, Trace: vrrp.Trace{
		Transition: func(v *vrrp.VirtualRouter, t vrrp.Transition) {
			of[v].transition(t.From.String(), t.To.String(), t.Reason.String(), t.To != vrrp.Initialize, t.To == vrrp.Active, t.Reason == vrrp.ReasonAddresses)
		},
		Sent:     func(*vrrp.VirtualRouter, uint8) { l.seen.sent++ },
		Received: func(*vrrp.VirtualRouter, netip.Addr, *vrrp.Advertisement) { l.seen.accepted++ },
		Rejected: func(string, netip.Addr, *vrrp.PacketError) { l.seen.rejected++ },
	}})
	if err != nil {
		panic(err)
	}
	for _, s := range l.st.seats {
		b := s.backend(l)
		v, err := router.Add(s.vrrpConfig(b))
		if err != nil {
			panic(err)
		}
		of[v], s.place = s, &virtualRouter{v, b}
	}
	return router
}

// vrrpConfig returns the configuration of a seat.
func (s *seat) vrrpConfig(b backend) vrrp.VirtualRouterConfig {
	version := vrrp.V3
	if s.group.spec.Protocol == vrrp2 {
		version = vrrp.V2
	}
	return vrrp.VirtualRouterConfig{Link: link, Backend: b, Config: vrrp.Config{
		Version: version, VRID: uint8(1 + s.group.index), Priority: s.is.Rank, Interval: s.is.interval, Addresses: s.held(),
		NoPreempt: s.is.NoPreempt, PreemptDelay: s.is.PreemptDelay, StartupHold: s.is.StartupHold, EagerStart: s.is.Eager,
		OwnerAdds: s.is.OwnerAdds, ReleaseFirst: s.is.ReleaseFirst, GlobalFirst: true,
	}}
}

// virtualRouter is a part in a virtual router.
type virtualRouter struct {
	*vrrp.VirtualRouter
	backend backend
}

func (v *virtualRouter) reconfigure(s *seat) error {
	return v.Reconfigure(s.vrrpConfig(v.backend))
}

func (v *virtualRouter) resign(d time.Duration) error { return v.Resign(d) }

func (v *virtualRouter) force(d time.Duration) error {
	if err := v.Force(d); !errors.Is(err, vrrp.ErrNotReady) {
		return err
	}
	return nil
}

func (v *virtualRouter) setPriority(rank uint8) error { return v.SetPriority(rank) }

// demote lowers the priority, as a tracker does.
func (v *virtualRouter) demote(weight int) error {
	rank := int(v.Status().Priority)
	if rank == 255 {
		return nil
	}
	return v.SetPriority(uint8(min(max(rank-weight, 1), 254)))
}
