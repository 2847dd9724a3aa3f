// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unsafe"

	"github.com/go-fhrp/fhrp/internal/deadline"
)

// Codec copies structs of a type and writes them down, with all their fields,
// exported or not. Each field that is added to the type later is taken in by
// itself. It is not safe for concurrent use.
type Codec[T any] struct {
	fields []field
	buf    []byte

	clock   uintptr   // where the Clock is
	clocked bool      // there is one
	copied  []field   // those of which an assignment isn't a copy
	buffers []uintptr // where those are
}

// mostBuffers is how many of them a type can have.
const mostBuffers = 4

// Fields tells what is special about fields, by their names; "outer.inner" is a
// field within a struct. All others are copied deep and written down; times and
// instants are written relative to a moment.
type Fields struct {
	// Buffers are slices of no meaning between two calls: empty in a copy, and not
	// written down.
	Buffers []string
	// Derived follow from other fields: shared by copies, not written down.
	Derived []string
	// Memos make no difference: copied, not written down.
	Memos []string
	// Shared hold what is replaced and never changed.
	Shared []string
	// Past has for times how far back they still make a difference. Those that
	// are longer ago are all written alike.
	Past map[string]time.Duration
	// Clock is the [deadline.Clock] that all instants go by: copied, and not written
	// down. It can be empty where there are none.
	Clock string
}

// field is how one field is dealt with.
type field struct {
	name    string
	offset  uintptr
	write   writer // nil: not at all
	copy    copier // nil: as it is
	past    time.Duration
	forget  bool // past counts
	instant bool // it is a deadline.Instant
	buffer  bool
}

// NewCodec returns the Codec of a type. The error names a field of a kind that
// can't be dealt with, or one that isn't there.
func NewCodec[T any](f Fields) (*Codec[T], error) {
	c := &Codec[T]{}
	t := reflect.TypeFor[T]()
	roles := f.roles()
	list, err := fieldsOf(t, "", 0, roles)
	if err != nil {
		return nil, fmt.Errorf("explore: %w", err)
	}
	for name := range roles {
		return nil, fmt.Errorf("explore: %v has no field %s", t, name)
	}
	for _, d := range list {
		d.past, d.forget = f.Past[d.name]
		if d.name == f.Clock {
			c.clock, c.clocked = d.offset, true
		}
		c.fields = append(c.fields, d)
		if d.copy != nil {
			c.copied = append(c.copied, d)
		}
		if d.buffer {
			c.buffers = append(c.buffers, d.offset)
		}
	}
	if len(c.buffers) > mostBuffers {
		return nil, fmt.Errorf("explore: %v has %d buffers, more than %d", t, len(c.buffers), mostBuffers)
	}
	return c, nil
}

// fieldsOf returns those of a struct that begins at offset, and takes those that it
// has from roles. A struct within of which a field has a role is taken apart.
func fieldsOf(t reflect.Type, prefix string, offset uintptr, roles map[string]role) (list []field, err error) {
	for i := range t.NumField() {
		s := t.Field(i)
		s.Name, s.Offset = prefix+s.Name, offset+s.Offset
		if hasWithin(roles, s.Name) {
			within, err := fieldsOf(s.Type, s.Name+".", s.Offset, roles)
			if err != nil {
				return nil, err
			}
			list = append(list, within...)
			continue
		}
		d, err := roles[s.Name].field(s)
		if err != nil {
			return nil, fmt.Errorf("field %s of %v: %w", s.Name, t, err)
		}
		delete(roles, s.Name)
		list = append(list, d)
	}
	return list, nil
}

// hasWithin reports whether a field within this one has a role.
func hasWithin(roles map[string]role, name string) bool {
	for n := range roles {
		if strings.HasPrefix(n, name+".") {
			return true
		}
	}
	return false
}

// role is what is special about a field.
type role uint8

const (
	state role = iota
	buffer
	derived
	memo
	shared
	clock
)

// roles returns the fields that have one. Times have none, but must be there.
func (f Fields) roles() map[string]role {
	roles := map[string]role{}
	for r, names := range map[role][]string{buffer: f.Buffers, derived: f.Derived, memo: f.Memos, shared: f.Shared} {
		for _, name := range names {
			roles[name] = r
		}
	}
	for name := range f.Past {
		roles[name] = state
	}
	if f.Clock != "" {
		roles[f.Clock] = clock
	}
	return roles
}

// field returns how a field of this role is dealt with.
func (r role) field(s reflect.StructField) (field, error) {
	f := field{name: s.Name, offset: s.Offset, buffer: r == buffer, instant: s.Type == reflect.TypeFor[deadline.Instant]()}
	var err error
	if r == state || r == shared {
		f.write, err = writerOf(s.Type)
	}
	switch r {
	case state, memo:
		f.copy, err = copierOf(s.Type, err)
	case clock:
		if s.Type != reflect.TypeFor[deadline.Clock]() {
			err = fmt.Errorf("%v is no clock", s.Type)
		}
	case buffer:
		if s.Type.Kind() != reflect.Slice {
			err = fmt.Errorf("%v is no buffer", s.Type)
		}
	}
	return f, err
}

// Clone returns a copy.
func (c *Codec[T]) Clone(v *T) *T {
	n := new(T)
	c.Copy(n, v)
	return n
}

// Copy makes n a copy of v. A buffer that n has stays its own.
func (c *Codec[T]) Copy(n, v *T) {
	var own [mostBuffers][]byte // of other elements: only what a slice is matters
	for i, offset := range c.buffers {
		own[i] = (*(*[]byte)(unsafe.Add(unsafe.Pointer(n), offset)))[:0]
	}
	*n = *v
	for _, f := range c.copied {
		f.copy(unsafe.Add(unsafe.Pointer(n), f.offset))
	}
	for i, offset := range c.buffers {
		*(*[]byte)(unsafe.Add(unsafe.Pointer(n), offset)) = own[i]
	}
}

// Append writes down v as it is at now.
func (c *Codec[T]) Append(buf []byte, v *T, now time.Time) []byte {
	m := moment{time: now}
	if c.clocked {
		m.instant = (*deadline.Clock)(unsafe.Add(unsafe.Pointer(v), c.clock)).Instant(now)
	}
	for i := range c.fields {
		f := &c.fields[i]
		if f.write == nil {
			continue
		}
		p := unsafe.Add(unsafe.Pointer(v), f.offset)
		if f.forget && f.over(p, m) {
			buf = append(buf, long)
			continue
		}
		buf = f.write(buf, p, m)
	}
	return buf
}

// over reports whether the time or Instant that p points to is so long ago that it makes no
// difference when it was.
func (f *field) over(p unsafe.Pointer, now moment) bool {
	if f.instant {
		at := *(*deadline.Instant)(p)
		return !at.IsZero() && now.instant.Sub(at) > f.past
	}
	at := *(*time.Time)(p)
	return !at.IsZero() && now.time.Sub(at) > f.past
}

// Exact writes down v with nothing left out as over, for [Codec.Changed].
func (c *Codec[T]) Exact(buf []byte, v *T) []byte {
	for i := range c.fields {
		buf = c.fields[i].exact(buf, unsafe.Pointer(v))
	}
	return buf
}

// Changed returns the name of the first field of v that isn't as Exact has written
// it down before, empty if there is none.
func (c *Codec[T]) Changed(before []byte, v *T) string {
	for i := range c.fields {
		f := &c.fields[i]
		c.buf = f.exact(c.buf[:0], unsafe.Pointer(v))
		rest, same := bytes.CutPrefix(before, c.buf)
		if !same {
			return f.name
		}
		before = rest
	}
	return ""
}

// exact writes a field of the struct at p.
func (f *field) exact(buf []byte, p unsafe.Pointer) []byte {
	if f.write == nil {
		return buf
	}
	return f.write(buf, unsafe.Add(p, f.offset), moment{time: time.Unix(0, 0)})
}
