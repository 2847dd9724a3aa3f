// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// TestLock: a mark is claimed once a device, until the lock is closed.
func TestLock(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	var locks []lock
	for want := uint8(Protocol); want < unlocked; want++ {
		l, mark, err := newLock("eth0")
		if err != nil || mark != want {
			t.Fatalf("mark %d, %v, want %d", mark, err, want)
		}
		locks = append(locks, l)
	}
	if l, mark, err := newLock("eth0"); err == nil || mark != unlocked || l.free(Protocol) {
		t.Errorf("one too many: mark %d, %v", mark, err)
	}
	other, mark, err := newLock("eth1")
	if err != nil || mark != Protocol {
		t.Errorf("another device: mark %d, %v", mark, err)
	}
	if other.free(Protocol) || !other.free(Protocol+1) {
		t.Error("the first mark is free, or the second is not")
	}
	last := locks[len(locks)-1]
	locks[3].close()
	if last.free(Protocol+2) || !last.free(Protocol+3) {
		t.Error("the closed one is not free, or another is")
	}
	if _, mark, err := newLock("eth0"); err != nil || mark != Protocol+3 {
		t.Errorf("after one was closed: mark %d, %v", mark, err)
	}
}
