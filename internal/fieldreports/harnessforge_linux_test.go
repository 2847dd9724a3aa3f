// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"time"

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

// inject sends a frame out of eth0 of a host, as it is.
func (b *bench) inject(host string, frame []byte) {
	b.Helper()
	s, err := b.host(host).Sender(0)
	b.must(err)
	defer s.Close()
	b.must(s.Send(frame))
}

// repeat sends a frame out of eth0 of a host again and again until the function that it returns is called or the test
// ends.
func (b *bench) repeat(host string, frame []byte, every time.Duration) (stop func()) {
	b.Helper()
	s, err := b.host(host).Sender(0)
	b.must(err)
	end, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			if err := s.Send(frame); err != nil {
				b.Error(err)
				return
			}
			select {
			case <-tick.C:
			case <-end:
				return
			}
		}
	}()
	stop = sync.OnceFunc(func() {
		close(end)
		<-done
		s.Close()
	})
	b.Cleanup(stop)
	return stop
}
