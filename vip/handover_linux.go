// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/legacy"
)

// claim returns a duplicate of the socket that claims the mark.
func (k *Keeper) claim() (*os.File, error) {
	var file *os.File
	err := k.device.use(context.Background(), func() error {
		fd := k.sys.lock.claim
		if k.sys.closed || fd < 0 {
			return nil
		}
		dup, err := duplicate(fd)
		if err == nil {
			file = os.NewFile(uintptr(dup), "claim of "+k.device.name)
		}
		return err
	})
	return file, err
}

// duplicate returns another descriptor of the same open file.
func duplicate(fd int) (int, error) {
	dup, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	return dup, os.NewSyscallError("fcntl", err)
}

// handOver takes the turn of the device until the end.
func (k *Keeper) handOver(ctx context.Context) ([]byte, func(taken bool), error) {
	select {
	case k.device.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	data, err := k.bequeath()
	if err != nil {
		<-k.device.turn
		return nil, nil, err
	}
	return data, func(taken bool) {
		if taken {
			k.part()
		}
		<-k.device.turn
	}, nil
}

// bequeath returns what the keeper leaves.
func (k *Keeper) bequeath() ([]byte, error) {
	s, now := &k.sys, time.Now()
	if s.closed || k.device.closed {
		return nil, net.ErrClosed
	}
	l := keeperLegacy{Made: now.UnixNano(), Device: k.device.name, Mark: s.book.mark}
	if !k.device.owner.inKernel {
		l.Own = slices.SortedFunc(slices.Values(k.device.owner.own()), netip.Prefix.Compare)
	}
	clock := legacy.Writer(now)
	for _, w := range s.book.wishes {
		l.Wishes = append(l.Wishes, wishLegacy{w.prefix, clock.Offset(w.until), w.single, w.held})
	}
	return legacy.Encode("vip", legacyVersion, l)
}

// part leaves what is there to the other keeper.
func (k *Keeper) part() {
	s := &k.sys
	s.book.wishes = nil
	s.book.sole, s.taken = false, true
	s.lock.close()
}

// inherit takes the place of another keeper.
func (k *Keeper) inherit(data []byte, claim *os.File) error {
	var l keeperLegacy
	if err := legacy.Decode(data, "vip", legacyVersion, &l); err != nil {
		return err
	}
	if err := l.check(k.device.name); err != nil {
		return err
	}
	return k.device.use(context.Background(), func() error {
		return k.whileOpen(func() error { return k.succeed(&l, claim) })
	})
}

// succeed becomes the keeper that has left this.
func (k *Keeper) succeed(l *keeperLegacy, claim *os.File) error {
	s, owner := &k.sys, &k.device.owner
	if len(s.book.wishes) > 0 {
		return errors.New("it has addresses already")
	}
	if err := s.lock.adopt(l.Mark, claim); err != nil {
		return err
	}
	s.book.mark, owner.mark, s.book.sole = l.Mark, l.Mark, l.Mark != unlocked
	for _, p := range l.Own {
		owner.ascribe(p, l.Mark)
	}
	clock := legacy.Reader(time.Now(), l.Made)
	for _, w := range l.Wishes {
		s.book.wishes.Set(place(w.Prefix), &wish{prefix: w.Prefix, until: clock.Time(w.Until), single: w.Single, passed: true, held: w.Held})
	}
	s.stale, s.book.dirty = true, true // whose an address is has to be looked at again
	return nil
}

// adopt takes over the claim of another process to a mark, in the place of the own one. Without a
// mark there is no claim.
func (l *lock) adopt(mark uint8, claim *os.File) error {
	if (claim == nil) != (mark == unlocked) {
		return errors.New("claim and mark don't belong together")
	}
	if claim == nil {
		l.close()
		return nil
	}
	raw, err := claim.SyscallConn()
	if err != nil {
		return err
	}
	fd := -1
	controlled := raw.Control(func(number uintptr) {
		name, nameErr := unix.Getsockname(int(number))
		bound, ok := name.(*unix.SockaddrUnix)
		if nameErr != nil || !ok || bound.Name != l.name(mark).(*unix.SockaddrUnix).Name {
			err = errors.New("the claim is to something else")
			return
		}
		fd, err = duplicate(int(number))
	})
	if err := cmp.Or(controlled, err); err != nil {
		return err
	}
	if l.claim >= 0 {
		unix.Close(l.claim)
	}
	l.claim = fd
	return nil
}
