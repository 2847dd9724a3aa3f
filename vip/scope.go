// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"fmt"
	"strconv"
)

// A Scope is how far an IPv4 address is valid: a number of /etc/iproute2/rt_scopes, see ip-address(8). Every number but
// 255 is one.
type Scope uint8

// Scopes with a name.
const (
	ScopeGlobal Scope = 0   // everywhere
	ScopeSite   Scope = 200 // inside this site
	ScopeLink   Scope = 253 // on this link
	ScopeHost   Scope = 254 // inside this host

	scopeNowhere Scope = 255 // for destinations that don't exist
)

// String returns the name of the scope, or its number where it has none.
func (s Scope) String() string {
	switch s {
	case ScopeGlobal:
		return "global"
	case ScopeSite:
		return "site"
	case ScopeLink:
		return "link"
	case ScopeHost:
		return "host"
	case scopeNowhere:
		return "nowhere"
	}
	return strconv.Itoa(int(s))
}

// ParseScope returns the scope of a name that String returns, or of a number in decimal or, after 0x, hexadecimal
// digits.
func ParseScope(s string) (Scope, error) {
	for _, scope := range []Scope{ScopeGlobal, ScopeSite, ScopeLink, ScopeHost} {
		if s == scope.String() {
			return scope, nil
		}
	}
	n, err := strconv.ParseUint(s, 0, 8)
	if err != nil || Scope(n) == scopeNowhere {
		return 0, fmt.Errorf("vip: scope %q is none of global, site, link, host and 0 to 254", s)
	}
	return Scope(n), nil
}
