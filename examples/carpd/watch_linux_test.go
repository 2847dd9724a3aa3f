// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// Two virtual hosts of a group move as one when the file of one of them comes, and return when it goes; by taking no part, and by
// a demotion.
func TestGroupLive(t *testing.T) {
	for name, more := range map[string]string{"no part": "", "demotion": "demotion = 200"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !netlabtest.Enter(t) {
				return
			}
			p := newPair(t, "10.0.0.100", "10.0.0.101")
			dir := t.TempDir()
			file := func(name string, skew int) []string {
				// Demotions are for all members of a group: for one alone, what that loses the other wins.
				return []string{"--config", write(t, "carpd.conf", fmt.Sprintf("interface = eth0\npass = mekmitasdigoat\npreempt\n"+
					"facility = none\nadvskew = %d\ngroup = g\nwatch-file = %s\n%s\n[one]\nvhid = 1\naddr = 10.0.0.100/24\n"+
					"[two]\nvhid = 2\naddr = 10.0.0.101/24\n", skew, filepath.Join(dir, name), more))}
			}
			a := carpd(t, p.n1, file("n1", 0)...)
			p.wantHolder(p.n1)
			b := carpd(t, p.n2, file("n2", 100)...)
			b.wantLine("Switching to state: BACKUP (two)")
			down := filepath.Join(dir, "n1")
			if err := os.WriteFile(down, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			p.wantHolder(p.n2)
			if err := os.Remove(down); err != nil {
				t.Fatal(err)
			}
			p.wantHolder(p.n1)
			a.stop(syscall.SIGTERM)
			p.wantHolder(p.n2)
		})
	}
}
