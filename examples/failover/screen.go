// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/go-fhrp/fhrp/internal/timeline"
)

// screen tells the story on a terminal, where the lanes move below the text, or
// in plain lines of text. It is used by one goroutine.
type screen struct {
	w       io.Writer
	live    bool // a terminal
	verbose bool // with every change of a node

	lanes int           // lines of the lanes that are on the terminal, below the text
	drawn time.Duration // when they were drawn
	told  int           // changes that have been told
}

// The lanes fit a terminal of 80 columns.
const (
	indent    = 2
	columns   = 50
	columnFor = 100 * time.Millisecond
	frameTime = 50 * time.Millisecond // between two drawings
)

// isTerminal reports whether a file is a terminal that shows colours, and whose
// user wants them: see https://no-color.org.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && runtime.GOOS != "windows" &&
		os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && os.Getenv("TERM") != ""
}

// text returns how lanes are written.
func (s *screen) text() timeline.Text {
	return timeline.Text{Step: columnFor, Color: s.live, Indent: indent}
}

// line writes lines of text, above the lanes.
func (s *screen) line(text string) {
	s.clear()
	fmt.Fprintln(s.w, text)
}

// clear removes the lanes.
func (s *screen) clear() {
	if s.lanes > 0 {
		fmt.Fprintf(s.w, "\x1b[%dA\x1b[J", s.lanes)
		s.lanes = 0
	}
}

// chapter tells the beginning of the last chapter.
func (s *screen) chapter(h history, text string) {
	s.changes(&h)
	n := len(h.Chapters)
	c := h.Chapters[n-1]
	head := fmt.Sprintf("%d %s", n, c.Title)
	if s.live {
		head = fmt.Sprintf("\x1b[1m%s\x1b[0m", head)
	}
	s.line(fmt.Sprintf("\n%s  (at %s)\n  %s", head, seconds(c.At), strings.ReplaceAll(text, "\n", "\n  ")))
	s.draw(&h)
}

// outcome tells what came of the last chapter.
func (s *screen) outcome(h history) {
	s.changes(&h)
	if t, ok := h.takeover(len(h.Chapters) - 1); ok {
		s.line("  " + strings.Join(t.sentences(), "\n  "))
	}
	s.draw(&h)
}

// show keeps a terminal up to date.
func (s *screen) show(h history) {
	s.changes(&h)
	if s.live && h.End-s.drawn >= frameTime {
		s.draw(&h)
	}
}

// changes tells what has become of nodes since the last call.
func (s *screen) changes(h *history) {
	for ; s.verbose && s.told < len(h.Changes); s.told++ {
		c := h.Changes[s.told]
		s.line(fmt.Sprintf("  %s  %s  %s", seconds(c.At), name(c.Node), c.Text))
	}
}

// draw draws the lanes of the last seconds.
func (s *screen) draw(h *history) {
	if !s.live {
		return
	}
	to := max(h.End.Truncate(columnFor)+columnFor, columns*columnFor)
	var b bytes.Buffer
	if s.lanes > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\x1b[J", s.lanes)
	}
	b.WriteString("\x1b[?7l\n") // a line too long for the terminal must not take two
	t := h.timeline()
	_ = s.text().Write(&b, t, to-columns*columnFor, to) // a buffer takes everything
	b.WriteString("\x1b[?7h")
	lines := bytes.Count(b.Bytes(), []byte("\n"))
	_, _ = s.w.Write(b.Bytes())
	s.lanes, s.drawn = lines, h.End
}

// summary writes everything once more: the lanes from the beginning, what the
// letters mean, and the figures.
func (s *screen) summary(h history) {
	s.changes(&h)
	s.clear()
	t := h.timeline()
	const width = columns * columnFor
	for from := time.Duration(0); from < h.End; from += width {
		fmt.Fprintln(s.w)
		_ = s.text().Write(s.w, t, from, min(from+width, h.End))
	}
	fmt.Fprintln(s.w)
	_ = s.text().Legend(s.w, t)
	fmt.Fprintln(s.w)
	_ = writeTable(s.w, &h)
}

// seconds writes a time on the story's clock.
func seconds(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }

// introduction tells what there is.
func (s *screen) introduction(place string) {
	config := virtualRouter(node1, nil)
	s.line(fmt.Sprintf("Two VRRP routers and a client on a switch, %s.\n"+
		"Version 3, an advertisement every %v; the priority of %s is %d, that of %s %d.\nThe service address is %v; the client pings it every %v.",
		place, whole(config.Interval), name(node1), priority(node1), name(node2), priority(node2), service().Addr(), whole(pingInterval)))
}
