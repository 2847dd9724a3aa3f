// SPDX-License-Identifier: Apache-2.0

package quietlog

import (
	"bytes"
	"fmt"
	"io"
	"time"
)

// Writer writes to another one without ever waiting for it, for programs whose standard
// error is a pipe that nobody may read or a file on a disk that may hang. It is safe for
// concurrent use.
type Writer struct {
	to    io.Writer
	queue Queue
}

// NewWriter returns a writer to another one.
func NewWriter(to io.Writer) *Writer { return &Writer{to: to} }

// Write has a copy of b written. It returns no error: nobody could be told.
func (w *Writer) Write(b []byte) (int, error) {
	kept := bytes.Clone(b)
	w.queue.Do(func(dropped int) {
		if dropped > 0 {
			fmt.Fprintf(w.to, "(%d lines before this one were dropped: nobody took them)\n", dropped)
		}
		_, _ = w.to.Write(kept)
	})
	return len(b), nil
}

// Flush returns when all is written, or after grace.
func (w *Writer) Flush(grace time.Duration) { w.queue.Flush(grace) }
