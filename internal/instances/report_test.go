// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// TestReport: instances and groups are told in the order of the file and by its names, and
// what is gone from it isn't any more.
func TestReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, 2)
		b.apply(one("web", 1, 9, 200, "") + one("db", 0, 3, 200, "") + "vrrp_sync_group both {\n group {\n db\n web\n }\n}\n")
		time.Sleep(5 * time.Second)
		if got, want := inShort(t, b.roster.report()), "web Active db Active both Active"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		b.apply(one("db", 0, 3, 200, ""))
		time.Sleep(5 * time.Second)
		if got, want := inShort(t, b.roster.report()), "db Active"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		b.stop()
	})
}

// inShort returns what is in the JSON of a report.
func inShort(t *testing.T, r Report) (short string) {
	t.Helper()
	var list []struct{ Name, State string }
	text, err := json.Marshal(r)
	members := map[string]json.RawMessage{}
	if err == nil {
		err = json.Unmarshal(text, &members)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"vrrp-instance", "vrrp-sync-group"} {
		list = nil
		if members[name] != nil && json.Unmarshal(members[name], &list) != nil {
			t.Errorf("%s: %s", name, members[name])
		}
		for _, v := range list {
			short += fmt.Sprint(" ", v.Name, " ", v.State)
		}
	}
	if string(members["rejected"]) != "[]" || members["statistics"] == nil || members["pid"] == nil || members["time"] == nil {
		t.Errorf("%s", text)
	}
	return short[1:]
}
