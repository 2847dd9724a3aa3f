// SPDX-License-Identifier: Apache-2.0

//go:build unix

package handover

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// TestLastWordsEndWithTheTime: the process that has failed isn't waited for longer than the time is that the peers
// don't notice anything in.
func TestLastWordsEndWithTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Successor{ended: make(chan error, 1)}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		begun := time.Now()
		if err := s.farewell(ctx); err != nil || time.Since(begun) != 10*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	})
}

// TestTakenIsHeardAfterInterrupt: what ends the wait for the legacy doesn't keep a process that has
// taken over from saying so, for it would be ended then.
func TestTakenIsHeardAfterInterrupt(t *testing.T) {
	ours, theirs, err := pair()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	defer theirs.Close()
	conn, err := net.FileConn(theirs)
	if err != nil {
		t.Fatal(err)
	}
	p := &Predecessor{conn: conn}
	p.Interrupt()
	p.Taken([]byte("receipt"))
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	theirs.Close()
	if k, got, err := read(ours); k != taken || string(got) != "receipt" || err != nil {
		t.Errorf("message of kind %d, %q, %v", k, got, err)
	}
}
