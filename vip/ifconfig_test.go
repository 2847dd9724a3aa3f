// SPDX-License-Identifier: Apache-2.0

package vip_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/go-fhrp/fhrp/internal/ifconfigmodel"
	"github.com/go-fhrp/fhrp/vip"
	"github.com/go-fhrp/fhrp/vip/viptest"
)

// bsd is a host of FreeBSD, which is a model made from recordings, and the backend of its interface.
type bsd struct {
	*ifconfigmodel.Model
	*vip.IfconfigDevice

	mu    sync.Mutex
	calls [][]string
	// before, if set, is called with each command line. If done is set, ifconfig does not get the command.
	before func(args []string) (answer ifconfigmodel.Result, done bool)
}

func newBSD(t *testing.T, cfg ifconfigmodel.Config) *bsd {
	t.Helper()
	b := &bsd{Model: ifconfigmodel.New(cfg)}
	var err error
	b.IfconfigDevice, err = vip.OpenIfconfig(ifconfigmodel.Interface, nil, b.run)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// run is the ifconfig that the backend gets.
func (b *bsd) run(_ context.Context, args []string) (string, string, error) {
	b.mu.Lock()
	b.calls = append(b.calls, args)
	before := b.before
	b.mu.Unlock()
	var r ifconfigmodel.Result
	done := false
	if before != nil {
		r, done = before(args)
	}
	if !done {
		r = b.Model.Run(append([]string{"ifconfig"}, args...)...)
	}
	if r.Exit != 0 {
		return r.Stdout, r.Stderr, fmt.Errorf("exit status %d", r.Exit)
	}
	return r.Stdout, r.Stderr, nil
}

// ifconfig does what somebody else on the host does.
func (b *bsd) ifconfig(t *testing.T, words ...string) string {
	t.Helper()
	r := b.Model.Run(append([]string{"ifconfig", ifconfigmodel.Interface}, words...)...)
	if r.Exit != 0 {
		t.Fatalf("ifconfig %v: %s", words, r.Stderr)
	}
	return r.Stdout
}

// changes returns the command lines that the backend ran, but those that only list.
func (b *bsd) changes() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []string
	for _, c := range b.calls {
		if len(c) > 1 {
			list = append(list, strings.Join(c[1:], " "))
		}
	}
	return list
}

func (b *bsd) mustAdd(t *testing.T, addrs ...string) {
	t.Helper()
	if err := b.Add(t.Context(), prefixes(addrs...)); err != nil {
		t.Errorf("Add: %v", err)
	}
}

func (b *bsd) mustRemove(t *testing.T, addrs ...string) {
	t.Helper()
	if err := b.Remove(t.Context(), prefixes(addrs...)); err != nil {
		t.Errorf("Remove: %v", err)
	}
}

// wantChanges compares the commands that were run so far.
func (b *bsd) wantChanges(t *testing.T, want ...string) {
	t.Helper()
	if got := b.changes(); !slices.Equal(got, want) {
		t.Errorf("commands:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// wantHeld checks that the interface has addresses, or has not.
func (b *bsd) wantHeld(t *testing.T, want bool, addrs ...string) {
	t.Helper()
	held := b.Addresses()
	for _, p := range prefixes(addrs...) {
		if slices.Contains(held, p) != want {
			t.Errorf("held are %v; %v among them: want %v", held, p, want)
		}
	}
}

// TestIfconfigContract runs the test for all backends against the model, as it is recorded and as it might be.
func TestIfconfigContract(t *testing.T) {
	for name, cfg := range map[string]ifconfigmodel.Config{
		"GENERIC":       {},
		"carp":          {CARP: true},
		"withoutno_dad": {WithoutNoDAD: true},
	} {
		t.Run(name, func(t *testing.T) {
			viptest.TestBackend(t, func(t *testing.T) (vip.Backend, func() []netip.Prefix) {
				b := newBSD(t, cfg)
				b.ifconfig(t, "inet", "10.9.8.7/24", "alias")
				b.ifconfig(t, "inet", "192.0.2.2", "-alias") // the test uses it
				t.Cleanup(func() { b.wantHeld(t, true, "10.9.8.7/24", "fe80::ff:fe00:2/64") })
				return b, b.Addresses
			})
		})
	}
}

// TestIfconfigRecordedForms has the backend do all that it can and checks that each command has the form of one that
// was recorded and succeeded.
func TestIfconfigRecordedForms(t *testing.T) {
	form := func(args []string) string {
		words := slices.Clone(args)
		for n, w := range words {
			if p, err := netip.ParsePrefix(w); err == nil && p.Addr().Is4() {
				words[n] = "IPV4/N"
			} else if err == nil {
				words[n] = "IPV6/N"
			}
		}
		return strings.Join(words, " ")
	}
	recorded := map[string]bool{}
	for _, s := range recordings(t) {
		if len(s.Argv) > 0 && s.Argv[0] == "ifconfig" && s.Want.Exit == 0 {
			recorded[form(s.Argv[1:])] = true
		}
	}
	b := newBSD(t, ifconfigmodel.Config{})
	all := []string{"192.0.2.100/32", "192.0.2.101/24", "2001:db8::100/128", "2001:db8::101/64", "fe80::100/64"}
	b.mustAdd(t, all...)
	b.mustRemove(t, all...)
	old := newBSD(t, ifconfigmodel.Config{WithoutNoDAD: true})
	old.mustAdd(t, all...)
	forms := map[string]bool{}
	for _, args := range slices.Concat(b.calls, old.calls) {
		forms[form(args)] = true
	}
	for f := range forms {
		if !recorded[f] {
			t.Errorf("%q was not recorded", f)
		}
	}
	if len(forms) != 7 {
		t.Errorf("%d forms, want 7: %v", len(forms), forms)
	}
}

// recordings returns the steps of all that was recorded.
func recordings(t *testing.T) []ifconfigmodel.Step {
	t.Helper()
	list, err := ifconfigmodel.ReadTranscripts(os.DirFS("testdata/freebsd-13"))
	if err != nil {
		t.Fatal(err)
	}
	var steps []ifconfigmodel.Step
	for _, transcript := range list {
		steps = append(steps, transcript.Steps...)
	}
	if len(steps) < 420 {
		t.Fatalf("%d steps", len(steps))
	}
	return steps
}

func ExampleCommandError() {
	var err error = &vip.AddrError{ // as Add returns it on FreeBSD
		Op: vip.OpAdd, Device: "em0", Prefix: netip.MustParsePrefix("192.0.2.1/32"),
		Err: &vip.CommandError{
			Args:   []string{"/sbin/ifconfig", "em0", "inet", "192.0.2.1/32", "alias"},
			Output: "ifconfig: ioctl (SIOCAIFADDR): permission denied",
			Err:    syscall.EPERM,
		},
	}
	if failed, ok := errors.AsType[*vip.CommandError](err); ok {
		fmt.Println(strings.Join(failed.Args, " "))
		fmt.Println(failed.Output)
	}
	fmt.Println(errors.Is(err, os.ErrPermission))
	// Output:
	// /sbin/ifconfig em0 inet 192.0.2.1/32 alias
	// ifconfig: ioctl (SIOCAIFADDR): permission denied
	// true
}

func TestIfconfigOpenRefuses(t *testing.T) {
	one := netip.MustParsePrefix("192.0.2.1/32")
	for _, name := range []string{"", "-a", "-l", "-", "em0 inet", "em0\n", "a/b", "é0", "sixteen-letters-", "em\x7f"} {
		if _, err := vip.OpenIfconfig(name, nil, nil); err == nil {
			t.Errorf("%q is the name of an interface", name)
		}
	}
	for _, name := range []string{"em0", "vlan0.100", "wan_1", "bridge0", "igb0:vip", "a-b"} {
		if _, err := vip.OpenIfconfig(name, &vip.Config{Default: vip.Attributes{PrefixRoute: true}}, nil); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, a := range []vip.Attributes{{Label: "em0:vip"}, {Scope: vip.ScopeLink}} {
		for _, cfg := range []vip.Config{{Default: a}, {Attributes: map[netip.Prefix]vip.Attributes{one: a}}} {
			if _, err := vip.OpenIfconfig("em0", &cfg, nil); !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("%+v: error %v", cfg, err)
			}
		}
	}
}

func TestIfconfigWithoutPrivilege(t *testing.T) {
	b := newBSD(t, ifconfigmodel.Config{Unprivileged: true})
	all := prefixes("192.0.2.100/32", "2001:db8::100/128")
	err := b.Add(t.Context(), all)
	if !errors.Is(err, os.ErrPermission) {
		t.Errorf("Add: %v", err)
	}
	if errs := err.(interface{ Unwrap() []error }).Unwrap(); len(errs) != 2 || !errors.Is(errs[1], os.ErrPermission) {
		t.Errorf("Add: errors %q", errs)
	}
	e, ok := errors.AsType[*vip.CommandError](err)
	want := []string{"/sbin/ifconfig", "f-stack-0", "inet", "192.0.2.100/32", "alias"}
	if !ok || !slices.Equal(e.Args, want) || e.Output != "ifconfig: ioctl (SIOCAIFADDR): permission denied" || e.Err != syscall.EPERM {
		t.Errorf("CommandError %#v", e)
	}
	const text = "vip: add 192.0.2.100/32 on f-stack-0: /sbin/ifconfig f-stack-0 inet 192.0.2.100/32 alias: " +
		"operation not permitted (ifconfig: ioctl (SIOCAIFADDR): permission denied)"
	if !strings.HasPrefix(err.Error(), text) {
		t.Errorf("error text %q", err)
	}
	if err := b.Remove(t.Context(), prefixes("192.0.2.2/24")); !errors.Is(err, os.ErrPermission) {
		t.Errorf("Remove: %v", err)
	}
	if got, err := b.List(t.Context()); err != nil || !slices.Contains(got, prefixes("192.0.2.2/24")[0]) {
		t.Errorf("List: %v, %v", got, err)
	}
}

func TestIfconfigNoDevice(t *testing.T) {
	m := ifconfigmodel.New(ifconfigmodel.Config{})
	b := &bsd{Model: m}
	d, err := vip.OpenIfconfig("nosuch0", nil, b.run)
	if err != nil {
		t.Fatal(err)
	}
	one := prefixes("192.0.2.1/32", "2001:db8::1/128")
	if err := d.Add(t.Context(), one); !errors.Is(err, vip.ErrNoDevice) {
		t.Errorf("Add: %v", err)
	}
	if err := d.Remove(t.Context(), one); err != nil {
		t.Errorf("Remove: %v", err)
	}
	if _, err := d.List(t.Context()); !errors.Is(err, vip.ErrNoDevice) {
		t.Errorf("List: %v", err)
	}
}

// TestIfconfigTriesEvery has one command fail among others.
func TestIfconfigTriesEvery(t *testing.T) {
	b := newBSD(t, ifconfigmodel.Config{})
	b.before = func(args []string) (ifconfigmodel.Result, bool) {
		const stderr = "ifconfig: in_exec_nl(): no memory\nifconfig: ioctl (SIOCAIFADDR): Cannot allocate memory\n"
		return ifconfigmodel.Result{Stderr: stderr, Exit: 1}, slices.Contains(args, "192.0.2.101/32")
	}
	all := []string{"192.0.2.100/32", "192.0.2.101/32", "2001:db8::100/128"}
	err := b.Add(t.Context(), prefixes(all...))
	e, ok := errors.AsType[*vip.AddrError](err)
	if !ok || e.Prefix.String() != all[1] || !errors.Is(e, syscall.ENOMEM) || !strings.Contains(err.Error(), "in_exec_nl(): no memory; ifconfig") {
		t.Errorf("Add: %v", err)
	}
	b.wantHeld(t, true, all[0], all[2])
	b.mustRemove(t, all...)
	b.wantHeld(t, false, all...)
}

// TestIfconfigContextEnds has the context end after a command of a series. What is left fails with its error, and the
// option no_dad does not stay behind.
func TestIfconfigContextEnds(t *testing.T) {
	b := newBSD(t, ifconfigmodel.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	b.before = func(args []string) (r ifconfigmodel.Result, done bool) {
		if slices.Contains(args, "2001:db8::101/128") {
			cancel()
			r, done = ifconfigmodel.Result{Exit: -1}, true // killed
		}
		return r, done
	}
	all := prefixes("2001:db8::100/128", "2001:db8::101/128", "192.0.2.100/32")
	err := b.Add(ctx, all)
	var failed []netip.Prefix
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		a, _ := errors.AsType[*vip.AddrError](e)
		if !errors.Is(a, context.Canceled) {
			t.Errorf("error %v", a)
		}
		failed = append(failed, a.Prefix)
	}
	if !slices.Equal(failed, all[1:]) {
		t.Errorf("failed: %v", failed)
	}
	b.wantHeld(t, true, "2001:db8::100/128")
	b.wantHeld(t, false, "192.0.2.100/32")
	if out := b.ifconfig(t); strings.Contains(out, "NO_DAD") {
		t.Errorf("no_dad stays set:\n%s", out)
	}
}

// TestIfconfigContextEndsBefore: no_dad is not taken back where it was not set.
func TestIfconfigContextEndsBefore(t *testing.T) {
	b := newBSD(t, ifconfigmodel.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	b.before = func(args []string) (r ifconfigmodel.Result, done bool) {
		if len(args) > 1 {
			cancel()
		}
		return r, false
	}
	err := b.Add(ctx, prefixes("192.0.2.100/32", "2001:db8::100/128"))
	if e, ok := errors.AsType[*vip.AddrError](err); !ok || e.Prefix.Addr().Is4() || e.Err != context.Canceled {
		t.Errorf("Add: %v", err)
	}
	b.wantChanges(t, "inet 192.0.2.100/32 alias")
}

// TestIfconfigChangesMeanwhile has others change the interface between the look and the command.
func TestIfconfigChangesMeanwhile(t *testing.T) {
	b := newBSD(t, ifconfigmodel.Config{})
	b.mustAdd(t, "192.0.2.100/32", "2001:db8::100/128")
	b.before = func(args []string) (r ifconfigmodel.Result, done bool) {
		if slices.Contains(args, "-alias") { // somebody is faster
			b.Model.Run(append([]string{"ifconfig"}, args...)...)
		}
		return r, false
	}
	b.mustRemove(t, "192.0.2.100/32", "2001:db8::100/128")
	b.before = func(args []string) (ifconfigmodel.Result, bool) {
		const gone = "ifconfig: interface f-stack-0 does not exist\n"
		return ifconfigmodel.Result{Stderr: gone, Exit: 1}, slices.Contains(args, "-alias")
	}
	// It is back when it is looked up again, with its address.
	if err := b.Remove(t.Context(), prefixes("192.0.2.2/24")); err == nil || !strings.Contains(err.Error(), "still there") {
		t.Errorf("Remove: %v", err)
	}
}

// TestIfconfigLies has an ifconfig whose success means nothing: exit status 0 is no proof.
func TestIfconfigLies(t *testing.T) {
	b := newBSD(t, ifconfigmodel.Config{})
	b.mustAdd(t, "192.0.2.100/32")
	b.before = func(args []string) (ifconfigmodel.Result, bool) { return ifconfigmodel.Result{}, len(args) > 1 }
	if err := b.Add(t.Context(), prefixes("192.0.2.101/32", "2001:db8::1/128")); err == nil || strings.Count(err.Error(), "is not there") != 2 {
		t.Errorf("Add: %v", err)
	}
	if err := b.Remove(t.Context(), prefixes("192.0.2.100/32")); err == nil || !strings.Contains(err.Error(), "still there") {
		t.Errorf("Remove: %v", err)
	}
}

// TestIfconfigLosesTheDevice has the interface go after the command: the address is not there then, and need not be.
func TestIfconfigLosesTheDevice(t *testing.T) {
	b := newBSD(t, ifconfigmodel.Config{})
	b.mustAdd(t, "192.0.2.100/32")
	gone := false
	b.before = func(args []string) (r ifconfigmodel.Result, done bool) {
		if gone {
			return ifconfigmodel.Result{Stderr: "ifconfig: interface f-stack-0 does not exist\n", Exit: 1}, true
		}
		gone = len(args) > 1
		return r, false
	}
	if err := b.Add(t.Context(), prefixes("192.0.2.101/32")); !errors.Is(err, vip.ErrNoDevice) {
		t.Errorf("Add: %v", err)
	}
	gone = false
	b.mustRemove(t, "192.0.2.100/32")
}

// TestIfconfigNoDADStays has the command fail that takes no_dad back. The addresses are there, and the interface is not
// as it was: that must not stay unknown.
func TestIfconfigNoDADStays(t *testing.T) {
	b := newBSD(t, ifconfigmodel.Config{})
	b.before = func(args []string) (ifconfigmodel.Result, bool) {
		return ifconfigmodel.Result{Stderr: "ifconfig: no\n", Exit: 1}, slices.Contains(args, "-no_dad")
	}
	err := b.Add(t.Context(), prefixes("192.0.2.100/32", "2001:db8::100/128", "2001:db8::101/128"))
	if err == nil || strings.Count(err.Error(), "option no_dad: ") != 2 {
		t.Errorf("Add: %v", err)
	}
	b.wantHeld(t, true, "192.0.2.100/32", "2001:db8::100/128", "2001:db8::101/128")
}

// TestIfconfigOthersChangeTheLength has others change the address once more after the command.
func TestIfconfigOthersChangeTheLength(t *testing.T) {
	b := newBSD(t, ifconfigmodel.Config{})
	b.before = func(args []string) (r ifconfigmodel.Result, done bool) {
		if len(args) > 1 {
			r = b.Model.Run(append([]string{"ifconfig"}, args...)...)
			b.ifconfig(t, "inet", "192.0.2.100/25", "alias")
		}
		return r, len(args) > 1
	}
	one := prefixes("192.0.2.100/32")
	if err := b.Add(t.Context(), one); !errors.Is(err, vip.ErrPrefixLength) {
		t.Errorf("Add: %v", err)
	}
	b.ifconfig(t, "inet", "192.0.2.100/32", "alias")
	if err := b.Remove(t.Context(), one); err != nil { // what was to go is gone
		t.Errorf("Remove: %v", err)
	}
	b.wantHeld(t, true, "192.0.2.100/25")
}

// TestIfconfigNotUnderstood has a list that can't be understood: nothing is changed then.
func TestIfconfigNotUnderstood(t *testing.T) {
	b := newBSD(t, ifconfigmodel.Config{})
	b.before = func([]string) (ifconfigmodel.Result, bool) {
		return ifconfigmodel.Result{Stdout: "f-stack-0: flags=1<UP> metric 0\n\tinet 192.0.2.2\n"}, true
	}
	one := prefixes("192.0.2.100/32")
	_, listErr := b.List(t.Context())
	for op, err := range map[string]error{"Add": b.Add(t.Context(), one), "Remove": b.Remove(t.Context(), one), "List": listErr} {
		e, ok := errors.AsType[*vip.CommandError](err)
		if !ok || !strings.Contains(e.Error(), `/sbin/ifconfig f-stack-0: line "inet 192.0.2.2": no prefix length`) {
			t.Errorf("%s: %v", op, err)
		}
	}
	b.wantChanges(t)
}

func TestIfconfigNoCommandForNothing(t *testing.T) {
	b := newBSD(t, ifconfigmodel.Config{})
	b.mustAdd(t)
	b.mustRemove(t)
	if err := b.Add(t.Context(), prefixes("224.0.0.18/32")); !errors.Is(err, vip.ErrAddress) {
		t.Errorf("Add: %v", err)
	}
	if len(b.calls) != 0 {
		t.Errorf("commands: %v", b.calls)
	}
}

// TestIfconfigIPv6Disabled: FreeBSD takes the address and does not use it.
func TestIfconfigIPv6Disabled(t *testing.T) {
	b := newBSD(t, ifconfigmodel.Config{})
	b.ifconfig(t, "inet6", "ifdisabled")
	err := b.Add(t.Context(), prefixes("192.0.2.100/32", "2001:db8::100/128"))
	if e, ok := errors.AsType[*vip.AddrError](err); !ok || !errors.Is(e, vip.ErrDown) || e.Prefix.Addr().Is4() {
		t.Errorf("Add: %v", err)
	}
	b.wantHeld(t, true, "192.0.2.100/32")
}

// TestIfconfigReasons compares the errno that is read from each recorded message with the one that was recorded.
func TestIfconfigReasons(t *testing.T) {
	errnos := map[string]syscall.Errno{
		"EADDRNOTAVAIL": syscall.EADDRNOTAVAIL, "EINVAL": syscall.EINVAL, "ENOMEM": syscall.ENOMEM,
		"EOPNOTSUPP": syscall.EOPNOTSUPP, "EPROTONOSUPPORT": syscall.EPROTONOSUPPORT, "": 0,
	}
	seen := map[string]bool{}
	for _, s := range recordings(t) {
		want := errnos[s.Errno]
		if strings.Contains(s.Want.Stderr, " does not exist\n") {
			want = syscall.ENODEV
		}
		if got := vip.ReasonOf(s.Want.Stderr); got != want {
			t.Errorf("%q means %v, want %v", s.Want.Stderr, got, want)
		}
		seen[s.Errno] = true
	}
	if len(seen) != len(errnos) {
		t.Errorf("recorded are %v", seen)
	}
}
