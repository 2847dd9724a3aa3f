// SPDX-License-Identifier: Apache-2.0

// Package timeline draws what happened on several lanes at once: as a picture in
// SVG, and as text for a terminal or a log.
package timeline

import "time"

// Timeline is what is drawn. All times in it count from its beginning. Drawing
// doesn't change it; it is safe for concurrent use as long as nobody else does.
type Timeline struct {
	Title    string
	Subtitle string
	Length   time.Duration
	Lanes    []Lane
	Marks    []Mark   // in the order of time; they are numbered from 1
	Details  []Detail // windows of the picture on moments too short to be seen in the whole
	TickName string   // what the ticks are, for the legend
}

// Lane is what happened to one of those concerned.
type Lane struct {
	Name  string
	Note  string          // a word beside the name
	Spans []Span          // in the order of time
	Ticks []time.Duration // instants, in the order of time; they are drawn in details only
}

// Span is a condition that lasted from one time to another.
type Span struct {
	From, To time.Duration
	Style    Style
}

// Mark is a moment for all lanes.
type Mark struct {
	At   time.Duration
	Name string // two or three words
}

// Detail is a part of the time, drawn large.
type Detail struct {
	Number   int // of the mark that it belongs to
	Title    string
	Text     []string // a few lines
	From, To time.Duration

	// Bracket, unless both are zero, is the time that the detail is about, and
	// Label what is written on it.
	Bracket [2]time.Duration
	Label   string
}

// Style is what a span looks like. Those with one name are one entry of the
// legend.
type Style struct {
	Name   string
	Letter byte // stands for it in text without colours
	Color  Color
	Fill   Fill
	// Alarm makes a style seen however short it lasted: it hides the others in
	// a cell of text, and has a least width in the picture.
	Alarm bool
}

// Fill is how a span is filled.
type Fill uint8

// The fills.
const (
	Solid  Fill = iota // with the colour
	Tint               // with a pale tint of it
	Hollow             // not at all: an outline
)

// Color is red, green and blue.
type Color [3]uint8

// styles returns every style in use, each once, those that come first on their
// lane first.
func (t *Timeline) styles() []Style {
	var all []Style
	seen := map[Style]bool{}
	for _, l := range t.Lanes {
		for _, s := range l.Spans {
			if !seen[s.Style] {
				seen[s.Style] = true
				all = append(all, s.Style)
			}
		}
	}
	return all
}

// entry is a name in the legend with the styles that bear it.
type entry struct {
	name   string
	styles []Style
}

// legend returns the entries of the legend.
func (t *Timeline) legend() []entry {
	var all []entry
	index := map[string]int{}
	for _, s := range t.styles() {
		i, ok := index[s.Name]
		if !ok {
			i = len(all)
			index[s.Name] = i
			all = append(all, entry{name: s.Name})
		}
		all[i].styles = append(all[i].styles, s)
	}
	return all
}

// between returns what of a span lies in a window, and whether anything does.
func (s Span) between(from, to time.Duration) (Span, bool) {
	s.From, s.To = max(s.From, from), min(s.To, to)
	return s, s.From < s.To
}
