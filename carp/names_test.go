// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"encoding"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/carp"
)

// name is a pointer to a value that has a name.
type name[T any] interface {
	*T
	encoding.TextUnmarshaler
}

// checkNames reads back the names of n values of a type, from first on.
func checkNames[T interface {
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

// TestNamesAreReadBack: what a value is called in JSON is what String says, and is read by
// that alone.
func TestNamesAreReadBack(t *testing.T) {
	checkNames[carp.State](t, 0, 3)
	checkNames[carp.Reason](t, 0, 22)
	checkNames[carp.EventKind](t, 1, 8)
	checkNames[carp.Notice](t, 1, 2)
	checkNames[carp.Cause](t, 0, 7)
	checkNames[carp.Profile](t, 0, 3)
	checkNames[carp.GroupPolicy](t, 0, 3)
	checkNames[carp.Fault](t, 0, 14)

	var s carp.State
	var value *carp.ValueError
	if err := s.UnmarshalText([]byte("MASTER")); !errors.As(err, &value) || !strings.Contains(err.Error(), `carp: state "MASTER": allowed: Init, Backup, Master`) {
		t.Error(err)
	}
}
