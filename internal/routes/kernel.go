// SPDX-License-Identifier: Apache-2.0

package routes

import "github.com/go-fhrp/fhrp/internal/keepalived"

// Protocol is the protocol that routes and rules bear, in the sense of ip-route(8): the number of VRRP among IP protocols, which
// no other program uses for that.
const Protocol = 112

// Kernel is where routes and rules go to. A Keeper calls it from one goroutine at a time.
type Kernel interface {
	// Add adds a route or a rule. The error matches os.ErrExist if the place is taken: by the same one, or by another one.
	Add(e Entry) error
	// Remove removes one that was added. The error matches os.ErrNotExist if it isn't there.
	Remove(e Entry) error
	// Close removes nothing.
	Close() error
}

// Entry is a [keepalived.Route] or a [keepalived.Rule]; the other one is nil.
type Entry struct {
	Route *keepalived.Route
	Rule  *keepalived.Rule
}

// String returns it in the words of ip-route(8) and ip-rule(8).
func (e Entry) String() string {
	if e.Rule != nil {
		return "rule " + e.Rule.String()
	}
	return "route " + e.Route.String()
}

// mends reports whether it is put back where somebody else removes it.
func (e Entry) mends() bool {
	if e.Rule != nil {
		return !e.Rule.NoTrack
	}
	return !e.Route.NoTrack
}

// entries returns the routes, and the rules behind them, that the former should be there for.
func entries(routes []keepalived.Route, rules []keepalived.Rule) []Entry {
	var list []Entry
	for i := range routes {
		list = append(list, Entry{Route: &routes[i]})
	}
	for i := range rules {
		list = append(list, Entry{Rule: &rules[i]})
	}
	return list
}
