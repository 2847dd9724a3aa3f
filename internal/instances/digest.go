// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"reflect"
	"slices"
)

// digest stands for what a virtual router was made of, so that a plan need not be kept to be compared with the next one:
// there may be thousands. The zero digest is that of what can't be compared: secrets.
type digest [16]byte

// equals reports whether two digests are known to be of the same.
func (d digest) equals(o digest) bool { return d != digest{} && d == o }

// digestOf returns the digest of plain data: what [reflect.DeepEqual] calls equal has the same one.
func digestOf(data ...any) digest {
	p := digester{known: true}
	for _, d := range data {
		p.add(reflect.ValueOf(d))
	}
	if !p.known {
		return digest{}
	}
	sum := sha256.Sum256(p.text)
	return digest(sum[:])
}

// digester is a digest in the making. Each value is written so that no two write the same: numbers in eight octets, what
// has a length after that.
type digester struct {
	text  []byte
	known bool
}

func (p *digester) number(n uint64) { p.text = binary.BigEndian.AppendUint64(p.text, n) }

// add writes a value.
func (p *digester) add(v reflect.Value) {
	switch {
	case !v.IsValid():
		p.number(0)
	case v.CanInt():
		p.number(uint64(v.Int()))
	case v.CanUint():
		p.number(v.Uint())
	case v.Kind() == reflect.Bool && v.Bool():
		p.number(1)
	case v.Kind() == reflect.Bool:
		p.number(0)
	case v.Kind() == reflect.String:
		p.number(uint64(v.Len()))
		p.text = append(p.text, v.String()...)
	default:
		p.addParts(v)
	}
}

// addParts writes a value that consists of others.
func (p *digester) addParts(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			p.add(v.Field(i))
		}
	case reflect.Array, reflect.Slice:
		p.number(uint64(v.Len()))
		for i := range v.Len() {
			p.add(v.Index(i))
		}
	case reflect.Map:
		p.addMap(v)
	case reflect.Pointer, reflect.Interface:
		p.addTarget(v)
	default: // a function can't be looked into
		p.known = p.known && v.Kind() == reflect.Func && v.IsNil()
	}
}

// addTarget writes what a pointer or an interface has, and of an interface its type.
func (p *digester) addTarget(v reflect.Value) {
	if v.IsNil() {
		p.number(0)
		return
	}
	p.number(1)
	if v.Kind() == reflect.Interface {
		p.add(reflect.ValueOf(v.Elem().Type().String()))
	}
	p.add(v.Elem())
}

// addMap writes the entries of a map in an order that follows from them.
func (p *digester) addMap(v reflect.Value) {
	var entries [][]byte
	for key, value := range v.Seq2() {
		entry := digester{known: true}
		entry.add(key)
		entry.add(value)
		p.known = p.known && entry.known
		entries = append(entries, entry.text)
	}
	slices.SortFunc(entries, bytes.Compare)
	p.number(uint64(len(entries)))
	p.text = append(p.text, bytes.Join(entries, nil)...)
}
