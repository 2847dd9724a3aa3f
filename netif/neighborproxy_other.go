// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package netif

import (
	"log/slog"
	"net/netip"
)

// A neighborProxy can't be had on this system, so that its methods are never called.
type neighborProxy struct{}

func openNeighborProxy(string, *slog.Logger) (*neighborProxy, error) { return nil, unsupported() }

func (*neighborProxy) answer(netip.Addr, [6]byte) error { return unsupported() }
func (*neighborProxy) ignore(netip.Addr)                {}
func (*neighborProxy) close() error                     { return unsupported() }
