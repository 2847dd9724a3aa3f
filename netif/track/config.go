// SPDX-License-Identifier: Apache-2.0

package track

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// Config says what a [Tracker] runs and how often. The zero value of all but the check is keepalived's default.
type Config struct {
	// Name is the condition's. It is in each report and error.
	Name string

	// Check looks once. nil is success. Its context ends at the time-out and when the tracker is stopped, and it should
	// return then: while it doesn't, it isn't called again.
	Check func(ctx context.Context) error

	// Number is a check that yields a number, in the place of Check.
	Number func(ctx context.Context) (int, error)

	// Interval is the time from the beginning of one run to that of the next; 0 is 1 s. What was missed, because a run took
	// longer, is not made up for.
	Interval time.Duration

	// Timeout is how long a run may take, by the monotonic clock; 0 is Interval. It may be longer than Interval.
	Timeout time.Duration

	// Rise is how many successes in succession it takes to get from Down to Up, Fall how many failures from Up to Down.
	// 0 is 1.
	Rise, Fall int

	// Initial is the state before the first outcome. Unknown: the first outcome decides alone, whatever Rise and Fall are,
	// and until then a condition with [Action].Fault keeps a virtual router out of the election, as in keepalived. Up suits
	// a condition that is added to a virtual router that runs. Down is keepalived's init_fail. It is not reported.
	Initial State

	// Phase is the time from the first run, which is begun at once, to the second; those after it follow at the Interval.
	// 0 is a random time up to Interval, so that trackers that are started together don't run together.
	Phase time.Duration

	// Pool bounds how many checks run at once. nil: no bound.
	Pool *Pool

	// Report is called after each change, on the goroutine of Run: in order, each change once, and not after Run has
	// returned. The next run of the check waits until Report has returned, and so does Run, which Report must not wait for.
	// nil: nobody is told.
	Report func(Change)
}

// validate returns what is wrong.
func (c *Config) validate() error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("track: %s: "+format, append([]any{c.Name}, args...)...)
	}
	switch {
	case (c.Check == nil) == (c.Number == nil):
		return wrong("there must be a check or a number, and not both")
	case c.Interval < 0:
		return wrong("interval %v: must not be negative", c.Interval)
	case c.Timeout < 0:
		return wrong("timeout %v: must not be negative", c.Timeout)
	case c.Phase < 0:
		return wrong("phase %v: must not be negative", c.Phase)
	case c.Rise < 0:
		return wrong("rise %d: must not be negative", c.Rise)
	case c.Fall < 0:
		return wrong("fall %d: must not be negative", c.Fall)
	case c.Initial > Down:
		return wrong("initial state %v: must be unknown, up or down", c.Initial)
	}
	return nil
}

// complete puts the defaults in.
func (c *Config) complete() {
	if c.Interval == 0 {
		c.Interval = time.Second
	}
	if c.Timeout == 0 {
		c.Timeout = c.Interval
	}
	if c.Phase == 0 {
		c.Phase = 1 + rand.N(c.Interval)
	}
	c.Rise, c.Fall = max(c.Rise, 1), max(c.Fall, 1)
}

// look runs the check.
func (c *Config) look(ctx context.Context) outcome {
	if c.Number != nil {
		n, err := c.Number(ctx)
		return outcome{number: n, err: err}
	}
	return outcome{err: c.Check(ctx)}
}
