// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"errors"
	"net/netip"
	"runtime"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/vip"
)

func TestOpenElsewhere(t *testing.T) {
	if runtime.GOOS == "linux" {
		t.Skip("this is Linux")
	}
	if _, err := vip.Open("em0", nil); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Open: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	v4, v6 := netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("2001:db8::1/128")
	of := func(p netip.Prefix, a vip.Attributes) vip.Config {
		return vip.Config{Attributes: map[netip.Prefix]vip.Attributes{p: a}}
	}
	for name, test := range map[string]struct {
		device string
		cfg    vip.Config
		want   string // in the error
	}{
		"no name":              {"", vip.Config{}, "name"},
		"long name":            {"sixteen-letters-", vip.Config{}, "sixteen-letters-"},
		"name with slash":      {"a/b", vip.Config{}, "a/b"},
		"name with blank":      {"a b", vip.Config{}, "a b"},
		"name of a directory":  {"..", vip.Config{}, ".."},
		"label of another":     {"eth0", of(v4, vip.Attributes{Label: "eth1:vip"}), "eth1:vip"},
		"long label":           {"eth0", of(v4, vip.Attributes{Label: "eth0:0123456789a"}), "eth0:0123456789a"},
		"label with blank":     {"eth0", of(v4, vip.Attributes{Label: "eth0: x"}), "eth0: x"},
		"label of IPv6":        {"eth0", of(v6, vip.Attributes{Label: "eth0:vip"}), "IPv6"},
		"default label":        {"eth0", vip.Config{Default: vip.Attributes{Label: "vip"}}, `"vip"`},
		"scope of nothing":     {"eth0", of(v4, vip.Attributes{Scope: 255}), "nowhere"},
		"attributes of nobody": {"eth0", of(netip.MustParsePrefix("224.0.0.18/32"), vip.Attributes{}), "224.0.0.18"},
	} {
		d, err := vip.Open(test.device, &test.cfg)
		if err == nil {
			d.Close()
		}
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "vip: open ") {
			t.Errorf("%s: error %v, want one about %q", name, err, test.want)
		}
	}
}
