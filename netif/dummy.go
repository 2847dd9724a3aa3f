// SPDX-License-Identifier: Apache-2.0

package netif

import "errors"

// Why a link can't be made or removed. To be tested for with [errors.Is].
var (
	// ErrLinkExists says that there is another link of that name, which is of another kind or made otherwise.
	ErrLinkExists = errors.New("another link has the name")

	// ErrLinkInUse says that a link was not removed as it has addresses.
	ErrLinkInUse = errors.New("link has addresses")
)

// ownAlias begins the alias of a link that this module made.
const ownAlias = "fhrp:"

// DummyName is the usual name of a dummy interface.
const DummyName = "dummy0"

// A Dummy is an interface that is always up and leads nowhere: a place for service addresses. The kernel answers ARP
// requests for them on every link, unless its setting arp_ignore forbids it, but no IPv6 neighbour solicitations, for which
// there is [NeighborProxy].
// It is safe for concurrent use.
//
// It stays in the network namespace of the thread that called AddDummy, whichever thread calls its methods.
type Dummy struct {
	sys *madeLink
}

// AddDummy makes a dummy interface, unless there is one of that name, and sets it up. One that is new gets no
// link-local address. An empty name stands for [DummyName].
//
// It needs CAP_NET_ADMIN, and the error matches [os.ErrPermission] if that is missing; [errors.ErrUnsupported] if the
// kernel has no driver for it, or this is not Linux; [ErrLinkExists] if a link of another kind has the name.
func AddDummy(name string) (*Dummy, error) {
	if name == "" {
		name = DummyName
	}
	sys, err := addDummy(name)
	if err != nil {
		return nil, err
	}
	return &Dummy{sys}, nil
}

// Name returns the name of the interface.
func (d *Dummy) Name() string { return d.sys.name }

// Made reports whether the interface is one that this module made, by this call or in an earlier run that did not end
// in order. It carries the module's mark: an alias (ip-link(8), ifalias) that begins with "fhrp:".
func (d *Dummy) Made() bool { return d.sys.own }

// Remove removes the interface if this module made it, and otherwise leaves it as it is. It must be the last call; a
// second one does nothing. If addresses are left on the interface it stays, for whoever put them there, and the
// error matches [ErrLinkInUse].
func (d *Dummy) Remove() error { return d.sys.remove(true) }
