// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-fhrp/fhrp/internal/instances"
	"github.com/go-fhrp/fhrp/netif/doctor"
)

// errUnfit is the outcome of an examination that found errors.
var errUnfit = errors.New("the virtual routers will not work on this host as it is")

// examine prints what on this host would keep the virtual routers of the plan
// from working, as text or as JSON.
func examine(plan *instances.Plan, asJSON bool, stdout io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	findings, err := doctor.Diagnose(ctx, doctor.Config{Routers: routers(plan)})
	print := doctor.Print
	if asJSON {
		print = doctor.PrintJSON
	}
	err = errors.Join(err, print(stdout, findings))
	for _, f := range findings {
		if err == nil && f.Severity == doctor.Error {
			err = errUnfit
		}
	}
	if err == nil && len(findings) == 0 && !asJSON {
		_, err = fmt.Fprintln(stdout, "nothing found")
	}
	return err
}

// routers returns what the doctor has to know of the plan: a virtual router once
// for each device that it has addresses on.
func routers(p *instances.Plan) []doctor.Router {
	var all []doctor.Router
	for _, in := range p.Instances {
		advertised := map[netip.Prefix]bool{}
		for _, a := range in.Config.Addresses {
			advertised[a] = true
		}
		first := len(all)
		for _, a := range in.Addresses {
			r := &all[place(&all, first, in, instances.Device(in.Config, a))]
			if advertised[a.Prefix] {
				r.Addresses = append(r.Addresses, a.Prefix)
			} else {
				r.Excluded = append(r.Excluded, a.Prefix)
			}
		}
	}
	return all
}

// place returns the index of the entry for a device among those of an instance,
// which begin at first.
func place(all *[]doctor.Router, first int, in instances.Instance, device string) int {
	for i := first; i < len(*all); i++ {
		if (*all)[i].Device == device {
			return i
		}
	}
	*all = append(*all, doctor.Router{Link: in.Config.Link, ID: in.Config.VRID, IPv6: in.Config.Addresses[0].Addr().Is6(), Device: device})
	return len(*all) - 1
}
