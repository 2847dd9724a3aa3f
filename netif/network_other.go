// SPDX-License-Identifier: Apache-2.0

//go:build !linux && !freebsd

package netif

import (
	"context"
	"net/netip"
	"time"
)

// A network can't be had on this system, so that its methods are never called.
type network struct{}

func open(Config) (*network, error) { return nil, unsupported() }

func linkByName(string) (Link, error) { return Link{}, unsupported() }

func (*network) close() error                                                  { return unsupported() }
func (*network) attach(string, netip.Addr) (int, error)                        { return 0, unsupported() }
func (*network) detach(int)                                                    {}
func (*network) bind() (func(), error)                                         { return nil, unsupported() }
func (*network) wait(time.Time)                                                {}
func (*network) wake()                                                         {}
func (*network) suspended() time.Duration                                      { return 0 }
func (*network) links(func(int, bool, []netip.Addr, error))                    {}
func (*network) claims(func(int, netip.Addr, [6]byte))                         {}
func (*network) queue(int, [6]byte, netip.Addr, netip.Addr, []byte)            {}
func (*network) queueTo(int, uint8, netip.Addr, netip.Addr, []byte)            {}
func (*network) flush(func(int, error))                                        {}
func (*network) announce(context.Context, string, [6]byte, []netip.Addr) error { return unsupported() }
func (*network) attachAH(int) error                                            { return unsupported() }
func (*network) detachAH(int)                                                  {}
func (*network) receiveAH(func(int, time.Time, []byte))                        {}
func (*network) queueAH(int, []byte)                                           {}

func (*network) receive(func(int, netip.Addr, netip.Addr, uint8, time.Time, []byte)) {}

// selectPackets does nothing: all packets are handed over.
func (*network) selectPackets(int, *[256]bool) {}
