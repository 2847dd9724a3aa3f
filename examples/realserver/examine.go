// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"

	"github.com/go-fhrp/fhrp/netif"
	"github.com/go-fhrp/fhrp/vip"
)

// finding is something that keeps the host from being a real server.
type finding struct {
	what string
	fix  string // a command
}

// errUnready is the outcome of an examination that found something.
var errUnready = errors.New("the host is not ready to be a real server")

// examine prints what is missing.
func examine(ctx context.Context, o options, stdout io.Writer) error {
	missing, err := inspect(ctx, o)
	for _, f := range missing {
		if _, writeErr := fmt.Fprintf(stdout, "%s\n  fix: %s\n", f.what, f.fix); writeErr != nil {
			return writeErr
		}
	}
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return errUnready
	}
	_, err = fmt.Fprintf(stdout, "ready: %v on %s, not shown on %s\n", &o.addresses, o.dummy, o.link)
	return err
}

// inspect looks at the host, and changes nothing.
func inspect(ctx context.Context, o options) ([]finding, error) {
	missing, err := inspectSettings(o)
	if err != nil {
		return missing, err
	}
	device, err := inspectDevice(ctx, o)
	if err != nil {
		return missing, err
	}
	missing = append(missing, device...)
	elsewhere, err := inspectOthers(o)
	return append(missing, elsewhere...), err
}

// inspectSettings looks at the settings that keep the addresses from being shown.
func inspectSettings(o options) (missing []finding, err error) {
	var sysctls netif.Sysctls
	for _, setting := range netif.SilentAddresses(o.link) {
		err := sysctls.Verify(setting)
		if differs, ok := errors.AsType[*netif.SettingError](err); ok && errors.Is(err, netif.ErrSettingDiffers) {
			missing = append(missing, finding{fmt.Sprintf("%s is %s, not %s", setting.Name, differs.Current, setting.Want), setting.Command()})
		} else if err != nil {
			return missing, err
		}
	}
	return missing, nil
}

// inspectDevice looks for the interface and the addresses on it.
func inspectDevice(ctx context.Context, o options) (missing []finding, err error) {
	device, err := vip.Open(o.dummy, nil)
	if err != nil {
		return nil, err
	}
	defer device.Close()
	present, err := device.List(ctx)
	link, linkErr := net.InterfaceByName(o.dummy)
	switch {
	case errors.Is(err, vip.ErrNoDevice):
		missing = append(missing, finding{"there is no interface " + o.dummy, "ip link add " + o.dummy + " type dummy && ip link set " + o.dummy + " up"})
	case err != nil || linkErr != nil:
		return nil, errors.Join(err, linkErr)
	case link.Flags&net.FlagUp == 0:
		missing = append(missing, finding{o.dummy + " is not up", "ip link set " + o.dummy + " up"})
	}
	for _, p := range o.addresses {
		if !slices.Contains(present, p) {
			missing = append(missing, finding{fmt.Sprintf("%v is not on %s", p, o.dummy), fmt.Sprintf("ip addr add %v dev %s", p, o.dummy)})
		}
	}
	return missing, nil
}

// inspectOthers looks for the addresses where they would be shown.
func inspectOthers(o options) (found []finding, err error) {
	links, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	for _, link := range links {
		if link.Name == o.dummy || link.Flags&net.FlagLoopback != 0 {
			continue
		}
		addrs, err := link.Addrs()
		if err != nil {
			return nil, err
		}
		for _, a := range addrs {
			p, err := netip.ParsePrefix(a.String())
			if err == nil && slices.ContainsFunc(o.addresses, func(want netip.Prefix) bool { return want.Addr() == p.Addr() }) {
				found = append(found, finding{fmt.Sprintf("%v is on %s, where it is shown", p.Addr(), link.Name), fmt.Sprintf("ip addr del %v dev %s", p, link.Name)})
			}
		}
	}
	return found, nil
}
