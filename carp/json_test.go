// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/jsonform/jsonformtest"
)

// inJSON are the types that have a form in JSON, by the file in testdata/json that has it.
func inJSON() map[string]any {
	return map[string]any{
		"status": &carp.Status{}, "pathstatus": &carp.PathStatus{}, "stats": &carp.Stats{}, "hoststats": &carp.HostStats{}, "margin": &carp.Margin{},
		"wrongdigest": &carp.WrongDigest{}, "demotion": &carp.Demotion{},
		"transition": &carp.Transition{}, "event": &carp.Event{},
		"groupstatus": &carp.GroupStatus{}, "grouptransition": &carp.GroupTransition{},
		"rejectedpacket": &carp.RejectedPacket{Err: &carp.PacketError{Fault: carp.FaultHopLimit, Got: 64, Want: 255}},
	}
}

// TestJSON: each type is in JSON as its file in testdata/json has it with all fields set, and
// can be read back.
func TestJSON(t *testing.T) {
	for name, v := range inJSON() {
		t.Run(name, func(t *testing.T) {
			jsonformtest.Fill(v)
			sameJSON(t, name, v)
		})
	}
}

// sameJSON compares a value with its file, and itself with what is read of that.
func sameJSON[T any](t *testing.T, name string, v T) {
	t.Helper()
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, name+".json", append(text, '\n'))
	back := inJSON()[name]
	if err := json.Unmarshal(text, back); err != nil {
		t.Fatal(err)
	}
	errorsByText := cmp.Comparer(func(a, b error) bool { return a == b || a != nil && b != nil && a.Error() == b.Error() })
	addrs := cmp.Comparer(func(a, b netip.Addr) bool { return a == b })
	prefixes := cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })
	if diff := cmp.Diff(any(v), back, errorsByText, addrs, prefixes); diff != "" {
		t.Errorf("read back (-was +is):\n%s", diff)
	}
}

// TestNamesInJSON: all names are those of fields with a tag, in kebab case.
func TestNamesInJSON(t *testing.T) {
	name, kebab := regexp.MustCompile(`(?m)^\s*"([^"]*)":`), regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)*$`)
	for which, v := range inJSON() {
		jsonformtest.Fill(v)
		text, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range name.FindAllSubmatch(text, -1) {
			if !kebab.Match(found[1]) {
				t.Errorf("%s: %q", which, found[1])
			}
		}
	}
}

// TestNetstatNames: what netstat(1) of FreeBSD shows of struct carpstats is called as its
// JSON has it (carp_stats of usr.bin/netstat/inet.c).
func TestNetstatNames(t *testing.T) {
	names := map[string]string{
		"stats": `received-inet-packets received-inet6-packets dropped-wrong-ttl dropped-short-header dropped-bad-checksum dropped-bad-version
			dropped-bad-authentication sent-inet-packets sent-inet6-packets`,
		"hoststats": `dropped-wrong-ttl dropped-short-header dropped-bad-checksum dropped-bad-version dropped-bad-authentication dropped-bad-vhid`,
	}
	for which, list := range names {
		v, members := inJSON()[which], map[string]json.RawMessage{}
		jsonformtest.Fill(v)
		text, err := json.Marshal(v)
		if err == nil {
			err = json.Unmarshal(text, &members)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range strings.Fields(list) {
			if members[name] == nil {
				t.Errorf("%s: no %s in %s", which, name, text)
			}
		}
	}
}

// TestNothingInJSON: what is zero says no more than it has to.
func TestNothingInJSON(t *testing.T) {
	for name, c := range map[string]struct {
		v    any
		want string
	}{
		"transition": {carp.Transition{}, `{"time":"0001-01-01T00:00:00Z","from":"Init","to":"Init","reason":"none","peer-rank":{"advbase":0,"advskew":0},"late-sec":0}`},
		"event":      {carp.Event{Number: 1, Kind: carp.EventConflict}, `{"number":1,"time":"0001-01-01T00:00:00Z","kind":"conflict","name":"","state":"Init"}`},
		"margin":     {carp.Margin{}, `{"heard":[0,0,0,0,0,0,0,0,0,0],"sent":[0,0,0,0,0,0,0,0,0,0],"longest-gap-sec":0,"lowest-sec":0,"latest-sec":0}`},
	} {
		if text, err := json.Marshal(c.v); err != nil || string(text) != c.want {
			t.Errorf("%s: %s, %v, want %s", name, text, err, c.want)
		}
	}
	text, err := json.Marshal(carp.Status{})
	if err != nil || bytes.Contains(text, []byte("null")) || bytes.Contains(text, []byte("0001-01-01")) || bytes.Contains(text, []byte(`""`)) != strings.Contains(string(text), `"name":""`) {
		t.Errorf("%s, %v", text, err)
	}
}

// golden compares a text with a file in testdata/json, or writes that.
func golden(t *testing.T, name string, text []byte) {
	t.Helper()
	file := filepath.Join("testdata", "json", name)
	var err error
	if *update {
		err = os.WriteFile(file, text, 0o644)
	}
	want, errRead := os.ReadFile(file)
	if err != nil || errRead != nil {
		t.Fatal(err, errRead)
	}
	if diff := cmp.Diff(string(want), string(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
