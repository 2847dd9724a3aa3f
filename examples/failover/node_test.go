// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-fhrp/fhrp/vrrp"
)

// A killed process may leave half a line.
func TestTransitionsThroughAPipe(t *testing.T) {
	sent := []vrrp.Transition{
		{At: time.Unix(1, 234567890).UTC(), From: vrrp.Initialize, To: vrrp.Backup, Reason: vrrp.ReasonStartup},
		{At: time.Unix(2, 0).UTC(), From: vrrp.Backup, To: vrrp.Active, Reason: vrrp.ReasonGoodbye, Peer: source(node1), Late: time.Millisecond},
		{At: time.Unix(3, 0).UTC(), From: vrrp.Active, To: vrrp.Backup, Reason: vrrp.ReasonAddresses, Err: errors.New("no room")},
	}
	transitions := make(chan vrrp.Transition, len(sent))
	for _, s := range sent {
		transitions <- s
	}
	close(transitions)
	var pipe bytes.Buffer
	if err := writeTransitions(&pipe, transitions); err != nil {
		t.Fatal(err)
	}
	pipe.WriteString(`{"At":"19`)
	var got []vrrp.Transition
	readTransitions(&pipe, func(t vrrp.Transition) { got = append(got, t) })
	sent[2].Err = nil
	if diff := cmp.Diff(sent, got, cmpopts.EquateComparable(source(node1))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWriteTransitionsReadsOn(t *testing.T) {
	r, w := io.Pipe()
	r.Close()
	transitions := make(chan vrrp.Transition)
	written := make(chan error)
	go func() { written <- writeTransitions(w, transitions) }()
	for range 3 { // nobody who sends one is left waiting
		transitions <- vrrp.Transition{}
	}
	close(transitions)
	if err := <-written; !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v", err)
	}
}

func TestNodeNumber(t *testing.T) {
	for _, number := range []string{"", "x", "-1", "2"} {
		if err := nodeMain(number); err == nil || !strings.Contains(err.Error(), "no such node") {
			t.Errorf("%q: error %v", number, err)
		}
	}
}

func TestParse(t *testing.T) {
	o, err := parse([]string{"-svg", "file", "-memory", "-v"})
	if want := (options{svg: "file", memory: true, verbose: true}); err != nil || o != want {
		t.Errorf("%+v, %v", o, err)
	}
	if _, err := parse([]string{"-h"}); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-h: error %v", err)
	}
	for _, args := range [][]string{{"more"}, {"-x"}} {
		if _, err := parse(args); err == nil {
			t.Errorf("%v taken", args)
		}
	}
}

func TestNoNamespaces(t *testing.T) {
	w := newWorld(&record{}, options{reason: errors.New("the reason")})
	defer func() {
		if err := w.close(); err != nil {
			t.Error(err)
		}
	}()
	if want := "on a virtual LAN in memory, because the reason"; w.place() != want {
		t.Errorf("%q, want %q", w.place(), want)
	}
}
