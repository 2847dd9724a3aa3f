// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// keeperSys is what Linux needs of a Keeper. It is in use by whoever has the turn of the device.
type keeperSys struct {
	watch  *watch
	lock   lock
	book   *book
	state  *stateDir // nil: none is needed, or wanted
	stale  bool      // all that is there has to be listed
	moved  []moved
	closed bool
	taken  bool          // another process has taken over
	done   chan struct{} // closed when the goroutine has ended

	// What one request used is there for the next one.
	wishes   []*wish
	steps    []step
	orders   []order
	removals []job
}

// moved is an address of ours on a device that does not have the name any more.
type moved struct {
	index int32
	addr  netip.Prefix
}

// open takes the device, sweeps it, and begins to watch over it.
func (k *Keeper) open() (err error) {
	if k.sys.watch, err = newWatch(); err != nil {
		return err
	}
	err = k.device.use(context.Background(), func() error {
		err := k.take()
		if err == nil {
			k.tend()
		}
		return err
	})
	if err != nil {
		k.sys.watch.close()
		return err
	}
	go k.run()
	return nil
}

// take makes the device the keeper's.
func (k *Keeper) take() (err error) {
	d, s := k.device, &k.sys
	if d.kept {
		return errors.New("it has a keeper already")
	}
	if err := sameNamespace(d.sys.conn.fd, s.watch.conn.fd); err != nil {
		return err
	}
	if s.state, err = k.newState(); err != nil {
		return err
	}
	s.book = newBook(d.name, k.config)
	var locked error
	s.lock, s.book.mark, locked = newLock(d.name)
	s.book.sole = locked == nil
	if locked != nil {
		s.book.note(EventUnlocked, netip.Prefix{}, 0, locked)
	}
	s.watch.conn.buffer = d.sys.conn.buffer // in use by whoever has the turn, as the book is
	d.kept, d.owner.mark, d.owner.inLabels = true, s.book.mark, true
	s.stale, s.done = true, make(chan struct{})
	return nil
}

// sameNamespace returns an error if two sockets are known to be in different network namespaces.
func sameNamespace(a, b int) error {
	x, errX := unix.GetsockoptUint64(a, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
	y, errY := unix.GetsockoptUint64(b, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
	if errX == nil && errY == nil && x != y {
		return errors.New("it is in another network namespace than this thread")
	}
	return nil
}

// whileOpen calls f, unless the keeper is closed, and has the goroutine look after what f leaves to be done.
func (k *Keeper) whileOpen(f func() error) error {
	s := &k.sys
	if s.closed {
		return net.ErrClosed
	}
	due := s.book.due
	err := f()
	if s.stale || s.book.dirty || len(s.book.notes) > 0 || len(s.moved) > 0 || s.book.due != due {
		s.watch.ring()
	}
	return err
}

// ask wishes for addresses; an error is that of all.
func (k *Keeper) ask(ctx context.Context, jobs []*job, life lifetime) error {
	return k.whileOpen(func() error {
		if k.sys.taken {
			return errTaken
		}
		if err := k.sync(ctx); err != nil {
			return err
		}
		b, now := k.sys.book, time.Now()
		wishes := roomFor(k.sys.wishes, len(jobs))
		for _, j := range jobs {
			wishes = append(wishes, b.ask(j.prefix, life, now))
		}
		k.findOrphans()
		along := k.along(ctx, wishes)
		k.doEach(ctx, jobs, now, func(i int) (step, bool) { return b.look(wishes[i], jobs[i], along, now) })
		k.sys.wishes = emptied(wishes)
		return nil
	})
}

// doEach carries out the step of each job, if it has one, a piece after the other: the first addresses are there before the
// last are looked at, and what thousands take is no more than what a piece does.
func (k *Keeper) doEach(ctx context.Context, jobs []*job, now time.Time, of func(i int) (step, bool)) {
	for from := 0; from < len(jobs); from += maxBatch {
		if k.sys.book.doubt { // since the piece before
			_ = k.sync(ctx) // what fails here does so in what follows
		}
		to := min(from+maxBatch, len(jobs))
		steps := roomFor(k.sys.steps, to-from)
		for i := from; i < to; i++ {
			if s, ok := of(i); ok {
				steps = append(steps, s)
			}
		}
		k.do(ctx, steps, now)
		k.sys.steps = emptied(steps)
	}
}

// along returns the networks in which the end of leases takes addresses along, where that matters to wishes.
func (k *Keeper) along(ctx context.Context, wishes []*wish) map[netip.Prefix]bool {
	if !slices.ContainsFunc(wishes, k.sys.book.leasesPrimary) {
		return nil
	}
	along := k.sys.book.along()
	if len(along) > 0 {
		if l, err := k.device.sys.conn.link(ctx, k.device.name); err == nil && l.promotes {
			return nil
		}
	}
	return along
}

// drop ends the wish for addresses; an error is that of all.
func (k *Keeper) drop(ctx context.Context, jobs []*job) error {
	return k.whileOpen(func() error {
		if err := k.sync(ctx); err != nil {
			return err
		}
		k.findOrphans()
		k.doEach(ctx, jobs, time.Now(), func(i int) (step, bool) { return k.sys.book.drop(jobs[i]) })
		return nil
	})
}

// close removes what is wished for and ends the goroutine.
func (k *Keeper) close() error {
	k.device.turn <- struct{}{}
	err := k.leave()
	<-k.device.turn
	<-k.sys.done
	return err
}

// leave removes what is wished for and gives the device back.
func (k *Keeper) leave() error {
	d, s := k.device, &k.sys
	if s.closed {
		return nil
	}
	var wished []netip.Prefix
	for _, w := range s.book.wishes {
		wished = append(wished, w.prefix)
	}
	slices.SortFunc(wished, netip.Prefix.Compare)
	var js jobList
	js.take(wished)
	err := net.ErrClosed
	if !d.closed {
		err = k.drop(context.Background(), js.valid)
	}
	if err != nil {
		fail(js.valid, err)
	}
	s.closed = true
	s.lock.close()
	d.kept, d.owner = false, owner{device: d.name, mark: Protocol, inKernel: d.owner.inKernel}
	s.watch.ring()
	return join(OpRemove, d.name, js.all)
}

// A pause is how long the goroutine has nothing to do.
type pause struct {
	until time.Time // zero: until something happens
	deaf  bool      // whatever happens
}

// run looks after the addresses until the keeper is closed.
func (k *Keeper) run() {
	defer close(k.sys.done)
	defer k.sys.watch.close()
	for open := true; open; {
		var next pause
		var events []KeeperEvent
		err := k.device.use(context.Background(), func() error {
			if open = !k.sys.closed; open {
				next = k.tend()
			}
			events = k.events()
			return nil
		})
		open = open && err == nil // else the device is closed
		for _, e := range events {
			e.log(k.config.Logger)
			if k.config.Event != nil {
				k.config.Event(e)
			}
		}
		if open {
			k.sys.watch.wait(next.until, next.deaf)
		}
	}
}

// events returns what has to be told.
func (k *Keeper) events() []KeeperEvent {
	b := k.sys.book
	events := make([]KeeperEvent, len(b.notes))
	for i := range b.notes {
		events[i] = b.notes[i].event()
	}
	b.notes = nil
	return events
}

// Bounds of tend: how often it looks again when something has changed meanwhile, and how soon it is called again after
// that, or after something went wrong.
const (
	maxRounds  = 5
	roundPause = 100 * time.Millisecond
	errorPause = time.Second
)

// tend makes what is there agree with what is wished for.
func (k *Keeper) tend() pause {
	ctx, b := context.Background(), k.sys.book
	for range maxRounds {
		err := k.sync(ctx)
		now := time.Now()
		if err != nil {
			b.note(EventFailed, netip.Prefix{}, 0, err)
			return pause{until: now.Add(errorPause), deaf: true}
		}
		k.leaveMoved(ctx)
		if !b.dirty && (b.due.IsZero() || now.Before(b.due)) {
			return pause{until: b.due}
		}
		k.findOrphans()
		k.do(ctx, b.plan(now), now)
	}
	return pause{until: time.Now().Add(roundPause), deaf: true}
}

// leaveMoved removes what is ours on devices that do not have the name any more, if they are there.
func (k *Keeper) leaveMoved(ctx context.Context) {
	for _, m := range k.sys.moved {
		jobs := []job{{prefix: m.addr}}
		l, err := k.device.sys.conn.linkAt(ctx, m.index)
		if errors.Is(err, ErrNoDevice) {
			continue
		}
		if err == nil {
			err = k.device.take(ctx, l, jobs)
		}
		k.sys.book.note(EventSwept, m.addr, 0, errors.Join(err, jobs[0].err))
	}
	k.sys.moved = nil
}
