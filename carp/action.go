// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"fmt"
	"net/netip"
)

// Action is something that a [Machine] wants done. The set is sealed:
// [SendAdvertisement], [AddAddresses], [RemoveAddresses], [Announce],
// [Transition], [Discard], [Notice] and [Conflict]. Actions are carried out in
// their order, those that concern addresses behind each other and off the path of
// the advertisements.
type Action interface{ action() }

// SendAdvertisement asks for one advertisement of this rank in each address
// family in which the virtual host advertises (carp_send_ad). Of [BowOut], which
// ends the role, Rank(a).IsBowOut() is true.
type SendAdvertisement Rank

// AddAddresses asks for service addresses to be configured. The outcome is
// reported by [Machine.AddressesAdded].
type AddAddresses struct{ Addresses []netip.Prefix }

// RemoveAddresses asks for service addresses to be taken away. The end of it is
// reported by [Machine.AddressesRemoved].
type RemoveAddresses struct{ Addresses []netip.Prefix }

// Announce asks for announcements of addresses, each Count times (carp_send_arp,
// carp_send_na). It is carried out only while the virtual host is Master: nothing
// is announced after a bow-out.
type Announce struct {
	Addresses []netip.Prefix
	Count     int
}

// Discard tells that the advertisement was rejected and has changed nothing.
type Discard Fault

// Conflict tells that another host claims an address that this host holds as the
// Master. It asks for nothing.
type Conflict netip.Addr

// Notice tells of something in an accepted advertisement that an operator should
// know of. It asks for nothing.
type Notice uint8

// The notices.
const (
	NoticeCompetitor Notice = iota + 1 // another host is Master at the same time
	NoticeEqual                        // a peer has the same rank: both will claim at the same time
	numNotices
)

// String says the notice in a few words.
func (n Notice) String() string {
	if n == 0 || n >= numNotices {
		return fmt.Sprintf("notice %d", uint8(n))
	}
	return [...]string{"competing master", "peer of equal rank"}[n-1]
}

func (SendAdvertisement) action() {}
func (AddAddresses) action()      {}
func (RemoveAddresses) action()   {}
func (Announce) action()          {}
func (Transition) action()        {}
func (Discard) action()           {}
func (Conflict) action()          {}
func (Notice) action()            {}
