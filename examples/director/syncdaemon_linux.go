// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// Commands and attributes of generic netlink for the sync daemons, as in linux/ip_vs.h.
const (
	genlVersion     = 1
	cmdNewDaemon    = 9
	cmdDelDaemon    = 10
	attrDaemon      = 3
	daemonState     = 1
	daemonInterface = 2
	daemonID        = 3
	daemonMaxLen    = 4
	daemonGroup4    = 5
	daemonGroup6    = 6
	daemonPort      = 7
	daemonTTL       = 8
)

// kernelSync is the kernel's sync daemons.
type kernelSync struct {
	family int
	socket *nl.NetlinkSocket
}

// openSync opens the way to the sync daemons of the network namespace of this thread. The error matches errors.ErrUnsupported if
// the kernel has no IPVS.
func openSync() (*kernelSync, error) {
	family, err := netlink.GenlFamilyGet("IPVS")
	if errors.Is(err, unix.ENOENT) {
		err = fmt.Errorf("%w: %w", err, errors.ErrUnsupported)
	}
	if err != nil {
		return nil, fmt.Errorf("IPVS: %w", err)
	}
	socket, err := nl.Subscribe(unix.NETLINK_GENERIC)
	if err != nil {
		return nil, fmt.Errorf("IPVS: %w", err)
	}
	// The kernel answers within the call that asks.
	if err := socket.SetReceiveTimeout(&unix.Timeval{Usec: 200_000}); err != nil {
		socket.Close()
		return nil, fmt.Errorf("IPVS: %w", err)
	}
	return &kernelSync{int(family.ID), socket}, nil
}

func (k *kernelSync) close() { k.socket.Close() }

// start starts a daemon. One that runs already is left as it is.
func (k *kernelSync) start(role syncRole, s *keepalived.SyncDaemon) error {
	daemon := nl.NewRtAttr(attrDaemon|unix.NLA_F_NESTED, nil)
	daemon.AddRtAttr(daemonState, nl.Uint32Attr(uint32(role)))
	daemon.AddRtAttr(daemonInterface, nl.ZeroTerminated(s.Interface))
	daemon.AddRtAttr(daemonID, nl.Uint32Attr(uint32(max(s.ID, 0))))
	if s.MaxLen > 0 {
		daemon.AddRtAttr(daemonMaxLen, nl.Uint16Attr(uint16(s.MaxLen)))
	}
	if s.Group.Is4() {
		daemon.AddRtAttr(daemonGroup4, s.Group.AsSlice())
	} else if s.Group.Is6() {
		daemon.AddRtAttr(daemonGroup6, s.Group.AsSlice())
	}
	if s.Port > 0 {
		daemon.AddRtAttr(daemonPort, nl.Uint16Attr(s.Port))
	}
	if s.TTL > 0 {
		daemon.AddRtAttr(daemonTTL, nl.Uint8Attr(s.TTL))
	}
	if err := k.insist(cmdNewDaemon, daemon); !errors.Is(err, unix.EEXIST) {
		return err
	}
	return nil
}

// stop stops a daemon. That none runs is no error. The kernel stops one that it has not run yet, and then gives no answer
// (its netlink_rcv_skb has none for EINTR, which kthread_stop returns): asked again it says that there is none.
func (k *kernelSync) stop(role syncRole) error {
	daemon := nl.NewRtAttr(attrDaemon|unix.NLA_F_NESTED, nil)
	daemon.AddRtAttr(daemonState, nl.Uint32Attr(uint32(role)))
	err := k.insist(cmdDelDaemon, daemon)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	return err
}

// insist sends a command until the kernel says something, a few times at most.
func (k *kernelSync) insist(command uint8, data nl.NetlinkRequestData) error {
	const times = 5
	var err error
	for range times {
		if err = k.call(command, data); !errors.Is(err, errNoAnswer) {
			break
		}
	}
	return err
}

// call sends a command and waits for what the kernel says. The error is errNoAnswer if that is nothing.
func (k *kernelSync) call(command uint8, data nl.NetlinkRequestData) error {
	request := nl.NewNetlinkRequest(k.family, unix.NLM_F_ACK)
	request.AddData(&nl.Genlmsg{Command: command, Version: genlVersion})
	request.AddData(data)
	if err := k.socket.Send(request); err != nil {
		return err
	}
	for {
		messages, _, err := k.socket.Receive()
		if errors.Is(err, unix.EAGAIN) || errors.Is(err, os.ErrDeadlineExceeded) {
			return errNoAnswer
		}
		if err != nil {
			return err
		}
		for _, m := range messages {
			if m.Header.Seq != request.Seq || m.Header.Type != unix.NLMSG_ERROR {
				continue
			}
			if code := int32(binary.NativeEndian.Uint32(m.Data)); code != 0 {
				return unix.Errno(-code)
			}
			return nil
		}
	}
}
