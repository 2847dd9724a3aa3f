// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"example.com/bad/netif" // want Imports example.com/bad/vrrp imports example.com/bad/netif: a protocol uses the standard library, pure internal packages and track; it declares the interfaces it needs
)

// Packet is fine.
type Packet struct{ port netif.Port }

func init() {} // want NoInit func init

// Groups are fine.
const (
	GroupOne = 1
	GroupTwo = 2
)

const Three = 3

// want-2 Documented Three is exported and has no comment

func (p Packet) Length() int { return 0 } // want Documented Length is exported and has no comment

type hidden[T any] struct{}

func (hidden[T]) Method() {}

type (
	// Known is fine.
	Known int

	Unknown int // want Documented Unknown is exported and has no comment
)
