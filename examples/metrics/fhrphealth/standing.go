// SPDX-License-Identifier: Apache-2.0

package fhrphealth

import (
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/vrrp"
)

// routers asks each virtual router.
func routers(r *vrrp.Router) []standing {
	var list []standing
	for _, v := range r.VirtualRouters() {
		s := v.Status()
		list = append(list, standing{s.Name, routerLacks(&s, time.Now()), s.State == vrrp.Active})
	}
	return list
}

// routerLacks returns what keeps a virtual router from being ready.
func routerLacks(s *vrrp.Status, now time.Time) string {
	switch {
	case s.State == vrrp.Active:
		return ""
	case s.State == vrrp.Initialize:
		return because("Initialize", s.Barred != vrrp.ReasonNone, s.Barred.String(), s.BarredBy, s.LinkError)
	}
	return silence(s.HeardAt, s.DownInterval, now)
}

// hosts asks each virtual host.
func hosts(h *carp.Host) []standing {
	var list []standing
	for _, v := range h.VirtualHosts() {
		s := v.Status()
		list = append(list, standing{s.Name, hostLacks(&s, time.Now()), s.State == carp.Master})
	}
	return list
}

// hostLacks returns what keeps a virtual host from being ready.
func hostLacks(s *carp.Status, now time.Time) string {
	switch s.State {
	case carp.Master:
		return ""
	case carp.Init:
		var err error
		for _, p := range s.Paths {
			if err == nil {
				err = p.LinkError
			}
		}
		return because("Init", s.Barred != carp.ReasonNone, s.Barred.String(), s.BarredBy, err)
	}
	var heard time.Time
	for _, p := range s.Paths {
		if p.HeardAt.After(heard) {
			heard = p.HeardAt
		}
	}
	return silence(heard, s.DownInterval, now)
}

// silence returns what a Backup lacks that has heard an advertisement last at a time, zero for never, and may be patient for so long.
func silence(heard time.Time, patience time.Duration, now time.Time) string {
	switch {
	case heard.IsZero():
		return "Backup, and has heard no advertisement yet"
	case now.Sub(heard) > patience:
		return "Backup, and has heard no advertisement for " + now.Sub(heard).Truncate(time.Millisecond).String()
	}
	return ""
}

// because says why a virtual router takes no part.
func because(state string, barred bool, reason, by string, link error) string {
	switch {
	case barred && by != "":
		return state + ": " + reason + " (" + by + ")"
	case barred:
		return state + ": " + reason
	case link != nil:
		return state + ": " + link.Error()
	}
	return state
}
