// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"sync"
)

// tail keeps the end of what is written to it. It is safe for concurrent use: a program may leave something running that
// goes on writing.
type tail struct {
	size int
	mu   sync.Mutex
	text []byte
	cut  bool
}

// Write takes everything. It holds no more than twice the size, so that what is kept is moved seldom.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(b)
	if n > t.size {
		b, t.text, t.cut = b[n-t.size:], t.text[:0], true
	}
	if len(t.text)+len(b) > 2*t.size {
		t.keep()
	}
	t.text = append(t.text, b...)
	return n, nil
}

// keep moves the end to the beginning.
func (t *tail) keep() {
	if over := len(t.text) - t.size; over > 0 {
		t.text, t.cut = t.text[:copy(t.text, t.text[over:])], true
	}
}

// String returns what is to follow the error: nothing if there was no output, else the end of it, quoted.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keep()
	switch {
	case len(t.text) == 0:
		return ""
	case t.cut:
		return fmt.Sprintf(": output …%q", t.text)
	}
	return fmt.Sprintf(": output %q", t.text)
}
