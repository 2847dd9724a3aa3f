// SPDX-License-Identifier: Apache-2.0

package keepalived_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// TestFIFO reads whom a pipe belongs to: who is named with it, else script_user, wherever that stands.
func TestFIFO(t *testing.T) {
	c, err := keepalived.Read(source("global_defs {\nnotify_fifo /a\nvrrp_notify_fifo /b me us\nscript_user other others\n}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []keepalived.FIFO{{"notify_fifo", "/a", "other", "others"}, {"vrrp_notify_fifo", "/b", "me", "us"}}
	if diff := cmp.Diff(want, c.Global.FIFOs); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	_, err = keepalived.Read(source("global_defs {\nnotify_fifo /a\nvrrp_notify_fifo /a\n}\n"))
	if !errors.Is(err, keepalived.ErrConflict) {
		t.Errorf("the same pipe twice: %v", err)
	}
}
