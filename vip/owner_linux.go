// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"maps"
	"net/netip"
	"os"
	"strings"
)

// findOrphans finds out which keepers are no more that have left addresses. A new one may come to use their mark the
// next moment: what is then removed of it, it puts back.
func (k *Keeper) findOrphans() {
	b := k.sys.book
	b.orphans = nil
	if b.others == 0 {
		return
	}
	b.orphans = make(map[uint8]bool)
	for _, r := range b.held {
		if _, known := b.orphans[r.mark]; !known && b.isOthers(r) {
			b.orphans[r.mark] = k.sys.lock.free(r.mark)
		}
	}
}

// newState returns the notes on the disk, where they are needed. They are about this boot and this network namespace.
func (k *Keeper) newState() (*stateDir, error) {
	if k.device.owner.inKernel || k.config.StateDir == "" {
		return nil, nil
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return nil, err
	}
	namespace, err := os.Readlink("/proc/thread-self/ns/net")
	if err != nil {
		return nil, err
	}
	return newStateDir(k.config.StateDir, k.device.name, "boot "+strings.TrimSpace(string(boot))+" "+namespace)
}

// saveState notes on the disk what is ours, where that is needed. It tells when that fails, but not how often.
func (k *Keeper) saveState() {
	s := &k.sys
	if s.state == nil || s.book.index == 0 || !s.book.sole {
		return
	}
	err := s.state.write(s.book.mark, s.book.index, k.device.owner.own())
	if err != nil && !s.state.failed {
		s.book.note(EventFailed, netip.Prefix{}, 0, err)
	}
	s.state.failed = err != nil
}

// loadState reads what is whose, and forgets what is not there any more.
func (k *Keeper) loadState(held []heldAddr) {
	s, o := &k.sys, &k.device.owner
	if o.inKernel {
		return
	}
	there := make(map[netip.Prefix]bool, len(held))
	for _, h := range held {
		there[place(h.prefix)] = true
	}
	for mark := uint8(Protocol); s.state != nil && s.book.sweep && mark < unlocked; mark++ {
		for _, p := range s.state.read(mark, s.book.index) {
			o.ascribe(p, mark)
		}
	}
	maps.DeleteFunc(o.remembered, func(p netip.Prefix, _ uint8) bool { return !there[p] })
}
