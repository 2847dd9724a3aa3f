// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"bytes"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/carp"
)

// Whatever differs in two machines makes two states of them, but for what follows
// from the rest. A field that is added to the machine is held to this, too.
func TestMachineCodec(t *testing.T) {
	codec, err := carp.NewMachineCodec(false)
	if err != nil {
		t.Fatal(err)
	}
	without := []string{"adver", "adverRank", "actions"}
	for i := range reflect.TypeFor[carp.Machine]().NumField() {
		name := reflect.TypeFor[carp.Machine]().Field(i).Name
		m := master(t).m
		before, exact := codec.Append(nil, m, epoch), codec.Exact(nil, m)
		field := reflect.ValueOf(m).Elem().Field(i)
		alter(t, reflect.NewAt(field.Type(), field.Addr().UnsafePointer()).Elem())
		same := bytes.Equal(before, codec.Append(nil, m, epoch))
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
		v.Set(reflect.ValueOf(epoch.Add(time.Hour)))
		return
	case netip.Addr:
		v.Set(reflect.ValueOf(higherPeer))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Uint8:
		v.SetUint(v.Uint() + 1)
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Slice:
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.Zero(v.Type().Key()), reflect.Zero(v.Type().Elem()))
	case reflect.Struct:
		alter(t, reflect.NewAt(v.Field(0).Type(), v.Field(0).Addr().UnsafePointer()).Elem())
	case reflect.Interface:
		v.SetZero()
	default:
		t.Fatalf("a field of type %v", v.Type())
	}
}

// A copy of a machine does the same as the machine, and neither changes the other.
func TestMachineClone(t *testing.T) {
	codec, err := carp.NewMachineCodec(false)
	if err != nil {
		t.Fatal(err)
	}
	h := master(t)
	h.do(h.m.Claimed(h.now, netip.MustParseAddr("192.0.2.100"))) // there are maps now
	h.do(h.m.Demote(h.now, "sync", 1))
	before := codec.Exact(nil, h.m)
	c := &harness{t: t, m: codec.Clone(h.m), now: h.now}
	h.got = nil
	for _, x := range []*harness{c, h} {
		x.do(x.m.Demote(x.now, "disk", 50))
		x.hear(lowerPeer, adv(1, 200))
		x.advance(3 * time.Second)
		x.hear(higherPeer, adv(1, 0))
		x.hear(higherPeer, adv(255, 255))
		x.next()
		if x == c && codec.Changed(before, h.m) != "" {
			t.Errorf("an input of the copy has changed %s of the original", codec.Changed(before, h.m))
		}
	}
	h.want(c.got...)
	if got := codec.Changed(codec.Exact(nil, c.m), h.m); got != "" {
		t.Errorf("the copy comes to another %s", got)
	}
}
