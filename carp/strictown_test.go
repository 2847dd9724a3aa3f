// SPDX-License-Identifier: Apache-2.0

package carp

import "testing"

// One of this host's own that it sends again, as a retried one, is remembered as it was first, and once.
func TestStrictRemembersTheFirst(t *testing.T) {
	first := Advertisement{AdvBase: 1, Digest: digestOf(7)}
	again := Advertisement{AdvBase: 2, Digest: digestOf(7)}
	var s strict
	s.remember(&first)
	s.remember(&again)
	if !s.accepts(&first) || s.accepts(&again) || len(s.order) != 1 {
		t.Errorf("%v, %d in order", s.known, len(s.order))
	}
}
