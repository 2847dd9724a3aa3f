// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-fhrp/fhrp/netif/doctor"
)

// errUnfit is the outcome of an examination that found errors.
var errUnfit = errors.New("the virtual hosts will not work on this host as it is")

// examine prints what on this host would keep the virtual hosts of the plan from
// working, as text or as JSON.
func examine(p *plan, stdout io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	findings, err := doctor.Diagnose(ctx, doctor.Config{Routers: p.routers()})
	print := doctor.Print
	if p.json {
		print = doctor.PrintJSON
	}
	err = errors.Join(err, print(stdout, findings))
	for _, f := range findings {
		if err == nil && f.Severity == doctor.Error {
			err = errUnfit
		}
	}
	if err == nil && len(findings) == 0 && !p.json {
		_, err = fmt.Fprintln(stdout, "nothing found")
	}
	return err
}

// routers returns what the doctor has to know of the plan: a virtual host once for
// each address family.
func (p *plan) routers() []doctor.Router {
	var all []doctor.Router
	for _, v := range p.instances {
		for _, ipv6 := range []bool{false, true} {
			r := doctor.Router{Link: v.link, ID: uint8(v.vhid), IPv6: ipv6, CARP: true, Device: v.device, VirtualMAC: v.virtualMAC}
			for _, a := range v.addrs {
				if a.Addr().Is6() == ipv6 {
					r.Addresses = append(r.Addresses, a)
				}
			}
			for _, peer := range v.peers {
				r.Unicast = r.Unicast || peer.Is6() == ipv6
			}
			if len(r.Addresses) > 0 {
				all = append(all, r)
			}
		}
	}
	return all
}
