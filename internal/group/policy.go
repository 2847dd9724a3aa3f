// SPDX-License-Identifier: Apache-2.0

package group

import "strconv"

// Policy says how many of its members must be able to take part for the group to.
type Policy uint8

// The policies.
const (
	All    Policy = iota // each of them: keepalived's vrrp_sync_group
	Any                  // one
	Quorum               // a number of them
	numPolicies
)

// String returns "all", "any" or "quorum".
func (p Policy) String() string {
	if p >= numPolicies {
		return "policy " + strconv.Itoa(int(p))
	}
	return [numPolicies]string{"all", "any", "quorum"}[p]
}

// Valid reports whether it is one, and the quorum one for it: 1 and more for [Quorum], 0 for the others.
func (p Policy) Valid(quorum int) bool {
	return p < numPolicies && (p == Quorum) == (quorum > 0) && quorum >= 0
}
