// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the files in testdata anew, but for the recorded history")

// recorded returns what was seen once in network namespaces. It is renewed with
// FHRP_FAILOVER_RECORD=testdata/history.json and the test of the whole program.
func recorded(t *testing.T) history {
	t.Helper()
	b, err := os.ReadFile("testdata/history.json")
	if err != nil {
		t.Fatal(err)
	}
	var h history
	if err := json.Unmarshal(b, &h); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestPicture(t *testing.T) {
	h := recorded(t)
	var b bytes.Buffer
	if err := writePicture(&b, &h); err != nil {
		t.Fatal(err)
	}
	golden(t, "history.svg", b.Bytes())
}

func TestSummary(t *testing.T) {
	for name, live := range map[string]bool{"plain.txt": false, "color.txt": true} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			(&screen{w: &b, live: live}).summary(recorded(t))
			golden(t, name, b.Bytes())
		})
	}
}

// A terminal sees the lanes move, and text above them.
func TestLive(t *testing.T) {
	h := recorded(t)
	var b bytes.Buffer
	s := &screen{w: &b, live: true}
	for i, c := range h.Chapters[:3] {
		until := recorded(t)
		until.Chapters = until.Chapters[:i+1]
		until.End = c.At
		s.chapter(until, "what is done,\nin two lines")
		until.End += frameTime
		s.show(until)
		until.End++ // too soon to be drawn again
		s.show(until)
	}
	golden(t, "live.txt", b.Bytes())
}

// golden compares with a file in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
