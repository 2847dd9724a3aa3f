// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"cmp"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-fhrp/fhrp/internal/ordered"
)

// An announcedSet is the IPv4 addresses that this process has announced. The route socket is not told of service addresses
// that are added, see additionFilter: that one is here is known by its being announced. Of IPv6 all is told.
//
// It is told when one is removed, by a notice that may be read after the address was added and announced again. So the
// address goes only if the notice is known to be younger than the announcement. An address may thus stay that is there no
// more, as one does that was announced after it was removed: a claim to it is reported, to those who don't hold it. It goes
// when it is removed the next time. There are never more than were ever announced. Where two links have an address, and no
// notice told of either, it goes with the first removal, until it is announced again.
//
// It is safe for concurrent use: announcements are made by any goroutine.
type announcedSet struct {
	epoch   time.Time
	changes atomic.Uint64 // the loop asks for it in every turn, and is to wait for nobody

	mu   sync.Mutex // guards what follows, held for microseconds
	list ordered.Table[uint32, announcement]
	told bool // the loop is about to look
}

// An announcement is an address, in two words: there are thousands.
type announcement struct {
	key uint32        // see claimKey
	at  time.Duration // when it was made last, since the epoch
}

// announcedPart is how many addresses are noted at a time.
const announcedPart = 64

// Compare compares the address with another one.
func (a announcement) Compare(key uint32) int { return cmp.Compare(a.key, key) }

// now returns the time, since the epoch.
func (s *announcedSet) now() time.Duration { return time.Since(s.epoch) }

// add notes that addresses are announced, and reports whether the loop has to be told: there are new ones, for the first
// time since it looked.
func (s *announcedSet) add(now time.Duration, addrs []netip.Addr) (tell bool) {
	for part := range slices.Chunk(addrs, announcedPart) {
		tell = s.addPart(now, part) || tell
	}
	return tell
}

// addPart is add for a few.
func (s *announcedSet) addPart(now time.Duration, addrs []netip.Addr) (tell bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.list)
	for _, a := range addrs {
		if a = a.Unmap(); a.Is4() {
			key := claimKey(a)
			s.list.Set(key, announcement{key, now})
		}
	}
	if len(s.list) == before {
		return false
	}
	s.changes.Add(1)
	tell, s.told = !s.told, true
	return tell
}

// look says that the loop looks now, and returns the version: what comes after that is told.
func (s *announcedSet) look() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = false
	return s.version()
}

// removed forgets an address that no link has any more. What was announced before the time settled was so before the address
// was removed.
func (s *announcedSet) removed(a netip.Addr, settled time.Duration) {
	if !a.Is4() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.list.Get(claimKey(a)); known != (announcement{}) && known.at < settled {
		s.list.Drop(known.key)
		s.shrunk()
	}
}

// confirm forgets those announced before the time began that no link has, as a list of all addresses shows that was asked
// for then.
func (s *announcedSet) confirm(began time.Duration, has func(netip.Addr) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.list)
	s.list = slices.DeleteFunc(s.list, func(a announcement) bool { return a.at < began && !has(addrOf(a.key)) })
	if len(s.list) < before {
		s.shrunk()
	}
}

// shrunk notes that there are fewer. The caller holds mu.
func (s *announcedSet) shrunk() {
	s.changes.Add(1)
	if len(s.list) == 0 {
		s.list = nil // gives the memory back
	}
}

// has reports whether an address is among them.
func (s *announcedSet) has(a netip.Addr) bool {
	if !a.Is4() {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list.Get(claimKey(a)) != announcement{}
}

// version counts the changes.
func (s *announcedSet) version() uint64 { return s.changes.Load() }

// appendKeys appends the keys of all.
func (s *announcedSet) appendKeys(keys []uint32) []uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.list {
		keys = append(keys, a.key)
	}
	return keys
}
