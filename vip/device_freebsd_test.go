// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"

	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

// openFreeBSD opens an interface of this host.
func openFreeBSD(t *testing.T, name string) *vip.Device {
	t.Helper()
	d, err := vip.Open(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// addressesOf returns what an interface has, without ifconfig.
func addressesOf(t *testing.T, name string) []netip.Prefix {
	t.Helper()
	i, err := net.InterfaceByName(name)
	if err != nil {
		t.Fatal(err)
	}
	addrs, err := i.Addrs()
	if err != nil {
		t.Fatal(err)
	}
	var list []netip.Prefix
	for _, a := range addrs {
		list = append(list, netip.MustParsePrefix(a.String()))
	}
	return list
}

func TestFreeBSDList(t *testing.T) {
	got, err := openFreeBSD(t, "lo0").List(t.Context())
	want := addressesOf(t, "lo0")
	slices.SortFunc(got, netip.Prefix.Compare)
	slices.SortFunc(want, netip.Prefix.Compare)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("List: %v, %v; want %v", got, err, want)
	}
}

func TestFreeBSDNoDevice(t *testing.T) {
	d, one := openFreeBSD(t, "nosuch0"), prefixes("192.0.2.1/32")
	if err := d.Add(t.Context(), one); !errors.Is(err, vip.ErrNoDevice) {
		t.Errorf("Add: %v", err)
	}
	if err := d.Remove(t.Context(), one); err != nil {
		t.Errorf("Remove: %v", err)
	}
}

func TestFreeBSDRefusesOptions(t *testing.T) {
	if _, err := vip.Open("-a", nil); err == nil {
		t.Error("-a is the name of an interface")
	}
}

func TestFreeBSDWithoutPrivilege(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("this is root")
	}
	if err := openFreeBSD(t, "lo0").Add(t.Context(), prefixes("192.0.2.1/32", "2001:db8::1/128")); !errors.Is(err, os.ErrPermission) {
		t.Errorf("Add: %v", err)
	}
}

func TestFreeBSDContract(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("this needs root")
	}
	viptest.TestBackend(t, func(t *testing.T) (vip.Backend, func() []netip.Prefix) {
		return openFreeBSD(t, "lo0"), func() []netip.Prefix { return addressesOf(t, "lo0") }
	})
}
