// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"encoding/binary"

	"github.com/go-fhrp/fhrp/internal/checksum"
)

// Append appends the message to b and returns the extended slice. It allocates
// only if b has no room. The same octets go to IPv4 and to IPv6: the checksum
// covers the message alone (carp_send_ad of OpenBSD, carp_send_ad_locked of
// FreeBSD). Nothing may follow them, because FreeBSD 15 sums all of the packet.
//
// If a.VHID is 0, b is returned as it was and the error is a [*ValueError].
func (a *Advertisement) Append(b []byte) ([]byte, error) {
	if a.VHID == 0 {
		return b, &ValueError{Name: "virtual host identifier", Value: a.VHID, Allowed: "1 to 255"}
	}
	start := len(b)
	b = append(b, version<<4|typeAdvertisement, a.VHID, a.AdvSkew, authLen, a.Demote, a.AdvBase, 0, 0)
	b = binary.BigEndian.AppendUint64(b, a.Counter)
	b = append(b, a.Digest[:]...)
	message := b[start:]
	binary.BigEndian.PutUint16(message[offChecksum:], ^checksum.Fold(checksum.Sum(message, 0)))
	return b, nil
}
