// SPDX-License-Identifier: Apache-2.0

package keepalived

import "time"

// GARP says when and how often gratuitous ARPs, or unsolicited neighbour advertisements, announce the addresses of an instance.
// Safe for concurrent reading.
type GARP struct {
	Delay           time.Duration // after becoming Master, the second round follows after this; 0: there is none
	Repeat          int           // announcements of each address in a round, at least 1
	Refresh         time.Duration // between further rounds while Master; 0: there are none
	RefreshRepeat   int           // announcements of each address in such a round
	LowerPrioDelay  time.Duration // the second round after an advertisement of lower priority; 0: there is none
	LowerPrioRepeat int           // announcements of each address in such a round; 0: none
}

// unset marks a number that the configuration has not given.
const unset = -1

// garpDefault is what keepalived does if nothing is configured. The settings for lower priority follow the others.
var garpDefault = GARP{Delay: 5 * time.Second, Repeat: 5, RefreshRepeat: 1, LowerPrioDelay: unset, LowerPrioRepeat: unset}

// read reads dir if it is one of the directives that vrrp_instance has under this name, and global_defs with vrrp_ before it.
func (g *GARP) read(r *report, dir *Directive, name string) bool {
	switch name {
	case "garp_master_delay":
		r.setSeconds(dir, &g.Delay, maxSeconds)
	case "garp_master_repeat":
		r.setRepeat(dir, &g.Repeat)
	case "garp_master_refresh":
		r.setSeconds(dir, &g.Refresh, 1<<32-1)
	case "garp_master_refresh_repeat":
		r.setRepeat(dir, &g.RefreshRepeat)
	case "garp_lower_prio_delay":
		r.setSeconds(dir, &g.LowerPrioDelay, maxSeconds)
	case "garp_lower_prio_repeat":
		setNumber(r, dir, &g.LowerPrioRepeat, 0, maxCount)
	default:
		return false
	}
	return true
}

// readMinimum reads vrrp_min_garp: what still has its default becomes one announcement without repetition.
func (g *GARP) readMinimum(r *report, dir *Directive) {
	minimum := false
	if r.setFlag(dir, &minimum); !minimum {
		return
	}
	if g.Delay == garpDefault.Delay {
		g.Delay = 0
	}
	if g.Repeat == garpDefault.Repeat {
		g.Repeat = 1
	}
	if g.RefreshRepeat == garpDefault.RefreshRepeat {
		g.RefreshRepeat = 0
	}
}

// complete fills in the settings for lower priority.
func (g *GARP) complete(delay time.Duration, repeat int) {
	if g.LowerPrioDelay == unset {
		g.LowerPrioDelay = delay
	}
	if g.LowerPrioRepeat == unset {
		g.LowerPrioRepeat = repeat
	}
}
