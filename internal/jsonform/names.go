// SPDX-License-Identifier: Apache-2.0

package jsonform

import (
	"fmt"
	"strings"
)

// word is one of a few values that have names.
type word interface {
	~uint8
	fmt.Stringer
}

// Named sets v to the value from first to last whose name is text, and reports whether
// there is one. If there isn't, allowed are the names.
func Named[T word](v *T, text []byte, first, last T) (allowed string, ok bool) {
	var names []string
	for value := first; value <= last; value++ {
		name := value.String()
		if name == string(text) {
			*v = value
			return "", true
		}
		names = append(names, name)
	}
	return strings.Join(names, ", "), false
}
