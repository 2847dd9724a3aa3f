// SPDX-License-Identifier: Apache-2.0

//go:build unix

package handover

import (
	"bytes"
	"context"
	"io"
	"net"
	"os/exec"
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
		if err := s.lastWords(ctx); err != nil || time.Since(begun) != 10*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	})
}
