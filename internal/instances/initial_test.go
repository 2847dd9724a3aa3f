// SPDX-License-Identifier: Apache-2.0

//go:build unix

package instances

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestInitialFault tells FAULT, once, of what begins in it: for want of a link, by a condition, or for the group; and of no other.
func TestInitialFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newHaltedBed(t, 1)
		fifo := filepath.Join(t.TempDir(), "fifo")
		events := b.roster.router.Events(t.Context())
		done := make(chan struct{})
		stopping := make(chan struct{})
		go func() {
			defer close(done)
			b.roster.notifier.follow(context.WithoutCancel(t.Context()), stopping, events)
		}()
		file := filepath.Join(t.TempDir(), "number")
		if err := os.WriteFile(file, []byte("1"), 0o600); err != nil {
			t.Fatal(err)
		}
		tracked := strings.Replace(one("T", 0, 4, 100, ""), "priority", "track_file {\n f\n }\n priority", 1)
		b.apply("global_defs {\n vrrp_notify_fifo " + fifo + "\n}\ntrack_file f {\n file " + file + "\n weight 0\n}\n" +
			one("A", 0, 1, 100, "") + one("L", 7, 2, 100, "") + one("M", 0, 3, 100, "") + tracked +
			"vrrp_sync_group G {\n group {\n L\n M\n }\n}\nvrrp_sync_group H {\n group {\n A\n }\n}\n")
		read := listen(t, fifo)
		b.run()
		for range 2 * certain {
			time.Sleep(linkInterval)
			b.roster.tellInitial(t.Context(), false)
		}
		synctest.Wait()
		got := slices.Sorted(slices.Values(strings.Split(strings.TrimSpace(read()), "\n")))
		want := []string{
			`GROUP "G" FAULT 0`, `GROUP "H" BACKUP 0`, `GROUP "H" MASTER 0`, `INSTANCE "A" BACKUP 100`, `INSTANCE "A" MASTER 100`,
			`INSTANCE "L" FAULT 100`, `INSTANCE "M" FAULT 100`, `INSTANCE "T" FAULT 100`,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		close(stopping)
		b.stop()
		<-done
		b.roster.notifier.tellTo(nil)
	})
}
