// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"encoding"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/vrrp"
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
	checkNames[vrrp.State](t, 0, 3)
	checkNames[vrrp.Reason](t, 0, 18)
	checkNames[vrrp.EventKind](t, 1, 8)
	checkNames[vrrp.Notice](t, 1, 8)
	checkNames[vrrp.ChecksumForm](t, 0, 4)
	checkNames[vrrp.Fault](t, 0, 24)
	checkNames[vrrp.GroupPolicy](t, 0, 3)

	var s vrrp.State
	var value *vrrp.ValueError
	if err := s.UnmarshalText([]byte("master")); !errors.As(err, &value) || !strings.Contains(err.Error(), `vrrp: state "master": allowed: Initialize, Backup, Active`) {
		t.Error(err)
	}
}
