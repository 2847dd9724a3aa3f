// SPDX-License-Identifier: Apache-2.0

package netif_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/netif"
)

// sysctl returns the value of a setting in the namespace of the calling thread.
func sysctl(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("/proc/sys/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

// wantSysctl checks the value of a setting in the namespace of the calling thread.
func wantSysctl(t *testing.T, name, want string) {
	t.Helper()
	if got := sysctl(t, name); got != want {
		t.Errorf("%s is %s, want %s", name, got, want)
	}
}

// TestNonlocalBind has a program listen on an address that is not there yet, and be reached when it is.
func TestNonlocalBind(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	for _, addr := range []netip.Prefix{netip.MustParsePrefix("10.0.0.200/32"), netip.MustParsePrefix("fd00::200/128")} {
		within(t, lab.Host("n1"), func() error {
			var sysctls netif.Sysctls
			server := netip.AddrPortFrom(addr.Addr(), 80).String()
			if _, err := net.Listen("tcp", server); !errors.Is(err, unix.EADDRNOTAVAIL) {
				return fmt.Errorf("before: %w", err)
			}
			restore, err := sysctls.Apply(netif.NonlocalBind(addr.Addr().Is6())...)
			if err != nil {
				return err
			}
			l, err := net.Listen("tcp", server)
			if err != nil {
				return err
			}
			defer l.Close()
			if err := addAddress("eth0", addr, unix.IFA_F_NODAD); err != nil {
				return err
			}
			if err := dialUntil(server, time.Now().Add(20*time.Second)); err != nil {
				return err
			}
			if err := restore(); err != nil {
				return err
			}
			wantSysctl(t, netif.NonlocalBind(addr.Addr().Is6())[0].Name, "0")
			return nil
		})
	}
}

// dialUntil connects to a server. It may take several attempts: some kernels make an IPv6 address usable a
// moment after it was added, even without duplicate address detection.
func dialUntil(server string, end time.Time) error {
	for {
		c, err := net.DialTimeout("tcp", server, 100*time.Millisecond)
		if err == nil {
			return c.Close()
		}
		if time.Now().After(end) {
			return err
		}
	}
}

// addAddress adds an address in the namespace of the calling thread.
func addAddress(link string, addr netip.Prefix, flags int) error {
	l, err := netlink.LinkByName(link)
	if err != nil {
		return err
	}
	ip := &net.IPNet{IP: addr.Addr().AsSlice(), Mask: net.CIDRMask(addr.Bits(), addr.Addr().BitLen())}
	return netlink.AddrAdd(l, &netlink.Addr{IPNet: ip, Flags: flags})
}

// TestSysctlsKeepTheirNamespace puts settings back from a thread in another namespace.
func TestSysctlsKeepTheirNamespace(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	var restore func() error
	var sysctls netif.Sysctls
	within(t, lab.Host("n1"), func() (err error) {
		restore, err = sysctls.Apply(netif.SilentAddresses("eth0")...)
		return err
	})
	check := func(host, ignore, announce string) {
		within(t, lab.Host(host), func() error {
			wantSysctl(t, "net/ipv4/conf/eth0/arp_ignore", ignore)
			wantSysctl(t, "net/ipv4/conf/eth0/arp_announce", announce)
			return nil
		})
	}
	check("n1", "1", "2")
	check("n2", "0", "0")
	within(t, lab.Host("n2"), func() error { return restore() })
	check("n1", "0", "0")
	check("n2", "0", "0")
}

// TestSysctlsOfALinkThatWent wants settings to go with their link, and those of a new link of the same name to be
// its own.
func TestSysctlsOfALinkThatWent(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	const name = "net/ipv4/conf/v0/arp_ignore"
	within(t, lab.Host("n1"), func() error {
		var sysctls netif.Sysctls
		attrs := netlink.NewLinkAttrs()
		attrs.Name = "v0"
		veth := &netlink.Veth{LinkAttrs: attrs, PeerName: "v1"}
		_, err := sysctls.Apply(netif.Setting{Name: name, Want: "1"})
		if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("no link yet: %w", err)
		}
		if err := netlink.LinkAdd(veth); err != nil {
			return err
		}
		first, err := sysctls.Apply(netif.Setting{Name: name, Want: "1"})
		if err != nil {
			return err
		}
		if err := errors.Join(netlink.LinkDel(veth), netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: "v1"})); err != nil {
			return err
		}
		second, err := sysctls.Apply(netif.Setting{Name: name, Want: "2"})
		if err != nil {
			return err
		}
		if err := first(); err != nil {
			return err
		}
		wantSysctl(t, name, "2")
		if err := second(); err != nil {
			return err
		}
		wantSysctl(t, name, "0")
		return nil
	})
}

// TestSysctlsReadOnly has /proc/sys read-only, as it is in most containers.
func TestSysctlsReadOnly(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	within(t, lab.Host("n1"), func() error {
		if err := unix.Unshare(unix.CLONE_FS | unix.CLONE_NEWNS); err != nil {
			return err
		}
		const bind = unix.MS_BIND | unix.MS_REC
		if err := errors.Join(unix.Mount("", "/", "", unix.MS_PRIVATE|unix.MS_REC, ""),
			unix.Mount("/proc/sys", "/proc/sys", "", bind, ""),
			unix.Mount("", "/proc/sys", "", bind|unix.MS_REMOUNT|unix.MS_RDONLY, "")); err != nil {
			return err
		}
		var sysctls netif.Sysctls
		_, err := sysctls.Apply(netif.NonlocalBind(false)...)
		if !errors.Is(err, os.ErrPermission) || !strings.HasSuffix(err.Error(), "fix: sysctl -w net/ipv4/ip_nonlocal_bind=1") {
			t.Errorf("error %v", err)
		}
		if e, ok := errors.AsType[*netif.SettingError](err); !ok || e.Current != "0" || e.Setting.Want != "1" {
			t.Errorf("error %#v", e)
		}
		restore, err := sysctls.Apply(netif.Setting{Name: "net/ipv4/ip_nonlocal_bind", Want: "0"})
		if err != nil {
			return err
		}
		return restore()
	})
}

func ExampleSysctls() {
	var sysctls netif.Sysctls
	restore, err := sysctls.Apply(netif.NonlocalBind(false)...)
	if err != nil {
		fmt.Println(err) // says which command helps
		return
	}
	defer restore()
}

func ExampleSysctls_Verify() {
	var sysctls netif.Sysctls
	err := sysctls.Verify(netif.Setting{Name: "net/ipv4/ip_default_ttl", Want: "1"})
	fmt.Println(errors.Is(err, netif.ErrSettingDiffers))
	// Output: true
}
