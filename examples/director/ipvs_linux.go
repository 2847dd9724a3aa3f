// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/moby/ipvs"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// kernelTable is the table of the network namespace that it was opened in. It is for one goroutine.
type kernelTable struct{ handle *ipvs.Handle }

// openTable opens the kernel's table. The error matches errors.ErrUnsupported if the kernel has no IPVS.
func openTable() (*kernelTable, error) {
	handle, err := ipvs.New("")
	if err == nil {
		if _, err = handle.GetServices(); err != nil {
			handle.Close()
		}
	}
	if err != nil && !errors.Is(err, unix.EPERM) {
		err = fmt.Errorf("%w: %w", err, errors.ErrUnsupported)
	}
	if err != nil {
		return nil, fmt.Errorf("IPVS: %w", err)
	}
	return &kernelTable{handle}, nil
}

func (k *kernelTable) close() { k.handle.Close() }

func (k *kernelTable) services() ([]service, error) {
	list, err := k.handle.GetServices()
	if err != nil {
		return nil, err
	}
	var all []service
	for _, s := range list {
		one := service{scheduler: s.SchedName, flags: s.Flags &^ flagHashed, timeout: s.Timeout}
		one.IPv6, one.Mark, one.protocol = s.AddressFamily == unix.AF_INET6, s.FWMark, keepalived.Protocol(s.Protocol)
		if s.FWMark != 0 {
			one.protocol = 0
		} else {
			one.Addr = addrPort(s.Address, s.Port)
		}
		one.bits = prefixLength(s.Netmask, one.IPv6)
		if one.flags&flagPersistent == 0 {
			one.timeout = 0
		}
		all = append(all, one)
	}
	return all, nil
}

// addrPort returns an address as package netip has it.
func addrPort(ip net.IP, port uint16) netip.AddrPort {
	addr, _ := netip.AddrFromSlice(ip) // 4 or 16 octets
	return netip.AddrPortFrom(addr.Unmap(), port)
}

// The kernel has a netmask in network order for IPv4, and a prefix length for IPv6.
func netmask(bits int, v6 bool) uint32 {
	if v6 {
		return uint32(bits)
	}
	return binary.NativeEndian.Uint32(net.CIDRMask(bits, 32))
}

func prefixLength(mask uint32, v6 bool) int {
	if v6 {
		return int(mask)
	}
	var b [4]byte
	binary.NativeEndian.PutUint32(b[:], mask)
	bits, _ := net.IPMask(b[:]).Size()
	return bits
}

// theirs returns a service as the kernel is told.
func theirs(s service) *ipvs.Service {
	t := &ipvs.Service{
		FWMark: s.Mark, Protocol: uint16(s.protocol), SchedName: s.scheduler, Flags: s.flags, Timeout: s.timeout,
		Netmask: netmask(s.bits, s.IPv6), AddressFamily: unix.AF_INET, PEName: s.engine,
	}
	if s.IPv6 {
		t.AddressFamily = unix.AF_INET6
	}
	if s.Mark == 0 {
		t.Address, t.Port = s.Addr.Addr().AsSlice(), s.Addr.Port()
	}
	return t
}

func destination(r server) *ipvs.Destination {
	return &ipvs.Destination{
		Address: r.addr.Addr().AsSlice(), Port: r.addr.Port(), Weight: r.weight, ConnectionFlags: uint32(r.method),
		UpperThreshold: r.upper, LowerThreshold: r.lower,
	}
}

func (k *kernelTable) servers(s service) ([]server, error) {
	list, err := k.handle.GetDestinations(theirs(s))
	if err != nil {
		return nil, err
	}
	var all []server
	for _, d := range list {
		all = append(all, server{
			addr: addrPort(d.Address, d.Port), method: keepalived.Method(d.ConnectionFlags & ipvs.ConnectionFlagFwdMask),
			weight: d.Weight, upper: d.UpperThreshold, lower: d.LowerThreshold,
		})
	}
	return all, nil
}

func (k *kernelTable) addService(s service) error    { return k.handle.NewService(theirs(s)) }
func (k *kernelTable) setService(s service) error    { return k.handle.UpdateService(theirs(s)) }
func (k *kernelTable) removeService(s service) error { return k.handle.DelService(theirs(s)) }

func (k *kernelTable) addServer(s service, r server) error {
	return k.handle.NewDestination(theirs(s), destination(r))
}

func (k *kernelTable) setServer(s service, r server) error {
	return k.handle.UpdateDestination(theirs(s), destination(r))
}

func (k *kernelTable) removeServer(s service, r server) error {
	return k.handle.DelDestination(theirs(s), destination(r))
}
