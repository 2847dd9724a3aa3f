// SPDX-License-Identifier: Apache-2.0

package jsonform

import (
	"encoding/hex"
	"fmt"
	"net"
)

// Hex is octets as hexadecimal digits, without anything between them.
type Hex []byte

// MarshalText returns the digits.
func (h Hex) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h), nil }

// UnmarshalText takes digits, in either case.
func (h *Hex) UnmarshalText(text []byte) (err error) {
	*h, err = hex.AppendDecode(nil, text)
	return err
}

// MAC is a MAC address: "00:00:5e:00:01:07".
type MAC [6]byte

// IsZero reports whether there is none, for the option omitzero.
func (m *MAC) IsZero() bool { return m == nil || *m == MAC{} }

// MarshalText returns the address.
func (m MAC) MarshalText() ([]byte, error) {
	return []byte(net.HardwareAddr(m[:]).String()), nil
}

// UnmarshalText takes an address of six octets.
func (m *MAC) UnmarshalText(text []byte) error {
	mac, err := net.ParseMAC(string(text))
	if err == nil && len(mac) != len(m) {
		err = fmt.Errorf("MAC address %q: allowed: six octets", text)
	}
	if err == nil {
		*m = MAC(mac)
	}
	return err
}
