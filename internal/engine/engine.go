// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
	"github.com/go-fhrp/fhrp/internal/holder"
	"github.com/go-fhrp/fhrp/internal/loop"
	"github.com/go-fhrp/fhrp/internal/quietlog"
)

// Config is what an engine works with. Network, Receive and what the protocol is
// called are required.
type Config struct {
	Protocol string // "vrrp": errors begin with it
	Noun     string // "virtual_router": what a seat is called in the log
	Closed   error  // is returned for what has ended

	Network   Network
	Announcer Announcer        // default: Network, if it is one
	Guard     Guard            // may be nil
	Now       func() time.Time // default time.Now
	Log       *quietlog.Log    // may be nil
	Workers   int              // goroutines that do address work, default 8
	Select    bool             // have packets dropped whose identifier no seat has, if Network is a Selector
	Timeout   time.Duration    // of one call to a Backend or Announcer, default 10s

	// Inherit, if not nil, is called on the loop, once, when the ports have been opened and
	// nothing else has been done. Until it returns nothing is. With it seats take over
	// from those of another engine, see [Seat.Inherit]. An error ends the engine, which
	// has then touched nothing.
	Inherit func() error
	// Ended is called when all is done, on the loop; nil for nothing.
	Ended func()
	// Receive is called on the loop for each packet, with the time of its
	// arrival, which is in this turn or between the last one and this. payload
	// is valid until it returns.
	Receive func(p *Port, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)
	// ReceiveAH is called likewise, for each whole packet with an authentication
	// header. It may be nil if no seat has SeatConfig.AH.
	ReceiveAH func(p *Port, at time.Time, packet []byte)
}

// Engine takes part in any number of elections from one loop. Its methods are safe
// for concurrent use but for those that say that they are for the loop; the others
// must not be called on it.
type Engine struct {
	cfg     Config
	network Network
	ah      AHNetwork // nil if network is none
	loop    *loop.Loop
	pool    *holder.Pool
	work    *holder.Common // what all seats have in common of their address work
	log     *quietlog.Log

	// What follows belongs to the loop.
	ports      map[int]*Port
	seats      []*Seat                  // in the order of their addition
	reserved   map[string]reserved      // the service addresses of the seats on each link
	given      map[*Seat][]netip.Prefix // addresses that seats have given up; of most none
	deadlines  deadline.Queue[*Seat]
	leases     map[leaseKey]*lease
	wanted     []*lease       // to be renewed in this turn
	now, last  time.Time      // of this turn and of the one before
	clock      deadline.Clock // of now, and of what was before
	epoch      time.Time      // where the grid of advertisements begins
	until      time.Time      // what the last turn asked to be woken at
	turns      int
	harmless   time.Duration // lateness that no seat need be asked about; 0: not known, or none
	woken      time.Time     // when the clock was last looked at for having stood still
	asleep     time.Duration // for how long the host had been suspended then
	late       time.Duration // for how long this turn found that the loop stood still
	uncounted  time.Duration // for how long of that the host was suspended, which the clock doesn't count
	headed     int           // seats with SeatConfig.AH
	wills      int32         // identifiers given out to the guard
	leaving    int           // seats that are being removed
	unselected bool          // a port has come to have other identifiers
	unsent     uint64        // packets that the network could not send
	left       []error       // addresses that could not be removed
	started    bool          // Run was called
	asked      bool          // Stop was called
	stopping   bool
	closed     bool
	waiting    bool  // for Config.Inherit
	inherited  int   // the first turn after that
	failed     error // why it came to nothing
	calls      callbacks
}

// callbacks are the functions that Network is given, made once.
type callbacks struct {
	link      func(port int, up bool, addrs []netip.Addr, err error)
	receive   func(port int, src, dst netip.Addr, hopLimit uint8, at time.Time, payload []byte)
	receiveAH func(port int, at time.Time, packet []byte)
	claim     func(port int, addr netip.Addr, mac [6]byte)
	unsent    func(port int, err error)
}

// New returns an engine without seats. It does nothing before Run.
func New(cfg Config) *Engine {
	if cfg.Announcer == nil {
		cfg.Announcer, _ = cfg.Network.(Announcer)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.Workers = cmp.Or(cfg.Workers, 8)
	cfg.Timeout = cmp.Or(cfg.Timeout, 10*time.Second)
	e := &Engine{cfg: cfg, network: cfg.Network, loop: loop.New(cfg.Network), pool: holder.NewPool(), log: cfg.Log,
		ports: map[int]*Port{}, reserved: map[string]reserved{}, given: map[*Seat][]netip.Prefix{}, leases: map[leaseKey]*lease{}}
	e.work = &holder.Common{Pool: e.pool, Announcer: cfg.Announcer, Timeout: cfg.Timeout, Idle: cfg.Network.Wake}
	e.now, e.waiting = cfg.Now(), cfg.Inherit != nil
	e.clock.Set(e.now)
	e.epoch = e.now
	e.suspended()
	e.ah, _ = cfg.Network.(AHNetwork)
	e.calls = callbacks{e.linkChanged, e.receive, e.receiveAH, e.claimed, e.notSent}
	return e
}

// Do runs f on the loop and returns when it has run.
func (e *Engine) Do(f func()) { e.loop.Do(f) }

// Members returns the members in the order of their addition.
func (e *Engine) Members() []Member {
	var all []Member
	e.loop.Do(func() { all = e.Seated() })
	return all
}

// Seated is Members for the loop.
func (e *Engine) Seated() []Member {
	var all []Member
	for _, s := range e.seats {
		all = append(all, s.member)
	}
	return all
}

// Stopping reports whether the hand-over of everything has begun. It is for the
// loop.
func (e *Engine) Stopping() bool { return e.stopping || e.closed }

// Now returns the time of this turn. It is for the loop.
func (e *Engine) Now() time.Time { return e.now }

// Clock returns what keeps its times in little memory. It is for the loop.
func (e *Engine) Clock() *deadline.Clock { return &e.clock }

// instant returns Now as seats have it.
func (e *Engine) instant() deadline.Instant { return e.clock.Instant(e.now) }

// Unsent returns how many packets the network could not send. It is for the loop.
func (e *Engine) Unsent() uint64 { return e.unsent }

// Run takes part until ctx ends or Stop is called, hands over and returns when that
// is done, with an error that tells which addresses could not be removed, or with that
// of Config.Inherit. A second call returns Config.Closed.
func (e *Engine) Run(ctx context.Context) error {
	if err := e.open(); err != nil {
		return err
	}
	endLog := e.log.Start()
	defer endLog(time.Second)
	endWork := e.pool.Start(context.WithoutCancel(ctx), e.cfg.Workers)
	err := e.loop.Run(ctx, func() (time.Time, bool) {
		return e.turn(ctx.Err() != nil || e.asked), e.done()
	})
	endWork()
	e.loop.Do(func() { err = errors.Join(err, e.close()) })
	return err
}

// open makes sure that Run is called once.
func (e *Engine) open() (err error) {
	e.loop.Do(func() {
		if e.closed || e.started {
			err = e.cfg.Closed
		}
		e.started = true
	})
	return err
}

// Turn does what is to be done now, without blocking, in the place of Run: address
// work is done within it. It returns when it is to be called again at the latest,
// the zero time for never, and whether the hand-over that Stop asked for is done:
// then it must not be called any more. While a Backend keeps it from returning,
// another goroutine may call it.
func (e *Engine) Turn() (until time.Time, done bool) {
	e.loop.Turn(func() { until = e.turn(e.asked) })
	e.pool.Work(context.Background())
	e.loop.Turn(func() {
		if e.loop.Posted() {
			until = e.now
		}
		if done = e.done(); done && !e.closed {
			_ = e.close() // the failures were logged
		}
	})
	return until, done
}

// Stop has the next turn begin what the end of its ctx begins for Run.
func (e *Engine) Stop() { e.loop.Do(func() { e.asked = true }) }

// stop begins the hand-over of everything.
func (e *Engine) stop() {
	if e.stopping {
		return
	}
	e.stopping = true
	for _, s := range e.seats {
		s.handOver()
	}
}

// done reports whether there is nothing more to do.
func (e *Engine) done() bool { return e.failed != nil || e.stopping && e.idle() }

// idle reports whether no seat has anything left to hand over.
func (e *Engine) idle() bool {
	return !e.loop.Posted() && !slices.ContainsFunc(e.seats, func(s *Seat) bool { return !s.idle() })
}

// close takes everything apart and reports addresses that are still there.
func (e *Engine) close() error {
	e.closed = true
	for _, s := range slices.Clone(e.seats) {
		s.abandoned = e.failed != nil
		s.leave()
	}
	if e.cfg.Ended != nil {
		e.cfg.Ended()
	}
	return errors.Join(append(e.left, e.failed)...)
}
