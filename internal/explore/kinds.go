// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"time"
	"unsafe"

	"github.com/go-fhrp/fhrp/internal/deadline"
)

// moment is a time, and what it is by the clock of what is written down.
type moment struct {
	time    time.Time
	instant deadline.Instant
}

// writer appends what p points to.
type writer func(buf []byte, p unsafe.Pointer, now moment) []byte

// copier makes what p points to independent of what it was copied from.
type copier func(p unsafe.Pointer)

// writerOf returns the writer of a type.
func writerOf(t reflect.Type) (writer, error) {
	switch t {
	case reflect.TypeFor[time.Time]():
		return writeTime, nil
	case reflect.TypeFor[deadline.Instant]():
		return writeInstant, nil
	case reflect.TypeFor[netip.Addr]():
		return writeAddr, nil
	case reflect.TypeFor[netip.Prefix]():
		return writePrefix, nil
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		size := t.Size()
		return func(buf []byte, p unsafe.Pointer, _ moment) []byte {
			return append(buf, unsafe.Slice((*byte)(p), size)...)
		}, nil
	case reflect.String:
		return func(buf []byte, p unsafe.Pointer, _ moment) []byte {
			s := *(*string)(p)
			return append(writeLen(buf, len(s)), s...)
		}, nil
	case reflect.Slice:
		return sliceWriter(t)
	case reflect.Array:
		return arrayWriter(t)
	case reflect.Map:
		return mapWriter(t)
	case reflect.Struct:
		return structWriter(t)
	}
	return nil, fmt.Errorf("%v can't be written down", t)
}

// How a time is written: whether it is set, then how far away it is.
const (
	unset = iota
	set
	long // ago: no matter when
)

// writeTime writes the zero time, which is a timer that doesn't run, other than
// all others.
func writeTime(buf []byte, p unsafe.Pointer, now moment) []byte {
	at := *(*time.Time)(p)
	if at.IsZero() {
		return append(buf, unset)
	}
	return binary.LittleEndian.AppendUint64(append(buf, set), uint64(at.Sub(now.time)))
}

// writeInstant writes an Instant as writeTime does a time.
func writeInstant(buf []byte, p unsafe.Pointer, now moment) []byte {
	at := *(*deadline.Instant)(p)
	if at.IsZero() {
		return append(buf, unset)
	}
	return binary.LittleEndian.AppendUint64(append(buf, set), uint64(at.Sub(now.instant)))
}

func writeAddr(buf []byte, p unsafe.Pointer, _ moment) []byte {
	a := *(*netip.Addr)(p)
	octets := a.As16()
	buf = append(append(buf, byte(a.BitLen())), octets[:]...)
	return append(writeLen(buf, len(a.Zone())), a.Zone()...)
}

func writePrefix(buf []byte, p unsafe.Pointer, now moment) []byte {
	prefix := *(*netip.Prefix)(p)
	a := prefix.Addr()
	return writeLen(writeAddr(buf, unsafe.Pointer(&a), now), prefix.Bits())
}

func writeLen(buf []byte, n int) []byte { return binary.LittleEndian.AppendUint32(buf, uint32(n)) }

func sliceWriter(t reflect.Type) (writer, error) {
	element, err := writerOf(t.Elem())
	size := t.Elem().Size()
	return func(buf []byte, p unsafe.Pointer, now moment) []byte {
		list := *(*[]byte)(p) // of other elements, but the length is theirs
		return writeElements(writeLen(buf, len(list)), unsafe.Pointer(unsafe.SliceData(list)), len(list), size, element, now)
	}, err
}

func arrayWriter(t reflect.Type) (writer, error) {
	element, err := writerOf(t.Elem())
	return func(buf []byte, p unsafe.Pointer, now moment) []byte {
		return writeElements(buf, p, t.Len(), t.Elem().Size(), element, now)
	}, err
}

func writeElements(buf []byte, first unsafe.Pointer, n int, size uintptr, element writer, now moment) []byte {
	for i := range n {
		buf = element(buf, unsafe.Add(first, uintptr(i)*size), now)
	}
	return buf
}

// mapWriter writes the entries in the order of how they are written.
func mapWriter(t reflect.Type) (writer, error) {
	key, err := writerOf(t.Key())
	if err != nil {
		return nil, err
	}
	value, err := writerOf(t.Elem())
	return func(buf []byte, p unsafe.Pointer, now moment) []byte {
		if *(*unsafe.Pointer)(p) == nil { // a map is a pointer
			return writeLen(buf, 0)
		}
		m := reflect.NewAt(t, p).Elem()
		buf = writeLen(buf, m.Len())
		if m.Len() == 0 {
			return buf
		}
		var entries []string
		for i := m.MapRange(); i.Next(); {
			k, v := reflect.New(t.Key()), reflect.New(t.Elem())
			k.Elem().Set(i.Key())
			v.Elem().Set(i.Value())
			entries = append(entries, string(value(key(nil, k.UnsafePointer(), now), v.UnsafePointer(), now)))
		}
		slices.Sort(entries)
		for _, s := range entries {
			buf = append(buf, s...)
		}
		return buf
	}, err
}

func structWriter(t reflect.Type) (writer, error) {
	var writers []writer
	var offsets []uintptr
	for i := range t.NumField() {
		w, err := writerOf(t.Field(i).Type)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Field(i).Name, err)
		}
		writers, offsets = append(writers, w), append(offsets, t.Field(i).Offset)
	}
	return func(buf []byte, p unsafe.Pointer, now moment) []byte {
		for i, w := range writers {
			buf = w(buf, unsafe.Add(p, offsets[i]), now)
		}
		return buf
	}, nil
}

// copierOf returns the copier of a type, nil if an assignment is enough. It hands
// on an error that there was before.
func copierOf(t reflect.Type, err error) (copier, error) {
	switch {
	case err != nil || plain(t):
		return nil, err
	case t.Kind() == reflect.Struct:
		return structCopier(t)
	case t.Kind() == reflect.Slice && plain(t.Elem()):
		return func(p unsafe.Pointer) {
			if len(*(*[]byte)(p)) == 0 { // of other elements, but the length is theirs
				return
			}
			v := reflect.NewAt(t, p).Elem()
			c := reflect.MakeSlice(t, v.Len(), v.Len())
			reflect.Copy(c, v)
			v.Set(c)
		}, nil
	case t.Kind() == reflect.Map && plain(t.Key()) && plain(t.Elem()):
		return func(p unsafe.Pointer) {
			if *(*unsafe.Pointer)(p) == nil { // a map is a pointer
				return
			}
			v := reflect.NewAt(t, p).Elem()
			c := reflect.MakeMap(t)
			for i := v.MapRange(); i.Next(); {
				c.SetMapIndex(i.Key(), i.Value())
			}
			v.Set(c)
		}, nil
	}
	return nil, fmt.Errorf("%v can't be copied", t)
}

func structCopier(t reflect.Type) (copier, error) {
	var copiers []copier
	for i := range t.NumField() {
		c, err := copierOf(t.Field(i).Type, nil)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Field(i).Name, err)
		}
		if offset := t.Field(i).Offset; c != nil {
			copiers = append(copiers, func(p unsafe.Pointer) { c(unsafe.Add(p, offset)) })
		}
	}
	return func(p unsafe.Pointer) {
		for _, c := range copiers {
			c(p)
		}
	}, nil
}

// plain reports whether an assignment copies a value.
func plain(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[time.Time](), reflect.TypeFor[netip.Addr](), reflect.TypeFor[netip.Prefix]():
		return true
	}
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if !plain(t.Field(i).Type) {
				return false
			}
		}
		return true
	case reflect.Array:
		return plain(t.Elem())
	case reflect.Slice, reflect.Map, reflect.Pointer, reflect.Interface, reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return false
	}
	return true
}
