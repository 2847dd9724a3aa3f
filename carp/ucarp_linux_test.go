// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// shared is the one address that ucarp can have in a virtual host.
const shared = "10.0.0.100/24"

// ucarpPeer is ucarp 1.5 on a host.
type ucarpPeer struct {
	buffer
	t    *testing.T
	host *netlab.Host
	cmd  *exec.Cmd
	once sync.Once
}

// startUcarp runs ucarp with the passphrase and address of the tests until the test
// ends or it is stopped.
func startUcarp(t *testing.T, h *netlab.Host, skew int, passphrase string, flags ...string) *ucarpPeer {
	t.Helper()
	u := &ucarpPeer{t: t, host: h}
	address := strings.Split(shared, "/")[0]
	args := append([]string{"--interface=eth0", "--srcip=" + h.Addr(0).String(), "--vhid=42", "--pass=" + passphrase, "--addr=" + address,
		"--advskew=" + fmt.Sprint(skew), "--shutdown", "--facility=none",
		"--upscript=" + script(t, "replace"), "--downscript=" + script(t, "del")}, flags...)
	u.cmd = exec.Command(netlabtest.Program(t, "ucarp"), args...)
	u.cmd.Stdout, u.cmd.Stderr = &u.buffer, &u.buffer
	if err := h.Start(u.cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.stop)
	return u
}

// script writes what ucarp runs when it takes or leaves the role.
func script(t *testing.T, verb string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), verb)
	text := fmt.Sprintf("#!/bin/sh\nexec %s address %s %s dev \"$1\"\n", netlabtest.Program(t, "ip"), verb, shared)
	if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return file
}

// stop ends ucarp, which takes its address along without a word to the others.
func (u *ucarpPeer) stop() {
	u.once.Do(func() {
		_ = u.cmd.Process.Signal(syscall.SIGTERM)
		_ = u.cmd.Wait()
	})
}

// awaitLog waits until ucarp has said something.
func (u *ucarpPeer) awaitLog(text string) {
	u.t.Helper()
	await(u.t, "ucarp says "+text, func() bool { return strings.Contains(u.String(), text) })
}

// ucarpConfig is what we have beside ucarp.
func ucarpConfig(t *testing.T, skew uint8) carp.VirtualHostConfig {
	return carp.VirtualHostConfig{Key: key(t, "love"), Config: config(timing(1, skew), preempt, func(c *carp.Config) { c.Addresses = prefixes(shared) })}
}

// twoHosts makes n1, for us, and n2, for ucarp.
func twoHosts(t *testing.T) (n1, n2 *netlab.Host) {
	t.Helper()
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	return lab.Host("n1"), lab.Host("n2")
}

// wantNoRejects checks that nothing of ucarp's was rejected.
func wantNoRejects(t *testing.T, l *live) {
	t.Helper()
	if s := l.carp.Stats(); s.Rejected > 0 || s.SendErrors > 0 {
		t.Errorf("%+v\n%s", s, l.String())
	}
}

// TestUcarpBehindOurs: ours is the better: ucarp accepts its digests and stays
// Backup, honours its bow-out, yields when it comes back and preempts, and takes
// over when it is gone.
func TestUcarpBehindOurs(t *testing.T) {
	t.Parallel()
	if !netlabtest.Enter(t) {
		return
	}
	n1, n2 := twoHosts(t)
	addrs := prefixes(shared)
	ours := startLive(t, n1, ucarpConfig(t, 0))
	awaitHolder(t, n1, n2, addrs)
	theirs := startUcarp(t, n2, 100, "love")
	theirs.awaitLog("BACKUP")
	await(t, "advertisements", func() bool { return ours.virtual.Status().Stats.SentIPv4 > 8 })
	awaitHolder(t, n1, n2, addrs)

	ours.stop()
	awaitHolder(t, n2, n1, addrs)
	theirs.awaitLog("Putting MASTER DOWN (going to time out)")
	ours = startLive(t, n1, ucarpConfig(t, 0))
	awaitHolder(t, n1, n2, addrs)
	if last := ours.last(); last.Reason != carp.ReasonPreempt || last.Peer != n2.Addr(0) || last.PeerRank.AdvSkew != 100 {
		t.Errorf("%v", last)
	}
	theirs.awaitLog("Preferred master advertised")
	wantNoRejects(t, ours)
	if err := n1.Unplug(); err != nil {
		t.Fatal(err)
	}
	await(t, "ucarp takes over", func() bool { all, _ := holds(t, n2, addrs); return all })
	if err := n1.Plug(); err != nil {
		t.Fatal(err)
	}
	awaitHolder(t, n1, n2, addrs)
	if strings.Contains(theirs.String(), "Bad") {
		t.Errorf("ucarp complains:\n%s", theirs.String())
	}
}

// TestUcarpBeforeOurs: ucarp is the better: its digests are accepted, it is taken
// over from when it dies, and preempts when it comes back. With --nomcast it sends
// in Ethernet frames to everybody.
func TestUcarpBeforeOurs(t *testing.T) {
	for name, flags := range map[string][]string{"Multicast": nil, "Broadcast": {"--nomcast"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if netlabtest.Enter(t) {
				testUcarpBeforeOurs(t, append(flags, "--preempt"))
			}
		})
	}
}

func testUcarpBeforeOurs(t *testing.T, flags []string) {
	n1, n2 := twoHosts(t)
	addrs := prefixes(shared)
	theirs := startUcarp(t, n2, 0, "love", flags...)
	awaitHolder(t, n2, n1, addrs)
	ours := startLive(t, n1, ucarpConfig(t, 100))
	await(t, "ours hears ucarp", func() bool { return ours.virtual.Status().Stats.ReceivedIPv4 > 5 })
	if s := ours.virtual.Status(); s.State != carp.Backup || s.Peer != n2.Addr(0) || s.PeerRank != (carp.Rank{AdvBase: 1}) {
		t.Errorf("%+v", s)
	}
	theirs.stop()
	awaitHolder(t, n1, n2, addrs)
	if last := ours.last(); last.Reason != carp.ReasonTimedOut || last.Peer != n2.Addr(0) {
		t.Errorf("%v", last)
	}
	startUcarp(t, n2, 0, "love", flags...)
	awaitHolder(t, n2, n1, addrs)
	if last := ours.last(); last.Reason != carp.ReasonMoreFrequent {
		t.Errorf("%v", last)
	}
	wantNoRejects(t, ours)
}

// TestUcarpWithAnotherPassphrase: both are Master, and ours tells why; so it does
// when the addresses differ.
func TestUcarpWithAnotherPassphrase(t *testing.T) {
	for name, c := range map[string]struct {
		passphrase string
		change     func(*carp.VirtualHostConfig)
		cause      carp.Cause
		log        string
	}{
		"Passphrase": {"hate", func(*carp.VirtualHostConfig) {}, carp.CauseUnknown, `cause="another passphrase or other addresses"`},
		"Addresses": {"love", func(c *carp.VirtualHostConfig) { c.Addresses = prefixes(shared, "10.0.0.101/24", "2001:db8::100/64") },
			carp.CauseAddresses, `cause="other addresses: peer has [10.0.0.100]"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !netlabtest.Enter(t) {
				return
			}
			n1, n2 := twoHosts(t)
			theirs := startUcarp(t, n2, 100, c.passphrase)
			cfg := ucarpConfig(t, 0)
			c.change(&cfg)
			ours := startLive(t, n1, cfg)
			await(t, "both hold the address", func() bool {
				one, _ := holds(t, n1, cfg.Addresses)
				two, _ := holds(t, n2, prefixes(shared))
				return one && two
			})
			await(t, "the digest is explained", func() bool { return ours.virtual.Status().WrongDigest.Source == n2.Addr(0) })
			if w := ours.virtual.Status().WrongDigest; w.Explanation.Cause != c.cause {
				t.Errorf("%+v", w)
			}
			await(t, "it is logged", func() bool { return strings.Contains(ours.String(), c.log) })
			theirs.awaitLog("Bad digest")
		})
	}
}
