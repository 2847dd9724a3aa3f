// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/go-fhrp/fhrp/carp"
)

func TestStrings(t *testing.T) {
	for value, want := range map[fmt.Stringer]string{
		carp.Init: "Init", carp.Backup: "Backup", carp.Master: "Master", carp.State(7): "state 7",
		carp.ReasonNone: "none", carp.ReasonTimedOut: "master timed out", carp.ReasonShutdown: "shutdown", carp.Reason(200): "reason 200",
		carp.NoticeCompetitor: "competing master", carp.NoticeEqual: "peer of equal rank", carp.Notice(0): "notice 0", carp.Notice(99): "notice 99",
		carp.Rank{AdvBase: 1, AdvSkew: 100}: "advbase 1 advskew 100", carp.Rank{Demote: 2}: "advbase 0 advskew 0 demote 2",
		carp.Transition{From: carp.Init, To: carp.Backup, Reason: carp.ReasonStartup}:                                                          "Init -> Backup: startup",
		carp.Transition{From: carp.Master, To: carp.Backup, Reason: carp.ReasonMoreFrequent, Peer: lowerPeer, PeerRank: carp.Rank{AdvBase: 1}}: "Master -> Backup: more frequent advertisement received (peer 192.0.2.1, advbase 1 advskew 0)",
	} {
		if got := value.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	err := carp.Transition{From: carp.Master, To: carp.Backup, Reason: carp.ReasonAddresses, Err: errors.New("full")}
	if got, want := err.String(), "Master -> Backup: addresses could not be added: full"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Every reason has words of its own.
func TestReasonsDiffer(t *testing.T) {
	seen := map[string]carp.Reason{}
	for r := carp.ReasonNone; r <= carp.ReasonGroup; r++ {
		if other, ok := seen[r.String()]; ok || r.String() == "" {
			t.Errorf("%d and %d are %q", r, other, r)
		}
		seen[r.String()] = r
	}
}
