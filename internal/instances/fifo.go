// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"io"
	"log/slog"
	"slices"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// fifos are the pipes that are told of changes of state. Nothing waits for who reads them: what doesn't fit any more is left out.
type fifos struct {
	log    *slog.Logger
	wanted bool // there should be some
	open   []*fifo
}

// fifo is a pipe.
type fifo struct {
	keepalived.FIFO
	pipe io.WriteCloser
	full bool // that was logged
}

// set opens and closes what is different from before. A pipe that can't be had is logged: that is no reason to do nothing at all.
func (f *fifos) set(list []keepalived.FIFO) {
	f.wanted = len(list) > 0
	f.open = slices.DeleteFunc(f.open, func(o *fifo) bool {
		gone := !slices.Contains(list, o.FIFO)
		if gone {
			f.close(o)
		}
		return gone
	})
	for _, spec := range list {
		if slices.ContainsFunc(f.open, func(o *fifo) bool { return o.FIFO == spec }) {
			continue
		}
		pipe, err := openFIFO(spec)
		if err != nil {
			f.log.Error("a pipe of notify_fifo can't be opened", "path", spec.Path, "error", err)
			continue
		}
		f.open = append(f.open, &fifo{FIFO: spec, pipe: pipe})
	}
}

// write tells all pipes a line.
func (f *fifos) write(line string) {
	for _, o := range f.open {
		_, err := io.WriteString(o.pipe, line)
		if err != nil && !o.full {
			f.log.Error("lines for a pipe of notify_fifo are left out", "path", o.Path, "error", err)
		}
		o.full = err != nil
	}
}

// close closes a pipe, and removes it if it was made here.
func (f *fifos) close(o *fifo) {
	if err := o.pipe.Close(); err != nil {
		f.log.Error("a pipe of notify_fifo can't be closed", "path", o.Path, "error", err)
	}
}
