// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// newCARP makes a carp.Host for the seats of a station.
func newCARP(l *life) program {
	of := map[*carp.VirtualHost]*seat{}
	random := rand.New(rand.NewPCG(l.c.scenario.Seed, uint64(l.begun.UnixNano())+uint64(l.st.node.index)))
	host, err := carp.NewHost(carp.HostConfig{Network: l.wire, Now: l.now, Guard: l.wills, Timeout: time.Hour, Random: random.Uint64, Trace: carp.Trace{
		Transition: func(v *carp.VirtualHost, t carp.Transition) {
			of[v].transition(t.From.String(), t.To.String(), t.Reason.String(), t.To != carp.Init, t.To == carp.Master, t.Reason == carp.ReasonAddresses)
		},
		Sent:     func(*carp.VirtualHost, carp.Rank) { l.seen.sent++ },
		Received: func(*carp.VirtualHost, netip.Addr, *carp.Advertisement, carp.Match) { l.seen.accepted++ },
		Rejected: func(string, netip.Addr, *carp.PacketError) { l.seen.rejected++ },
	}})
	if err != nil {
		panic(err)
	}
	for _, s := range l.st.seats {
		b := s.backend(l)
		v, err := host.Add(s.carpConfig(b))
		if err != nil {
			panic(err)
		}
		of[v], s.place = s, &virtualHost{v, b}
	}
	return host
}

// carpConfig returns the configuration of a seat.
func (s *seat) carpConfig(b backend) carp.VirtualHostConfig {
	return carp.VirtualHostConfig{Link: link, Backend: b, Config: carp.Config{
		VHID: uint8(1 + s.group.index), AdvBase: uint8(s.is.interval / time.Second), SubSecond: s.is.interval == 0, AdvSkew: s.skew(),
		Addresses: s.held(), Preempt: !s.is.NoPreempt, PreemptDelay: s.is.PreemptDelay, StartupHold: s.is.StartupHold,
		ReleaseFirst: s.is.ReleaseFirst, OpenBSDTimeout: s.is.Eager, DemoteOctet: s.group.spec.Octet,
	}}
}

// skew returns advskew: of one that advertises several times a second no less than
// leastSkew, so that the others are heard as well.
func (s *seat) skew() uint8 {
	if s.is.interval == 0 {
		return max(leastSkew, 255-s.is.Rank)
	}
	return max(1, 255-s.is.Rank)
}

// leastSkew is 0.2 s.
const leastSkew = 50

// virtualHost is a part in a virtual host.
type virtualHost struct {
	*carp.VirtualHost
	backend backend
}

func (v *virtualHost) reconfigure(s *seat) error {
	return v.Reconfigure(s.carpConfig(v.backend))
}

func (v *virtualHost) resign(d time.Duration) error { return v.Resign(d) }

func (v *virtualHost) force(d time.Duration) error {
	if err := v.Force(d); !errors.Is(err, carp.ErrNotReady) {
		return err
	}
	return nil
}

// setPriority demotes for good.
func (v *virtualHost) setPriority(rank uint8) error { return v.Demote("priority", 255-int(rank)) }

func (v *virtualHost) demote(weight int) error { return v.Demote("fault", weight) }
