// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Text says how lanes are written as text. It is a value.
type Text struct {
	Step   time.Duration // that one column stands for
	Color  bool          // with escape sequences for 256 colours, else with letters
	Indent int           // columns left free at the beginning of each line
}

// Write writes the lanes from one time to another: a line for the marks if there
// are any, one a lane, and one with the seconds.
func (o Text) Write(w io.Writer, t *Timeline, from, to time.Duration) error {
	columns := int((to - from + o.Step - 1) / o.Step)
	var b strings.Builder
	heads := heads(t.Lanes)
	margin := o.Indent + len(heads[0]) + 2
	if marks := o.marks(t.Marks, from, columns); strings.TrimSpace(marks) != "" {
		o.line(&b, margin, "", marks)
	}
	for i := range t.Lanes {
		o.line(&b, margin, heads[i], o.lane(&t.Lanes[i], from, columns))
	}
	o.line(&b, margin, "", o.axis(from, columns))
	_, err := io.WriteString(w, b.String())
	return err
}

// Legend writes what the letters or colours mean, in one line.
func (o Text) Legend(w io.Writer, t *Timeline) error {
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", o.Indent))
	for i, e := range t.legend() {
		if i > 0 {
			b.WriteString("   ")
		}
		b.WriteString(o.keys(e.styles) + " " + e.name)
	}
	_, err := fmt.Fprintln(w, b.String())
	return err
}

// keys returns what stands for the styles of an entry: a colour each, and a
// letter once.
func (o Text) keys(styles []Style) string {
	var keys string
	for _, s := range styles {
		key := string(s.Letter)
		switch {
		case o.Color && s.Fill == Hollow:
			key = paint(s, key)
		case o.Color:
			key = paint(s, "  ")
		}
		if o.Color || !strings.Contains(keys, key) {
			keys += key
		}
	}
	return keys
}

// line writes a line with something in its margin.
func (o Text) line(b *strings.Builder, margin int, head, body string) {
	line := fmt.Sprintf("%-*s%s", margin, strings.Repeat(" ", o.Indent)+head, body)
	b.WriteString(strings.TrimRight(line, " ") + "\n")
}

// heads returns the names and notes of lanes, all of the same length.
func heads(lanes []Lane) []string {
	var name, note int
	for _, l := range lanes {
		name, note = max(name, len(l.Name)), max(note, len(l.Note))
	}
	all := make([]string, max(len(lanes), 1))
	for i, l := range lanes {
		all[i] = fmt.Sprintf("%-*s  %-*s", name, l.Name, note, l.Note)
	}
	return all
}

// marks returns the numbers of the marks, each at its column or at the next one
// that is free.
func (o Text) marks(marks []Mark, from time.Duration, columns int) string {
	row := spaces(columns)
	free := 0
	for i, m := range marks {
		number := fmt.Sprint(i + 1)
		at := max(int((m.At-from)/o.Step), free)
		if m.At < from || at+len(number) > columns {
			continue
		}
		copy(row[at:], number)
		free = at + len(number) + 1
	}
	return string(row)
}

// axis returns a stroke and a figure at each full second that has the room.
func (o Text) axis(from time.Duration, columns int) string {
	row := spaces(columns)
	free := 0
	for s := from.Truncate(time.Second); ; s += time.Second {
		at := int((s - from) / o.Step)
		figure := fmt.Sprintf("|%d s", s/time.Second)
		if at+len(figure) > columns {
			return string(row)
		}
		if s >= from && at >= free {
			copy(row[at:], figure)
			free = at + len(figure) + 1
		}
	}
}

// lane returns the cells of a lane.
func (o Text) lane(l *Lane, from time.Duration, columns int) string {
	cells := make([]*Style, columns)
	for i := range cells {
		at := from + time.Duration(i)*o.Step
		cells[i] = l.style(at, at+o.Step)
	}
	var b strings.Builder
	for begin := 0; begin < columns; {
		end := begin + 1
		for end < columns && same(cells[begin], cells[end]) {
			end++
		}
		b.WriteString(o.run(cells[begin], end-begin))
		begin = end
	}
	return b.String()
}

// run returns n cells of a style.
func (o Text) run(s *Style, n int) string {
	switch {
	case s == nil:
		return string(spaces(n))
	case !o.Color:
		return strings.Repeat(string(s.Letter), n)
	case len(s.Name)+1 > n:
		return paint(*s, string(spaces(n)))
	}
	return paint(*s, fmt.Sprintf(" %-*s", n-1, s.Name))
}

// style returns the style that stands for a part of a lane: one that is an alarm,
// else the one that lasted longest, nil if there is none.
func (l *Lane) style(from, to time.Duration) *Style {
	var best *Style
	lasted := map[Style]time.Duration{}
	for i := range l.Spans {
		s, ok := l.Spans[i].between(from, to)
		if !ok {
			continue
		}
		if s.Style.Alarm {
			return &l.Spans[i].Style
		}
		lasted[s.Style] += s.To - s.From
		if best == nil || lasted[s.Style] > lasted[*best] {
			best = &l.Spans[i].Style
		}
	}
	return best
}

func same(a, b *Style) bool { return a == b || a != nil && b != nil && *a == *b }

func spaces(n int) []byte { return []byte(strings.Repeat(" ", n)) }

// paint returns text in the colours of a style.
func paint(s Style, text string) string {
	background, ink := s.colors()
	if s.Fill == Hollow {
		return fmt.Sprintf("\x1b[38;5;%dm%s\x1b[0m", ink.index(), text)
	}
	return fmt.Sprintf("\x1b[48;5;%d;38;5;%dm%s\x1b[0m", background.index(), ink.index(), text)
}
