// SPDX-License-Identifier: Apache-2.0

package protocoltest

import (
	"encoding"
	"fmt"
	"testing"
)

// name is a pointer to a value that has a name.
type name[T any] interface {
	*T
	encoding.TextUnmarshaler
}

// Names reads back the names of n values of a type, from first on: what a value is
// called in JSON is what String says, and is read by that alone.
func Names[T interface {
	~uint8
	fmt.Stringer
	encoding.TextMarshaler
}, P name[T]](t *testing.T, first, n int) {
	t.Helper()
	for i := range 256 {
		v, back := T(i), T(255)
		text, err := v.MarshalText()
		if err != nil || string(text) != v.String() {
			t.Errorf("%T %d: %q, %v", v, i, text, err)
		}
		err = P(&back).UnmarshalText(text)
		if known := i >= first && i < first+n; known != (err == nil) || known && back != v || !known && back != 255 {
			t.Errorf("%T %d, %q: read as %d, %v", v, i, text, back, err)
		}
	}
}
