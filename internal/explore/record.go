// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"fmt"
	"time"
)

// record takes down what happens as the lines of a transcript. A nil record takes
// down nothing.
type record struct {
	lines []string
	at    time.Time // how far the transcript's clock is
}

// event takes down the input of a machine.
func (r *record) event(c *Cluster, i int, at time.Time, e Event) {
	if r == nil {
		return
	}
	r.pass(c.now)
	line := c.rules.Names[i] + ": " + c.rules.Line(i, e)
	if ago := c.now.Sub(at); ago > 0 {
		line += fmt.Sprintf(" ago=%v", ago)
	}
	r.lines = append(r.lines, line)
}

// comment takes down what is no input.
func (r *record) comment(c *Cluster, format string, args ...any) {
	if r == nil {
		return
	}
	r.pass(c.now)
	r.lines = append(r.lines, "# "+fmt.Sprintf(format, args...))
}

// pass has time pass.
func (r *record) pass(to time.Time) {
	if d := to.Sub(r.at); d > 0 {
		r.lines = append(r.lines, fmt.Sprintf("wait %v", d))
	}
	r.at = to
}

// Replay returns where the way to a violation leads to, and the way as the lines of
// a transcript: from c, whose nodes are not started, and which is booted first if
// the exploration began with one that was.
func (c *Cluster) Replay(boot bool, v *Violation) (end *Cluster, lines []string) {
	end = c.copy()
	end.record = &record{at: c.now}
	var err error
	if boot {
		end.record.comment(end, "all start")
		end, err = end.Boot()
		end.record.comment(end, "from here on everything is tried")
	}
	for _, s := range v.Path {
		if err != nil {
			break
		}
		var w World
		w, err = end.Apply(s)
		end = w.(*Cluster)
	}
	if err == nil && v.Final {
		end.record.comment(end, "from here on nothing more goes wrong")
		end, err = end.rest()
	}
	if err == nil {
		err = end.Check()
	}
	end.record.comment(end, "%v", err)
	return end, end.record.lines
}
