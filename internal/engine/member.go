// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
)

// Member is the protocol's side of a seat: the election of one virtual router or
// virtual host. All methods but Goodbye are events, and called on the loop. All of
// these but Failed are put to the election, and where that leads to anything, each ends
// with [Seat.Follow] and with what the election wants being done.
type Member interface {
	// Startup tells that the seat can send, from the sources of its legs, or
	// that one of them is another than before.
	Startup(now time.Time)
	// Shutdown tells that it can't any more, that it is barred, or that it is to
	// hand over for good. It may come again.
	Shutdown(now time.Time, why Reason)
	// Expire tells that the deadline has come.
	Expire(now time.Time)
	// Slept tells that the loop stood still for longer than the peers wait.
	Slept(now time.Time)
	// Claimed tells who has addresses, or keeps them for a successor, that
	// another host on the link has announced an address, whosever that is, and
	// by which MAC address. A virtual MAC is that of a peer then.
	Claimed(now time.Time, addr netip.Addr, mac [6]byte)
	// AddressesAdded tells the outcome of Holder.Add.
	AddressesAdded(now time.Time, err error)
	// AddressesRemoved tells that nothing is there any more that isn't wished
	// for.
	AddressesRemoved(now time.Time)
	// Failed tells, at a bounded rate, what went wrong with addresses, with their
	// announcement or with a hook, and how many more there were since the last
	// time. The election gets nothing of it.
	Failed(what string, err error, suppressed int)

	// Abandoned tells that another engine has taken over, and that the member takes part
	// no more: nothing is sent or removed for that.
	Abandoned()

	// Goodbye returns the message that gives up the role, and where to it is
	// sent by a leg, for the guard to keep; nil for none.
	Goodbye(l *Leg) (dst netip.Addr, message []byte)
}

// Reason is why a member is shut down.
type Reason uint8

// The reasons.
const (
	LinkDown  Reason = iota // none of its ports is up
	NoAddress               // a port is up, and none has a source
	Stopping                // it is being removed, or the engine stopped
	Barred                  // by [Seat.Bar]
)

// Role is what an election has to do with the service addresses.
type Role uint8

// The roles.
const (
	Watching  Role = iota // others have them
	Releasing             // said goodbye, and keeps them for the successor
	Holding               // has them
)

// Standing is where an election stands after an event.
type Standing struct {
	Role     Role
	Deadline time.Time     // when Expire is to be called, zero for never
	Spoke    time.Time     // when a holder sent its last advertisement
	Patience time.Duration // for how long without a word its peers wait before they claim
}

// standing is a [Standing] as thousands of seats keep it.
type standing struct {
	role            Role
	deadline, spoke deadline.Instant
	patience        time.Duration
}

// Follow tells where the election stands. A member calls it after every event
// that may have changed that, before it carries out what the election wants.
func (s *Seat) Follow(now Standing) {
	e, before := s.engine, &s.standing
	if now.Role == Holding && before.role != Holding {
		s.leasedAt = e.instant() // for the addresses are about to be added
		s.retries = 0            // and not to be removed any more
	}
	if now.Patience != before.patience || now.Role != before.role {
		e.harmless = 0
	}
	s.standing = standing{now.Role, e.clock.Instant(now.Deadline), e.clock.Instant(now.Spoke), now.Patience}
	s.follow()
}

// follow has what the standing asks for done.
func (s *Seat) follow() {
	s.bequeath()
	s.schedule()
}
