// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
)

// hostWithDriver returns a host of a lab, and skips the test if the kernel has no driver for links of that kind, which
// nothing that could be installed would change.
func hostWithDriver(t *testing.T, probe netlink.Link) (*netlab.Lab, *netlab.Host) {
	t.Helper()
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	probe.Attrs().Name = "probe"
	err := lab.Host("n1").Do(func() error {
		eth0, err := netlink.LinkByName("eth0")
		if err != nil {
			return err
		}
		probe.Attrs().ParentIndex = eth0.Attrs().Index
		return errors.Join(netlink.LinkAdd(probe), netlink.LinkDel(probe))
	})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skipf("the kernel has no driver %s", probe.Type())
	}
	if err != nil {
		t.Fatal(err)
	}
	return lab, lab.Host("n1")
}

// TestNoDriver wants it said which driver the kernel lacks.
func TestNoDriver(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	within(t, lab.Host("n1"), func() error {
		d, err := netif.AddDummy("")
		checkNoDriver(t, "dummy", err, func() error { return d.Remove() })
		m, err := netif.AddMacvlan(netif.MacvlanConfig{Parent: "eth0", VRID: 1})
		checkNoDriver(t, "macvlan", err, func() error { return m.Remove() })
		return nil
	})
}

// checkNoDriver checks the error of a call that needs a driver, if there is one.
func checkNoDriver(t *testing.T, driver string, err error, remove func() error) {
	t.Helper()
	if err == nil {
		t.Logf("the kernel has a driver %s", driver)
		err = remove()
	} else if errors.Is(err, errors.ErrUnsupported) && strings.Contains(err.Error(), "no driver "+driver) {
		err = nil
	}
	if err != nil {
		t.Error(err)
	}
}

// TestLinkErrors wants errors that can be told apart, with any kernel.
func TestLinkErrors(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	within(t, lab.Host("n1"), func() error {
		if _, err := netif.AddDummy("eth0"); !errors.Is(err, netif.ErrLinkExists) {
			t.Errorf("dummy named as another link: %v", err)
		}
		if _, err := netif.AddDummy("a-name-that-is-too-long"); err == nil || errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("name too long: %v", err)
		}
		for want, cfg := range map[error]netif.MacvlanConfig{
			netif.ErrNoLink:     {Parent: "absent0", VRID: 1},
			netif.ErrLinkExists: {Parent: "eth0", VRID: 1, Name: "lo"},
		} {
			if _, err := netif.AddMacvlan(cfg); !errors.Is(err, want) {
				t.Errorf("%+v: %v", cfg, err)
			}
		}
		if _, err := netif.AddMacvlan(netif.MacvlanConfig{Parent: "eth0"}); err == nil || errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("VRID 0: %v", err)
		}
		return nil
	})
}

func TestDummy(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	_, host := hostWithDriver(t, &netlink.Dummy{})
	var first, second *netif.Dummy
	within(t, host, func() (err error) {
		if first, err = netif.AddDummy(""); err != nil {
			return err
		}
		if second, err = netif.AddDummy(netif.DummyName); err != nil {
			return err
		}
		return checkDummy("dummy0")
	})
	if !first.Made() || !second.Made() || first.Name() != "dummy0" {
		t.Errorf("made: %v and %v, name %s", first.Made(), second.Made(), first.Name())
	}

	// From another namespace: it is the one it was made in that counts.
	service := netip.MustParsePrefix("10.0.0.200/32")
	within(t, host, func() error { return addAddress("dummy0", service, 0) })
	if err := second.Remove(); !errors.Is(err, netif.ErrLinkInUse) {
		t.Errorf("with an address: %v", err)
	}
	within(t, host, func() error {
		l, err := netlink.LinkByName("dummy0")
		if err != nil {
			return err
		}
		return netlink.AddrDel(l, address(service.String()))
	})
	for range 2 {
		if err := first.Remove(); err != nil {
			t.Error(err)
		}
	}
	within(t, host, func() error {
		if _, err := netlink.LinkByName("dummy0"); err == nil {
			t.Error("it is still there")
		}
		return nil
	})
}

// checkDummy returns what is wrong with an interface.
func checkDummy(name string) error {
	l, err := netlink.LinkByName(name)
	if err != nil {
		return err
	}
	if l.Type() != "dummy" || l.Attrs().RawFlags&unix.IFF_UP == 0 || !strings.HasPrefix(l.Attrs().Alias, "fhrp:") {
		return fmt.Errorf("%s: kind %s, %+v", name, l.Type(), l.Attrs())
	}
	addrs, err := netlab.Whole(func() ([]netlink.Addr, error) { return netlink.AddrList(l, netlink.FAMILY_ALL) })
	if err == nil && len(addrs) > 0 {
		err = fmt.Errorf("%s has addresses: %v", name, addrs)
	}
	return err
}

// TestDummyOfOthers wants one that somebody else made to be used and to stay.
func TestDummyOfOthers(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	_, host := hostWithDriver(t, &netlink.Dummy{})
	within(t, host, func() error {
		other := &netlink.Dummy{LinkAttrs: netlink.NewLinkAttrs()}
		other.Name = "dummy0"
		if err := netlink.LinkAdd(other); err != nil {
			return err
		}
		d, err := netif.AddDummy("")
		if err != nil {
			return err
		}
		if d.Made() {
			t.Error("it says that it made the interface")
		}
		if err := d.Remove(); err != nil {
			return err
		}
		l, err := netlink.LinkByName("dummy0")
		if err != nil {
			return err
		}
		if l.Attrs().RawFlags&unix.IFF_UP == 0 {
			t.Error("it is not up")
		}
		return nil
	})
}

// TestAddressesOnDummy has a host answer for an address on its dummy interface, on its Ethernet.
func TestAddressesOnDummy(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab, host := hostWithDriver(t, &netlink.Dummy{})
	service := netip.MustParsePrefix("10.0.0.200/32")
	within(t, host, func() error {
		d, err := netif.AddDummy("")
		if err != nil {
			return err
		}
		return addAddress(d.Name(), service, 0)
	})
	mac := macOf(t, host)
	if got := neighbour(t, lab.Host("n2"), service.Addr()); got != mac {
		t.Errorf("%v is at %x, want %x", service, got, mac)
	}
}

func ExampleAddDummy() {
	d, err := netif.AddDummy("")
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		fmt.Println("the kernel lacks the driver, or this is not Linux")
		return
	case err != nil:
		fmt.Println(err)
		return
	}
	defer d.Remove()
	fmt.Println("service addresses go to", d.Name())
}
