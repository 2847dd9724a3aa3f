// SPDX-License-Identifier: Apache-2.0

// Package jsonformtest makes values in which nothing is zero, for tests of what types are
// in JSON: a field that a type comes to have is seen in what they expect.
package jsonformtest

import (
	"encoding"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"time"
)

// Fill sets all that v points to, but for pointers and functions, to values that are all
// different and always the same: numbers counted upwards, durations of whole units of 10
// ms, and of types with names the first that isn't zero.
func Fill(v any) {
	f := filler{}
	f.fill(reflect.ValueOf(v).Elem(), "value")
}

// filler counts values.
type filler struct{ n int }

// fill sets a value, whose field is called name.
func (f *filler) fill(v reflect.Value, name string) {
	f.n++
	if known := f.known(v.Type(), name); known != nil {
		v.Set(reflect.ValueOf(known))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i), strings.ToLower(v.Type().Field(i).Name))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		f.fill(v.Index(0), name)
	case reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i), name)
		}
	default:
		f.scalar(v, name)
	}
}

// known returns the value of a type that is more than its parts, else nil.
func (f *filler) known(t reflect.Type, name string) any {
	last := byte(f.n)
	switch t {
	case reflect.TypeFor[time.Time]():
		return time.Date(2026, 1, 2, 3, 4, f.n%60, 5000, time.UTC)
	case reflect.TypeFor[time.Duration]():
		return time.Duration(f.n) * 1010 * time.Millisecond
	case reflect.TypeFor[netip.Addr]():
		return netip.AddrFrom4([4]byte{192, 0, 2, last})
	case reflect.TypeFor[netip.Prefix]():
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, last}), 24)
	case reflect.TypeFor[error]():
		return errors.New(fmt.Sprint(name, " ", f.n))
	}
	return nil
}

// scalar sets a value without parts.
func (f *filler) scalar(v reflect.Value, name string) {
	number := f.n
	if _, named := v.Interface().(encoding.TextMarshaler); named {
		number = 1
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.String:
		v.SetString(fmt.Sprint(name, " ", f.n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(number))
	case reflect.Uint8, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(number))
	}
}
