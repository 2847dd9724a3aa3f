// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"fmt"
	"net/netip"
)

// Action is something that a [Machine] wants done. The set is sealed:
// [SendAdvertisement], [AddAddresses], [RemoveAddresses], [Announce],
// [Transition], [Discard], [Notice] and [Conflict]. Actions are carried out in their order,
// those that concern addresses behind each other and off the path of the
// advertisements.
type Action interface{ action() }

// SendAdvertisement asks for one advertisement with this priority, built from
// the configuration as it is now.
type SendAdvertisement uint8

// AddAddresses asks for service addresses to be configured. The outcome is
// reported by [Machine.AddressesAdded].
type AddAddresses struct{ Addresses []netip.Prefix }

// RemoveAddresses asks for service addresses to be taken away. The end of it is
// reported by [Machine.AddressesRemoved].
type RemoveAddresses struct{ Addresses []netip.Prefix }

// Announce asks for announcements of addresses, each Count times. It is carried
// out only while the virtual router is Active: nothing is announced after a
// goodbye.
type Announce struct {
	Addresses []netip.Prefix
	Count     int
}

// Discard tells that the advertisement was rejected and has changed nothing.
type Discard Fault

// Conflict tells that another host claims an address that this router holds as the
// Active Router. It asks for nothing.
type Conflict netip.Addr

// Notice tells of something, in an accepted advertisement mostly, that an operator
// should know of. It asks for nothing.
type Notice uint8

// The notices.
const (
	NoticeAddressList   Notice = iota + 1 // version 3: the peer advertises other addresses (RFC 9568 section 7.1)
	NoticeInterval                        // version 3: the peer has another interval, which is learned
	NoticeCompetitor                      // another router is Active at the same time and yields to this one
	NoticeEqualPriority                   // a peer has the same priority: both will claim at the same time
	NoticeSecondOwner                     // a second router says that it owns the addresses (erratum 8298)
	NoticeOwnAddress                      // one of the peers is this router itself, and left out
	NoticeClockDrift                      // the clock of a peer differs by more than half of the window; see [Verdict]
	NoticeOnlyVersion3                    // with WithV2: a peer doesn't send version 2, so that it may be given up, or has to be switched on there
	numNotices
)

// String says the notice in a few words.
func (n Notice) String() string {
	if n == 0 || n >= numNotices {
		return fmt.Sprintf("notice %d", uint8(n))
	}
	return [...]string{"peer has other addresses", "peer has another interval", "competing active router",
		"peer of equal priority", "second address owner", "own address among the peers", "clocks differ", "peer doesn't send version 2"}[n-1]
}

func (SendAdvertisement) action() {}
func (AddAddresses) action()      {}
func (RemoveAddresses) action()   {}
func (Announce) action()          {}
func (Transition) action()        {}
func (Discard) action()           {}
func (Conflict) action()          {}
func (Notice) action()            {}
