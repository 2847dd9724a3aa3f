// SPDX-License-Identifier: Apache-2.0

package netlab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"sync"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// hostSys is what Linux needs of a host. Its namespace lives as long as its descriptor is open.
type hostSys struct {
	lab *Lab
	ns  *os.File        // the namespace
	nl  *netlink.Handle // speaks rtnetlink with it

	// calls reaches the thread that made the namespace and stays in it. Processes are started there: the kernel ends
	// them with the thread that started them, so it must be one that lasts. Closed to end the thread.
	calls chan *call

	mu     sync.Mutex
	closed bool
}

// newHost makes the namespace of a host.
func newHost(l *Lab, name string, number, links int) (*Host, error) {
	h := &Host{name: name, number: number, links: links, sys: hostSys{lab: l, calls: make(chan *call)}}
	made := newCall(h.enterNew)
	onThread(func() {
		made.run()
		for c := range h.sys.calls {
			c.run()
		}
	})
	if err := made.wait(); err != nil {
		h.close()
		return nil, fmt.Errorf("netlab: host %s: %w", name, err)
	}
	return h, nil
}

// enterNew takes this thread into a new namespace, which becomes the host's.
func (h *Host) enterNew() (err error) {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return os.NewSyscallError("unshare", err)
	}
	if h.sys.ns, err = os.Open("/proc/thread-self/ns/net"); err != nil {
		return err
	}
	if h.sys.nl, err = netlink.NewHandle(unix.NETLINK_ROUTE); err != nil {
		return err
	}
	// Interfaces made later start from this. Detection takes a second in which an address can't be used.
	if err := os.WriteFile("/proc/sys/net/ipv6/conf/default/accept_dad", []byte("0"), 0); err != nil {
		return err
	}
	return setUp(h.sys.nl, "lo")
}

// setUp sets an interface administratively up.
func setUp(nl *netlink.Handle, name string) error {
	link, err := nl.LinkByName(name)
	if err == nil {
		err = nl.LinkSetUp(link)
	}
	if err != nil {
		return fmt.Errorf("interface %s up: %w", name, err)
	}
	return nil
}

// configure gives a link its addresses and sets it up.
func (h *Host) configure(link int) error {
	eth, err := h.sys.nl.LinkByName(ifName(link))
	if err != nil {
		return fmt.Errorf("interface %s: %w", ifName(link), err)
	}
	for _, p := range []netip.Prefix{h.prefix4(link), h.prefix6(link)} {
		if err := h.sys.nl.AddrAdd(eth, &netlink.Addr{IPNet: ipNet(p)}); err != nil {
			return fmt.Errorf("address %v on %s: %w", p, ifName(link), err)
		}
	}
	return setUp(h.sys.nl, ifName(link))
}

// ipNet returns a prefix as package net has it.
func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

// ready reports whether a link is up and has an IPv6 link-local address, which the kernel gives it some time after the
// carrier came.
func (h *Host) ready(link int) (bool, error) {
	eth, err := h.sys.nl.LinkByName(ifName(link))
	if err != nil || eth.Attrs().OperState != netlink.OperUp {
		return false, err
	}
	addrs, err := Whole(func() ([]netlink.Addr, error) { return h.sys.nl.AddrList(eth, netlink.FAMILY_V6) })
	if err != nil {
		return false, err
	}
	for _, a := range addrs {
		if a.IP.IsLinkLocalUnicast() && a.Flags&unix.IFA_F_TENTATIVE == 0 {
			return true, nil
		}
	}
	return false, nil
}

func (h *Host) addresses(link int) ([]netip.Prefix, error) {
	eth, err := h.sys.nl.LinkByName(ifName(link))
	if err != nil {
		return nil, fmt.Errorf("netlab: host %s: interface %s: %w", h.name, ifName(link), err)
	}
	var prefixes []netip.Prefix
	for _, family := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
		addrs, err := Whole(func() ([]netlink.Addr, error) { return h.sys.nl.AddrList(eth, family) })
		if err != nil {
			return nil, fmt.Errorf("netlab: host %s: addresses of %s: %w", h.name, ifName(link), err)
		}
		for _, a := range addrs {
			ip, _ := netip.AddrFromSlice(a.IP)
			bits, _ := a.Mask.Size()
			prefixes = append(prefixes, netip.PrefixFrom(ip.Unmap(), bits))
		}
	}
	return prefixes, nil
}

func (h *Host) setLink(link int, up bool) error {
	eth, err := h.sys.nl.LinkByName(ifName(link))
	if err == nil && up {
		err = h.sys.nl.LinkSetUp(eth)
	} else if err == nil {
		err = h.sys.nl.LinkSetDown(eth)
	}
	if err != nil {
		return fmt.Errorf("netlab: host %s: interface %s: %w", h.name, ifName(link), err)
	}
	return nil
}

func (h *Host) do(f func() error) error {
	ns, err := h.namespace()
	if err != nil {
		return err
	}
	c := newCall(func() error {
		if err := enter(ns); err != nil {
			return err
		}
		return f()
	})
	onThread(c.run)
	return c.wait()
}

func (h *Host) goOn(f func()) <-chan struct{} {
	ns, err := h.namespace()
	if err != nil {
		panic(err)
	}
	c := newCall(func() error {
		if err := enter(ns); err != nil {
			panic(err)
		}
		f()
		return nil
	})
	onThread(c.run)
	return c.done
}

// enter takes this thread into a namespace, whose descriptor it closes.
func enter(ns int) error {
	defer unix.Close(ns)
	if err := unix.Setns(ns, unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("netlab: %w", os.NewSyscallError("setns", err))
	}
	return nil
}

// namespace returns a descriptor of the host's namespace, for the caller to close. It keeps the namespace, whatever
// becomes of the lab.
func (h *Host) namespace() (int, error) {
	h.sys.mu.Lock()
	defer h.sys.mu.Unlock()
	if h.sys.closed {
		return -1, ErrClosed
	}
	ns, err := unix.FcntlInt(h.sys.ns.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	return ns, os.NewSyscallError("fcntl", err)
}

func (h *Host) start(cmd *exec.Cmd) error {
	h.sys.mu.Lock()
	defer h.sys.mu.Unlock()
	if h.sys.closed {
		return ErrClosed
	}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = unix.SIGKILL
	c := newCall(cmd.Start)
	h.sys.calls <- c
	if err := c.wait(); err != nil {
		return fmt.Errorf("netlab: host %s: %w", h.name, err)
	}
	return nil
}

// close ends the processes of the host and lets go of its namespace, which the kernel then removes with what is in it.
func (h *Host) close() error {
	h.sys.mu.Lock()
	defer h.sys.mu.Unlock()
	if h.sys.closed {
		return nil
	}
	h.sys.closed = true
	close(h.sys.calls)
	if h.sys.nl != nil {
		h.sys.nl.Close()
	}
	if h.sys.ns == nil {
		return nil
	}
	return errors.Join(endProcesses(h.sys.ns), h.sys.ns.Close())
}
