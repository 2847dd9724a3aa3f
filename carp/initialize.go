// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/prefixes"
)

// Startup begins to take part (carp_setrun in state INIT), always as Backup, after
// it has addresses removed that an earlier program has left behind. Of
// hosts of equal rank the one with the lower local stays Master: it is the source
// of the IPv4 advertisements if there are any, else that of those over IPv6. In
// another state than Init it changes the source only: unlike a BSD, a Master stays
// Master when addresses of its link change and when a link that is up is reported
// to be up.
func (m *Machine) Startup(now time.Time, local netip.Addr) []Action {
	m.begin()
	m.local = local
	if m.state != Init {
		return m.actions
	}
	m.peer, m.peerRank = netip.Addr{}, Rank{}
	m.equals, m.pace = equals{}, 0
	m.remove(prefixes.Without(m.cfg.Addresses, m.releasing)) // what somebody left behind
	m.enterBackup(now)
	m.holdUntil = now.Add(m.cfg.StartupHold)
	m.change(m.own(now, Backup, ReasonStartup))
	return m.actions
}

// Shutdown ends taking part. A Master bows out, and keeps its addresses until the
// successor has them if the reason is [ReasonShutdown], [ReasonMaintenance],
// [ReasonTracker] or [ReasonGroup]; for any other reason, such as [ReasonLinkDown] and [ReasonNoAddress], they go at once. (FreeBSD 10 and
// later and ucarp fall silent; OpenBSD and NetBSD bow out, carp_ioctl.)
func (m *Machine) Shutdown(now time.Time, reason Reason) []Action {
	return m.shutdown(now, reason, "")
}

// shutdown is Shutdown by the doing of what has this name.
func (m *Machine) shutdown(now time.Time, reason Reason, by string) []Action {
	m.begin()
	if m.state == Master {
		m.bowOut(now, reason.handsOver())
		m.leaveMaster()
	} else if !reason.handsOver() {
		m.releaseNow()
	}
	if !reason.handsOver() {
		m.bowOutAfter = false
	}
	if m.state != Init {
		m.change(m.ownBy(now, Init, reason, by))
	}
	m.waiting = false
	m.backOffUntil = time.Time{}
	return m.actions
}
