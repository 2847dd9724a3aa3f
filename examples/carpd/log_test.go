// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bytes"
	"errors"
	"log/syslog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/netif/netiftest"
)

// lines returns what was logged, without the times.
func lines(b *bytes.Buffer) []string {
	var list []string
	for line := range strings.Lines(b.String()) {
		_, rest, _ := strings.Cut(strings.TrimSpace(line), ": ")
		list = append(list, rest)
	}
	return list
}

// What packages log has ucarp's levels, and its attributes.
func TestLog(t *testing.T) {
	var b bytes.Buffer
	s := &settings{facility: "none"}
	l := newLogger(&b, s).slog()
	l.Debug("left out")
	l.Info("info")
	l.Warn("warning", "a", 1, "b", "two words")
	l.With("vhid", 1).WithGroup("g").Error("error", "c", errors.New("x"))
	s.debug = true
	newLogger(&b, s).slog().Debug("detail")
	want := []string{"[INFO] info", `[WARNING] warning a=1 b="two words"`, "[ERROR] error vhid=1 g.c=x", "[DEBUG] detail"}
	if diff := cmp.Diff(want, lines(&b)); diff != "" {
		t.Error(diff)
	}
}

// The lines that programs look for are ucarp's, for every reason that ucarp knows.
func TestLinesOfTransitions(t *testing.T) {
	for reason, want := range map[carp.Reason][]string{
		carp.ReasonStartup:      nil,
		carp.ReasonTimedOut:     nil,
		carp.ReasonMoreFrequent: {"[WARNING] Preferred master advertised: going back to BACKUP state"},
		carp.ReasonLowerAddress: {"[WARNING] Preferred master advertised: going back to BACKUP state"},
		carp.ReasonPreempt:      {"[WARNING] Putting MASTER down - preemption"},
		carp.ReasonWillTimeOut:  {"[WARNING] Putting MASTER DOWN (going to time out)"},
		carp.ReasonBowOut:       {"[WARNING] Putting MASTER DOWN (going to time out)"},
		carp.ReasonResigned:     nil,
	} {
		var b bytes.Buffer
		s := &settings{facility: "none"}
		r := newReporter(newLogger(&b, s), &plan{settings: s})
		stop := r.start()
		r.trace().Transition(nil, carp.Transition{To: carp.Backup, Reason: reason})
		r.trace().Notice(nil, carp.NoticeCompetitor)
		r.trace().Notice(nil, carp.NoticeEqual)
		stop()
		want = append(want, "[WARNING] Switching to state: BACKUP",
			"[WARNING] Non-preferred master advertising: reasserting control of VIP with another gratuitous arp")
		if diff := cmp.Diff(want, lines(&b)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", reason, diff)
		}
	}
}

// A reporter that is behind doesn't hold up whoever reports.
func TestReporterNeverBlocks(t *testing.T) {
	s := &settings{facility: "none"}
	r := newReporter(newLogger(&bytes.Buffer{}, s), &plan{settings: s})
	for range 2 * backlog {
		r.trace().Transition(nil, carp.Transition{})
	}
}

// A status file that can't be written is logged, and no error.
func TestStatusFileFails(t *testing.T) {
	var b bytes.Buffer
	s := &settings{facility: "none", status: "/nowhere/status.json"}
	r := newReporter(newLogger(&b, s), &plan{settings: s})
	var err error
	if r.host, err = carp.NewHost(carp.HostConfig{Network: netiftest.New(netiftest.Config{}).Host("a").Network()}); err != nil {
		t.Fatal(err)
	}
	r.start()()
	if got := lines(&b); len(got) != 1 || !strings.Contains(got[0], "[ERROR] status file: ") || !strings.Contains(got[0], "/nowhere") {
		t.Errorf("%q", got)
	}
}

func TestFacilities(t *testing.T) {
	for name, want := range map[string]syslog.Priority{"daemon": syslog.LOG_DAEMON, "LOCAL3": syslog.LOG_LOCAL3, "security": syslog.LOG_AUTH} {
		if got, ok := facilityOf(name); !ok || got != want {
			t.Errorf("%s: %v, %v", name, got, ok)
		}
	}
	if _, ok := facilityOf("none"); ok {
		t.Error("none is a facility")
	}
}
