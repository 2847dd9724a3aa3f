// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"time"
)

// A screen shows a watch: on a terminal as a table that is drawn anew, else as the
// lines of the log.
type screen struct {
	w        io.Writer
	terminal bool
	page     string  // where the page is, if there is one
	recent   []event // on a terminal, below the table
}

// Of a table that is drawn anew.
const (
	drawTime  = time.Second
	maxRecent = 8
)

// isTerminal reports whether a file is a terminal that can be drawn on.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	term := os.Getenv("TERM")
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && term != "" && term != "dumb"
}

// run shows until ctx ends.
func (s *screen) run(ctx context.Context, w *watch) error {
	t := time.NewTicker(drawTime)
	defer t.Stop()
	if s.page != "" && !s.terminal {
		if _, err := fmt.Fprintln(s.w, "the page is at", s.page); err != nil {
			return err
		}
	}
	seq := uint64(0)
	for {
		list, lost, more := w.after(seq)
		seq += lost + uint64(len(list))
		if err := s.show(w, list, lost); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-more:
		case <-t.C:
		}
	}
}

// show tells events and, on a terminal, draws.
func (s *screen) show(w *watch, list []event, lost uint64) error {
	var b bytes.Buffer
	if s.terminal {
		v, _ := w.view(0)
		s.recent = append(s.recent, list...)
		s.recent = append([]event{}, s.recent[max(0, len(s.recent)-maxRecent):]...)
		list, lost = s.recent, 0
		b.WriteString("\x1b[H\x1b[J")
		_ = writeTable(&b, &v) // never fails
		b.WriteByte('\n')
		if s.page != "" {
			fmt.Fprintln(&b, "the page is at", s.page)
		}
	}
	if lost > 0 {
		fmt.Fprintf(&b, "%d events were lost\n", lost)
	}
	for _, e := range list {
		fmt.Fprintln(&b, e.line())
	}
	_, err := s.w.Write(b.Bytes())
	return err
}
