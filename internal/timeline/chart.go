// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"fmt"
	"math"
	"time"
)

// chart is lanes in a rectangle, for some of the time.
type chart struct {
	*pen
	plot     box // where the lanes are, without their names
	from, to time.Duration
	lane     float64 // height of a lane
	gap      float64 // between lanes
	font     float64
}

// tickHeight is how far ticks reach below their lane.
const tickHeight = 7.5

// height is that of a number of lanes.
func (c *chart) height(lanes int) float64 {
	return float64(lanes)*(c.lane+c.gap) - c.gap
}

// x returns where a time is.
func (c *chart) x(at time.Duration) float64 {
	return c.plot.x + c.plot.w*float64(at-c.from)/float64(c.to-c.from)
}

// y returns where a lane begins.
func (c *chart) y(lane int) float64 { return c.plot.y + float64(lane)*(c.lane+c.gap) }

// names writes the lanes' names at the left of the plot.
func (c *chart) names(lanes []Lane) {
	for i, l := range lanes {
		middle := c.y(i) + c.lane/2
		if l.Note == "" || c.lane < 24 {
			c.text(c.plot.x-12, middle+c.font*0.36, c.font, fmt.Sprintf(`fill="%v" font-weight="600" text-anchor="end"`, dark()), l.Name)
			continue
		}
		c.text(c.plot.x-12, middle-2, c.font, fmt.Sprintf(`fill="%v" font-weight="600" text-anchor="end"`, dark()), l.Name)
		c.text(c.plot.x-12, middle+c.font*0.95, c.font*0.82, fmt.Sprintf(`fill="%v" text-anchor="end"`, gray()), l.Note)
	}
}

// spans fills the lanes.
func (c *chart) spans(lanes []Lane) {
	for i, l := range lanes {
		c.rect(box{c.plot.x, c.y(i), c.plot.w, c.lane}, 3, `fill="#f3f4f6"`)
		for _, pass := range []bool{false, true} { // alarms on top
			for _, s := range l.Spans {
				if part, ok := s.between(c.from, c.to); ok && s.Style.Alarm == pass {
					c.drawSpan(part, c.y(i))
				}
			}
		}
	}
}

// drawSpan fills a part of a lane, with the name of the style if it fits.
func (c *chart) drawSpan(s Span, y float64) {
	b := box{c.x(s.From), y, c.x(s.To) - c.x(s.From), c.lane}
	if s.Style.Alarm {
		b.w = max(b.w, 1.5)
	}
	radius := min(3, b.w/2)
	c.span(b, radius, s.Style)
	if width(s.Style.Name, c.font*0.88)+8 <= b.w {
		_, ink := s.Style.colors()
		c.text(b.x+b.w/2, y+c.lane/2+c.font*0.31, c.font*0.88, fmt.Sprintf(`fill="%v" text-anchor="middle"`, ink), s.Style.Name)
	}
}

// ticks draws the instants of the lanes: a stroke each, below the lane.
func (c *chart) ticks(lanes []Lane) {
	for i, l := range lanes {
		for _, at := range l.Ticks {
			if at >= c.from && at < c.to {
				x, foot := c.x(at), c.y(i)+c.lane
				c.line(x, foot+1.5, x, foot+tickHeight, fmt.Sprintf(`stroke="%v" stroke-width="1.6"`, dark()))
			}
		}
	}
}

// axis draws the time below the lanes, in seconds or in thousandths of them after
// zero.
func (c *chart) axis(lanes int, zero time.Duration) {
	y := c.plot.y + c.height(lanes) + 6
	step := niceStep(c.to-c.from, c.plot.w/70)
	c.line(c.plot.x, y, c.plot.x+c.plot.w, y, `stroke="#d1d5db"`)
	first := zero + time.Duration(math.Ceil(float64(c.from-zero)/float64(step)))*step
	for at := first; at <= c.to; at += step {
		x := c.x(at)
		c.line(x, y, x, y+4, `stroke="#9ca3af"`)
		if right := c.plot.x + c.plot.w; x > right-16 {
			c.text(right+6, y+17, 11, fmt.Sprintf(`fill="%v" text-anchor="end"`, gray()), figure(at-zero, step))
			continue
		}
		c.text(x, y+17, 11, fmt.Sprintf(`fill="%v" text-anchor="middle"`, gray()), figure(at-zero, step))
	}
}

// figure writes a time in the unit that fits the step of an axis.
func figure(at, step time.Duration) string {
	if step < time.Second {
		return fmt.Sprintf("%d ms", at.Milliseconds())
	}
	return fmt.Sprintf("%d s", int(at.Seconds()))
}

// niceStep returns a round step that divides a length into n parts at most.
func niceStep(length time.Duration, n float64) time.Duration {
	for step := time.Millisecond; ; step *= 10 {
		for _, factor := range []time.Duration{1, 2, 5} {
			if float64(length/(step*factor)) <= n {
				return step * factor
			}
		}
	}
}

// marks draws a stroke through the lanes at each mark, and its number and, where
// there is the room, its name above them.
func (c *chart) marks(marks []Mark, lanes int) {
	for i, m := range marks {
		x, top := c.x(m.At), c.plot.y
		c.line(x, top-22, x, top+c.height(lanes)+6, fmt.Sprintf(`stroke="%v" stroke-width="1" stroke-dasharray="2 3"`, dark()))
		c.badge(x, top-30, i+1)
		if i+1 == len(marks) || x+14+width(m.Name, 12)+12 <= c.x(marks[i+1].At) {
			c.text(x+14, top-26, 12, fmt.Sprintf(`fill="%v"`, dark()), m.Name)
		}
	}
}
