// SPDX-License-Identifier: Apache-2.0

package netlab

// Unwire deletes ethN of the host, as pulling out a card does, and the port of the switch with it.
func (h *Host) Unwire(link int) error { return h.unwire(link) }

// Rewire makes ethN anew after [Host.Unwire], with other numbers and another MAC address, and plugs it in. It has the
// addresses of the host and is ready to be used.
func (h *Host) Rewire(link int) error { return h.rewire(link) }

// Direction is a way that packets go.
type Direction uint8

const (
	Incoming Direction = iota // to the host
	Outgoing                  // from it
)

// Drop has the packet filter of the host drop all packets of an IP protocol that go one way. The error matches
// [errors.ErrUnsupported] if the kernel has no nf_tables.
func (h *Host) Drop(protocol uint8, d Direction) error { return h.drop(protocol, d) }

// Undrop ends every [Host.Drop].
func (h *Host) Undrop() error { return h.undrop() }

// Sender sends frames out of a link, as they are. It is safe for concurrent use but for [Sender.Close], which must be
// the last call.
type Sender struct{ sys senderSys }

// Sender returns one for ethN.
func (h *Host) Sender(link int) (*Sender, error) { return h.sender(link) }

// Send sends frames, which begin with the Ethernet header, one after the other.
func (s *Sender) Send(frames ...[]byte) error { return s.send(frames) }

// Close closes it.
func (s *Sender) Close() error { return s.close() }

// Deliver sends a frame from the switch to ethN of the host alone, as it is.
func (h *Host) Deliver(link int, frame []byte) error { return h.deliver(link, frame) }

// Sockets returns which sockets are open in the host's namespace, the kernel's and those of the lab included: the name
// of a table of /proc/net and a number, such as "packet 4711". A socket that is the same has the same number.
func (h *Host) Sockets() (map[string]bool, error) { return h.sockets() }

// Processes returns the processes that are in the host's namespace. One that has ended and was not waited for is in
// none.
func (h *Host) Processes() ([]int, error) { return h.processes() }
