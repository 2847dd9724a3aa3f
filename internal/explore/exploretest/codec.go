// SPDX-License-Identifier: Apache-2.0

package exploretest

import (
	"bytes"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/deadline"
	"github.com/go-fhrp/fhrp/internal/explore"
)

// AllFields wants whatever differs in two machines to make two states of them, but for
// the fields that follow from the rest. A field that the machine comes to have is held
// to this, too; a clock is not, which is set anew by each input. make makes a machine at now,
// always the same.
func AllFields[M any](t *testing.T, codec *explore.Codec[M], now time.Time, make func() *M, without ...string) {
	for i := range reflect.TypeFor[M]().NumField() {
		if reflect.TypeFor[M]().Field(i).Type == reflect.TypeFor[deadline.Clock]() {
			continue
		}
		name := reflect.TypeFor[M]().Field(i).Name
		m := make()
		before, exact := codec.Append(nil, m, now), codec.Exact(nil, m)
		field := reflect.ValueOf(m).Elem().Field(i)
		alter(t, reflect.NewAt(field.Type(), field.Addr().UnsafePointer()).Elem())
		same := bytes.Equal(before, codec.Append(nil, m, now))
		if same != slices.Contains(without, name) || (codec.Changed(exact, m) == "") != same {
			t.Errorf("%s makes no difference: %v", name, same)
		}
	}
}

// alter gives a value another one.
func alter(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)))
		return
	case netip.Addr:
		v.Set(reflect.ValueOf(netip.AddrFrom4([4]byte{192, 0, 2, 99})))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Uint8:
		v.SetUint(v.Uint() + 1)
	case reflect.Int, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Slice:
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.Zero(v.Type().Key()), reflect.Zero(v.Type().Elem()))
	case reflect.Struct:
		alter(t, reflect.NewAt(v.Field(0).Type(), v.Field(0).Addr().UnsafePointer()).Elem())
	case reflect.Interface, reflect.Pointer:
		v.SetZero()
	default:
		t.Fatalf("a field of type %v", v.Type())
	}
}

// Copies wants a copy of a machine to do the same as the machine, and neither to change
// the other. play gives a machine inputs, the same ones each time, and returns what it
// did.
func Copies[M any](t *testing.T, codec *explore.Codec[M], m *M, play func(*M) []string) {
	before := codec.Exact(nil, m)
	c := codec.Clone(m)
	got := play(c)
	if field := codec.Changed(before, m); field != "" {
		t.Errorf("an input of the copy has changed %s of the original", field)
	}
	if want := play(m); !slices.Equal(got, want) {
		t.Errorf("the copy does %q, the original %q", got, want)
	}
	if field := codec.Changed(codec.Exact(nil, c), m); field != "" {
		t.Errorf("the copy comes to another %s", field)
	}
}
