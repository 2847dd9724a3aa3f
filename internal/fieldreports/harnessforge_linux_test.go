// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/checksum"
	"github.com/go-fhrp/fhrp/vrrp"
)

// forged returns a frame with an advertisement that comes from an address that need not be anybody's: with the checksum
// of RFC 9568, until change has had the message.
func (b *bench) forged(src netip.Addr, cfg vrrp.VirtualRouterConfig, change func(message []byte)) []byte {
	b.Helper()
	adv := vrrp.Advertisement{Version: cfg.Version, VRID: cfg.VRID, Priority: cfg.Priority, Interval: cfg.Interval,
		AuthType: cfg.AuthType, AuthData: cfg.AuthData}
	if adv.Version == 0 {
		adv.Version = vrrp.V3
	}
	for _, p := range cfg.Addresses {
		adv.Addresses = append(adv.Addresses, p.Addr())
	}
	group := vrrp.GroupIPv4()
	if src.Is6() {
		group = vrrp.GroupIPv6()
	}
	message, err := adv.Append(nil, src, group, vrrp.ChecksumMessage)
	b.must(err)
	if change != nil {
		change(message)
	}
	return packet(src, group, message)
}

// packet returns a frame with a packet of protocol 112 to a group.
func packet(src, group netip.Addr, message []byte) []byte {
	frame := []byte{0x01, 0x00, 0x5e, 0, 0, 18, 0x02, 0, 0, 0, 0, 0x99, 0x08, 0x00}
	if src.Is6() {
		frame = []byte{0x33, 0x33, 0, 0, 0, 0x12, 0x02, 0, 0, 0, 0, 0x99, 0x86, 0xdd, 0x60, 0, 0, 0}
		frame = binary.BigEndian.AppendUint16(frame, uint16(len(message)))
		frame = append(append(frame, vrrp.Protocol, 255), append(src.AsSlice(), group.AsSlice()...)...)
		return append(frame, message...)
	}
	header := binary.BigEndian.AppendUint16([]byte{0x45, 0}, uint16(20+len(message)))
	header = append(header, 0, 0, 0, 0, 255, vrrp.Protocol, 0, 0)
	header = append(append(header, src.AsSlice()...), group.AsSlice()...)
	binary.BigEndian.PutUint16(header[10:], ^checksum.Fold(checksum.Sum(header, 0)))
	return append(append(frame, header...), message...)
}

// inject sends a frame out of an interface of a host, as it is.
func (b *bench) inject(host, link string, frame []byte) {
	b.Helper()
	b.within(host, func() error { return send(link, frame) })
}

// send sends a frame out of an interface, as it is.
func send(link string, frame []byte) error {
	fd, index, err := packetSocket(link)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Sendto(fd, frame, 0, &unix.SockaddrLinklayer{Ifindex: index})
}

// packetSocket returns a socket that sends frames and receives none, and the number of the interface.
func packetSocket(link string) (fd, index int, err error) {
	if fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
		return -1, 0, err
	}
	ifreq, err := unix.NewIfreq(link)
	if err == nil {
		err = unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, ifreq)
	}
	if err != nil {
		unix.Close(fd)
		return -1, 0, err
	}
	return fd, int(ifreq.Uint32()), nil
}

// repeat sends a frame out of an interface of a host again and again until the function that it returns is called or the
// test ends.
func (b *bench) repeat(host, link string, frame []byte, every time.Duration) (stop func()) {
	b.Helper()
	end := make(chan struct{})
	done := b.host(host).Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			if err := send(link, frame); err != nil {
				b.Error(err)
				return
			}
			select {
			case <-tick.C:
			case <-end:
				return
			}
		}
	})
	stop = sync.OnceFunc(func() {
		close(end)
		<-done
	})
	b.Cleanup(stop)
	return stop
}
