// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"bytes"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/vrrp"
)

// Whatever differs in two machines makes two states of them, but for what follows
// from the rest. A field that is added to the machine is held to this, too.
func TestMachineCodec(t *testing.T) {
	codec, err := vrrp.NewMachineCodec(false)
	if err != nil {
		t.Fatal(err)
	}
	without := []string{"held", "listed", "seen", "compared", "actions"}
	for i := range reflect.TypeFor[vrrp.Machine]().NumField() {
		name := reflect.TypeFor[vrrp.Machine]().Field(i).Name
		m := active(t, v3()).m
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
	case reflect.Int, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Slice:
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf(higherPeer), reflect.Zero(v.Type().Elem()))
	case reflect.Struct:
		alter(t, v.Field(0))
	default:
		t.Fatalf("a field of type %v", v.Type())
	}
}

// A copy of a machine does the same as the machine, and neither changes the other.
func TestMachineClone(t *testing.T) {
	codec, err := vrrp.NewMachineCodec(false)
	if err != nil {
		t.Fatal(err)
	}
	b := active(t, v3())
	b.do(b.m.Claimed(b.now, netip.MustParseAddr("192.0.2.100"))) // there is a map now
	before := codec.Exact(nil, b.m)
	c := &bench{t: t, m: codec.Clone(b.m), now: b.now}
	b.got = nil
	for _, x := range []*bench{c, b} {
		x.hear(lowerPeer, x.adv(50))
		x.advance(3 * time.Second)
		x.hear(higherPeer, x.adv(200))
		x.hear(higherPeer, x.adv(0))
		x.next()
		if x == c && codec.Changed(before, b.m) != "" {
			t.Errorf("an input of the copy has changed %s of the original", codec.Changed(before, b.m))
		}
	}
	b.want(c.got...)
	if got := codec.Changed(codec.Exact(nil, c.m), b.m); got != "" {
		t.Errorf("the copy comes to another %s", got)
	}
}
