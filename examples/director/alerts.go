// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/vrrp"
)

// alerts tells by mail what happens, in the words of keepalived. It is safe for concurrent use, and nobody waits for it.
type alerts struct {
	mailer *mailer

	mu     sync.Mutex
	config *keepalived.Mail // nil: nothing is told
	last   map[string]string
}

func newAlerts(config *keepalived.Mail, log *slog.Logger) *alerts {
	a := &alerts{config: config, last: map[string]string{}}
	a.mailer = newMailer(log, func(ctx context.Context, l letter) error {
		c := a.current()
		if c == nil {
			return fmt.Errorf("%w: the file says no more where to", errRefused)
		}
		return deliver(ctx, c, l)
	})
	return a
}

// configure goes over to what another file says.
func (a *alerts) configure(config *keepalived.Mail) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.config = config
}

func (a *alerts) current() *keepalived.Mail {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.config
}

// notice is what an alert says. The zero value is for none.
type notice struct {
	subject, body string
	minor         bool // it is about a check that has not changed the state of its server
}

// tell sends an alert about servers.
func (a *alerts) tell(n notice) {
	if c := a.current(); c != nil && n.subject != "" && (!n.minor || !c.NoCheckers) {
		a.mailer.post(letter{n.subject, n.body, time.Now()})
	}
}

// The states as alerts call them.
const (
	isMaster  = "Entering MASTER state"
	isBackup  = "Entering BACKUP state"
	isFault   = "Entering FAULT state"
	isStopped = "Stopping"
)

// follow tells of the state of a virtual router or of a group. stopping says that all of them end.
func (a *alerts) follow(e vrrp.Event, stopping bool) {
	switch e.Kind {
	case vrrp.EventTransition:
		a.tellState("Instance", e.Name, stateText(e.State, e.Transition.Reason == vrrp.ReasonShutdown))
	case vrrp.EventGroup:
		a.tellState("Group", e.Name, stateText(e.State, stopping))
	}
}

// stateText returns what alerts call a state. One that is out of the election is at fault, unless it ends.
func stateText(s vrrp.State, ending bool) string {
	switch {
	case s == vrrp.Active:
		return isMaster
	case s == vrrp.Backup:
		return isBackup
	case ending:
		return isStopped
	}
	return isFault
}

// tellState sends an alert about a state, unless it was the last one that was told.
func (a *alerts) tellState(kind, name, state string) {
	c := a.current()
	tells := c.TellsInstance(name)
	if kind == "Group" {
		tells = c.TellsGroup(name)
	}
	if !tells || state == isFault && c.NoFaults {
		return
	}
	a.mu.Lock()
	known := a.last[kind+name] == state
	a.last[kind+name] = state
	a.mu.Unlock()
	if !known {
		a.mailer.post(letter{fmt.Sprintf("VRRP %s %s - %s", kind, name, state), stateBody(kind, state), time.Now()})
	}
}

// stateBody returns what keepalived writes.
func stateBody(kind, state string) string {
	switch {
	case kind == "Group" && state == isStopped:
		return "=> All VRRP group instances are now stopping <="
	case kind == "Group":
		return "=> All VRRP group instances are now in " + strings.TrimPrefix(state, "Entering ") + " <="
	case state == isStopped:
		return "=> VRRP Instance stopping <="
	case state == isMaster:
		return "=> VRRP Instance is now owning VRRP VIPs <="
	}
	return "=> VRRP Instance is no longer owning VRRP VIPs <="
}

// poolName returns a virtual server as keepalived writes it.
func poolName(v *keepalived.VirtualServer) string {
	word, name, _ := strings.Cut(v.Name, " ")
	switch {
	case word == "group":
		return "[" + name + "]:0"
	case word == "fwmark":
		return "FWM " + name
	}
	return serverName(v.Protocol, v.Endpoints[0].Addr)
}

// serverName returns an address as keepalived writes it.
func serverName(p keepalived.Protocol, addr netip.AddrPort) string {
	return fmt.Sprintf("[%v]:%s:%d", addr.Addr(), strings.ToLower(p.String()), addr.Port())
}

// stateWord returns UP or DOWN.
func stateWord(up bool) string {
	if up {
		return "UP"
	}
	return "DOWN"
}

// serverNotice tells of a real server.
func serverNotice(v *keepalived.VirtualServer, r keepalived.RealServer, up bool, body string) notice {
	if !r.Alert {
		return notice{}
	}
	return notice{subject: fmt.Sprintf("Realserver %s of virtual server %s - %s", serverName(v.Protocol, r.Addr), poolName(v), stateWord(up)), body: body}
}

// poolNotice tells of a virtual server.
func poolNotice(v *keepalived.VirtualServer, up bool, body string) notice {
	if !v.Alert {
		return notice{}
	}
	return notice{subject: "Virtualserver " + poolName(v) + " - " + stateWord(up), body: body}
}

// checkBody tells what a check says.
func checkBody(kind keepalived.CheckKind, up bool, err error) string {
	word := "failed"
	if up {
		word = "succeed"
	}
	switch kind {
	case keepalived.CheckHTTP, keepalived.CheckSSL:
		if !up {
			return "=> CHECK failed on service : HTTP/SSL request failed <="
		}
		return "=> CHECK succeed on service <="
	case keepalived.CheckSMTP:
		if !up && err != nil {
			return "=> CHECK failed on service : " + err.Error() + " <="
		}
		return "=> CHECK " + word + " on service <="
	case keepalived.CheckPing:
		return "=> ICMP CHECK " + word + " on service <="
	case keepalived.CheckDNS:
		return "=> DNS_CHECK: " + word + " on service <="
	case keepalived.CheckMisc:
		return miscBody(up, err)
	}
	return "=> " + strings.ReplaceAll(string(kind), "_", " ") + " " + word + " on service <="
}

// miscBody tells what a program says.
func miscBody(up bool, err error) string {
	switch {
	case up:
		return "=> MISC CHECK succeeded on service <="
	case errors.Is(err, context.DeadlineExceeded):
		return "=> MISC CHECK timed out on service <="
	}
	return "=> MISC CHECK failed on service <="
}
