// SPDX-License-Identifier: Apache-2.0

package transcript

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// said is a line of output.
type said struct {
	at   time.Duration
	who  string
	text string
}

func (w *world) say(who, text string) {
	w.said = append(w.said, said{w.now.Sub(w.begin), who, text})
}

// print writes what was said since the last call, and when something is due.
func (w *world) print(out *bytes.Buffer) {
	wide := 0
	for _, s := range w.stations {
		wide = max(wide, len(s.name))
	}
	if w.client != nil {
		wide = max(wide, len(clientName))
	}
	for i := 0; i < len(w.said); {
		many, again := repeats(w.said[i:])
		for _, s := range w.said[i : i+many] {
			fmt.Fprintf(out, "  %-12v %s\n", s.at, strings.TrimLeft(fmt.Sprintf("%-*s %s", wide, s.who, s.text), " "))
		}
		if again > 0 {
			w.printRepeats(out, w.said[i:i+many*(again+1)], many)
		}
		i += many * (again + 1)
	}
	if w.told {
		fmt.Fprintf(out, "  %s\n", w.deadlines())
	}
	w.said, w.told = nil, false
}

// printRepeats tells how often, and until when, lines come again.
func (w *world) printRepeats(out *bytes.Buffer, all []said, many int) {
	what := ""
	if many > 1 {
		what = fmt.Sprintf("these %d ", many)
	}
	fmt.Fprintf(out, "  ...          %severy %v until %v\n", what, all[many].at-all[0].at, all[len(all)-many].at)
}

// The bounds within which repetitions are folded.
const (
	mostFolded  = 4 // lines that are repeated together
	leastFolded = 2 // how often they come again
)

// repeats returns how many of the first lines come again, and how often.
func repeats(list []said) (many, again int) {
	for many = 1; many <= mostFolded; many++ {
		for again = 0; same(list, many, again+1); again++ {
		}
		if again >= leastFolded {
			return many, again
		}
	}
	return 1, 0
}

// same reports whether the first lines are said again for the n-th time, after n
// times the time that the first repetition comes after.
func same(list []said, many, n int) bool {
	if many*(n+1) > len(list) {
		return false
	}
	period := list[many].at - list[0].at
	for i, s := range list[:many] {
		other := list[many*n+i]
		if period == 0 || other.who != s.who || other.text != s.text || other.at != s.at+time.Duration(n)*period {
			return false
		}
	}
	return true
}

// deadlines tells when the nodes have something to do.
func (w *world) deadlines() string {
	var list []string
	for _, s := range w.stations {
		at, ok := s.node.Deadline()
		if !ok {
			continue
		}
		in := at.Sub(w.now)
		text := "in " + in.String()
		if in < 0 {
			text = (-in).String() + " ago"
		}
		list = append(list, strings.TrimLeft(s.name+" "+text, " "))
	}
	switch {
	case len(list) == 0:
		return "no deadline"
	case len(w.stations) == 1:
		return "deadline " + list[0]
	}
	return "deadlines: " + strings.Join(list, ", ")
}
