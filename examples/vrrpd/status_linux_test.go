// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/go-fhrp/fhrp/internal/instances"
	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestStatus has the program write all there is to know on SIGUSR1, by the names in its configuration: into a file, or as a
// line to its standard output.
func TestStatus(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	n := &node{t: t, host: lab.Host("n1"), file: conf{version: 3, interval: "0.1", addresses: []string{"10.0.0.100/24"}}.write(t, "n1", 200)}
	for _, file := range []string{"", filepath.Join(t.TempDir(), "status.json")} {
		p := startProgram(t, n, "-status", file)
		eventually(t, "Active", func() bool { return strings.Contains(p.log(), "to=Active") })
		p.signal(t, syscall.SIGUSR1)
		var got instances.Report
		eventually(t, "the status", func() bool {
			text := []byte(lastObject(p.log()))
			if file != "" {
				text, _ = os.ReadFile(file)
			}
			return json.Unmarshal(text, &got) == nil
		})
		if got.PID != p.cmd.Process.Pid || got.Time.IsZero() || len(got.Instances) != 1 {
			t.Fatalf("%+v", got)
		}
		if s := got.Instances[0]; s.State != vrrp.Active || s.Name != "V" || s.Link != "eth0" || s.Stats.BecameActive != 1 || s.Up.IsZero() || s.Last.Reason != vrrp.ReasonNoResponse {
			t.Errorf("%+v", s)
		}
		p.signal(t, syscall.SIGTERM)
		if err := p.cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
}

// lastObject returns the last whole line that is JSON.
func lastObject(log string) (object string) {
	for line := range strings.Lines(log) {
		if strings.HasPrefix(line, "{") && strings.HasSuffix(line, "\n") {
			object = line
		}
	}
	return object
}
