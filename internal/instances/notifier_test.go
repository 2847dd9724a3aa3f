// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/vrrp"
)

// script makes a program that writes its arguments into a file, and returns it with the file.
func script(t *testing.T, more string) (program, file string) {
	t.Helper()
	if runtime.GOOS != "linux" && runtime.GOOS != "freebsd" {
		t.Skip("runs no scripts on ", runtime.GOOS)
	}
	dir := t.TempDir()
	program, file = filepath.Join(dir, "notify"), filepath.Join(dir, "log")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"+more+"\necho \"$@\" >> "+file+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return program, file
}

// lines returns the lines of a file.
func lines(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// event is a change of state of an instance.
func event(name string, state vrrp.State, reason vrrp.Reason) vrrp.Event {
	return vrrp.Event{Kind: vrrp.EventTransition, Name: name, State: state, Priority: 100, Transition: vrrp.Transition{To: state, Reason: reason}}
}

// stream has events one after the other.
func stream(events ...vrrp.Event) iter.Seq[vrrp.Event] { return slices.Values(events) }

// TestNotifyArguments runs the commands of keepalived.conf(5): that of the state first, then the one of any with four arguments.
func TestNotifyArguments(t *testing.T) {
	program, file := script(t, "")
	says := func(words ...string) keepalived.Command {
		return keepalived.Command{Argv: append([]string{program}, words...)}
	}
	n := newNotifier(nil)
	n.set("INSTANCE", "V", keepalived.Notify{Master: says("m", "a b"), Backup: says("b"), Fault: says("f"), Stop: says("s"), Any: says("x")})
	n.follow(t.Context(), nil, stream(
		event("V", vrrp.Backup, vrrp.ReasonStartup), event("V", vrrp.Active, vrrp.ReasonNoResponse), event("V", vrrp.Initialize, vrrp.ReasonLinkDown),
		event("V", vrrp.Backup, vrrp.ReasonStartup), event("other", vrrp.Active, vrrp.ReasonNoResponse), event("V", vrrp.Initialize, vrrp.ReasonShutdown)))
	n.running.Wait()
	want := []string{
		"b", "x INSTANCE V BACKUP 100", "m a b", "x INSTANCE V MASTER 100", "f", "x INSTANCE V FAULT 100",
		"b", "x INSTANCE V BACKUP 100", "s", "x INSTANCE V STOP 100",
	}
	if diff := cmp.Diff(want, lines(t, file)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestNotifyGroup tells a group's state with priority 0, and STOP at the end, not FAULT.
func TestNotifyGroup(t *testing.T) {
	program, file := script(t, "")
	n := newNotifier(nil)
	n.set("GROUP", "G", keepalived.Notify{Any: keepalived.Command{Argv: []string{program}}})
	stopping := make(chan struct{})
	group := func(state vrrp.State) vrrp.Event { return vrrp.Event{Kind: vrrp.EventGroup, Name: "G", State: state} }
	n.follow(t.Context(), stopping, func(yield func(vrrp.Event) bool) {
		yield(group(vrrp.Backup))
		yield(group(vrrp.Active))
		yield(group(vrrp.Initialize))
		yield(group(vrrp.Backup))
		close(stopping)
		yield(group(vrrp.Initialize))
	})
	n.running.Wait()
	want := []string{"GROUP G BACKUP 0", "GROUP G MASTER 0", "GROUP G FAULT 0", "GROUP G BACKUP 0", "GROUP G STOP 0"}
	if diff := cmp.Diff(want, lines(t, file)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestNotifyDeleted says FAULT of an instance that a reload removes, or DELETED if notify_deleted is given.
func TestNotifyDeleted(t *testing.T) {
	program, file := script(t, "")
	for _, deleted := range []bool{false, true} {
		n := newNotifier(nil)
		n.set("INSTANCE", "V", keepalived.Notify{Any: keepalived.Command{Argv: []string{program}}, SaysDeleted: deleted})
		v := &vrrp.VirtualRouter{}
		e := event("V", vrrp.Initialize, vrrp.ReasonShutdown)
		e.VirtualRouter = v
		n.leave(v, "V", true)
		n.follow(t.Context(), nil, stream(event("V", vrrp.Active, vrrp.ReasonNoResponse), e))
		n.running.Wait()
	}
	want := []string{"INSTANCE V MASTER 100", "INSTANCE V FAULT 100", "INSTANCE V MASTER 100", "INSTANCE V DELETED 100"}
	if diff := cmp.Diff(want, lines(t, file)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestNotifyBounded keeps the latest states where a command hangs, kills it at the end, and keeps others waiting for nothing.
func TestNotifyBounded(t *testing.T) {
	hangs, _ := script(t, "exec sleep 1000")
	program, file := script(t, "")
	n := newNotifier(nil)
	n.set("INSTANCE", "H", keepalived.Notify{Any: keepalived.Command{Argv: []string{hangs}}})
	n.set("INSTANCE", "V", keepalived.Notify{Any: keepalived.Command{Argv: []string{program}}})
	ctx, cancel := context.WithCancel(t.Context())
	n.follow(ctx, nil, func(yield func(vrrp.Event) bool) {
		for i := range 3 * maxNotices {
			yield(event("H", []vrrp.State{vrrp.Active, vrrp.Backup}[i%2], vrrp.ReasonNoResponse))
		}
		yield(event("V", vrrp.Active, vrrp.ReasonNoResponse))
	})
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if text, _ := os.ReadFile(file); strings.Count(string(text), "\n") == 2 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the other instance's command was not run")
		}
	}
	n.mu.Lock()
	queue := n.desks[deskKey{"INSTANCE", "H"}].queue
	if len(queue) > maxNotices || queue[len(queue)-1].state != saysStop {
		t.Errorf("%d wait, the last one is %v", len(queue), fmt.Sprint(queue[len(queue)-1]))
	}
	n.mu.Unlock()
	cancel()
	n.running.Wait()
}
