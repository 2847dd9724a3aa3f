// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"bytes"
	"errors"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/vrrp"
)

// outcome is what a fault of the Active member leads to while it lasts. One of the other leads to nothing.
type outcome int

const (
	stays  outcome = iota // the role does not move
	moves                 // the other has the addresses, alone
	shared                // both have them: neither can know of the other
	moved                 // the other has them; whether the first has them too is the kernel's matter
	passes                // whatever it was is over when it can be looked at
)

// fault is what can befall a member of a cluster.
type fault struct {
	name    string
	outcome outcome
	guard   bool                    // the members have one
	begin   func(*cluster, *member) // has it befall a member
	end     func(*cluster, *member) // ends it, or does what an operator or a service manager does
}

// faults returns them all.
func faults() []fault {
	nothing := func(*cluster, *member) {}
	restart := func(_ *cluster, m *member) { m.start() }
	return []fault{
		{"Partition", shared, false, unplug, plug},
		{"AsymmetricLoss", shared, false, deafPeer, hearingPeer},
		{"Firewall", moved, false, firewall, noFirewall},
		{"RejectedPackets", stays, false, flood, calm},
		{"Stopped", moves, false, func(_ *cluster, m *member) { m.signal(syscall.SIGSTOP) }, func(_ *cluster, m *member) { m.signal(syscall.SIGCONT) }},
		{"Killed", moves, false, func(_ *cluster, m *member) { m.kill() }, restart},
		{"KilledWithGuard", moves, true, func(_ *cluster, m *member) { m.kill() }, restart},
		{"KilledAfterItsGuard", moves, true, killBoth, restart},
		{"Crash", moves, true, crash, restart},
		{"NewBinary", passes, true, renew, nothing},
		{"InterfaceMadeAnew", moves, false, func(c *cluster, m *member) { c.must(m.host.Unwire(0)) }, func(c *cluster, m *member) { c.must(m.host.Rewire(0)) }},
		{"LinkDown", moves, false, func(c *cluster, m *member) { c.must(m.host.SetLink(0, false)) }, func(c *cluster, m *member) { c.must(m.host.SetLink(0, true)) }},
		{"AddressRemoved", stays, false, removeAddresses, nothing},
		{"NetlinkOverrun", passes, false, overrun, nothing},
		{"OutOfDescriptors", moves, false, exhaust, replenish},
	}
}

func unplug(c *cluster, m *member) { c.must(m.host.Unplug()) }
func plug(c *cluster, m *member)   { c.must(m.host.Plug()) }

// deafPeer has the peer of a member hear nothing, while the member hears the peer.
func deafPeer(c *cluster, m *member) { c.drop(c.other(m), netlab.Incoming) }

func hearingPeer(c *cluster, m *member) { c.must(c.other(m).host.Undrop()) }

// firewall has the packet filter of a member's host drop the protocol both ways.
func firewall(c *cluster, m *member) {
	c.drop(m, netlab.Incoming)
	c.drop(m, netlab.Outgoing)
}

// noFirewall ends that. In CARP a host that failed to send stays demoted as long as it is Backup, for it can't find out
// that it could send: if it hears the other before it sends again it yields, and the role is the other's until the link has
// been down or the other is gone.
func noFirewall(c *cluster, m *member) {
	c.Helper()
	c.must(m.host.Undrop())
	if m.program.name != "carpd" || m.rank != 0 {
		return
	}
	peer := c.other(m)
	c.await("one of them alone has the addresses", func() bool {
		return peer.holds() && m.holdsNone() || m.holds() && peer.holdsNone()
	})
	if m.holds() {
		return
	}
	c.must(m.host.SetLink(0, false))
	c.await(m.String()+" has lost its link", func() bool {
		now, _ := m.said("Switching to state: ")
		return strings.HasPrefix(now, "INIT")
	})
	c.must(m.host.SetLink(0, true))
}

// drop has the packet filter of a member's host drop the protocol. The test is skipped if the kernel has none.
func (c *cluster) drop(m *member, d netlab.Direction) {
	c.Helper()
	err := m.host.Drop(vrrp.Protocol, d)
	if errors.Is(err, errors.ErrUnsupported) {
		c.Skip(err)
	}
	c.must(err)
}

// flood begins to send, from the last host of the bench, 10,000 packets a second that look as if they came from the member and
// have something wrong in each: the checksum, the type, the hop limit, the length.
func flood(c *cluster, m *member) {
	c.Helper()
	sender, err := c.lab.Host(c.hosts[len(c.hosts)-1]).Sender(0)
	c.must(err)
	frames := spoilt(c.wire.frame(c.id))
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		begin, sent := time.Now(), 0
		for stopped := false; err == nil && (!stopped || sent < 10000); {
			for ; err == nil && time.Duration(sent)*100*time.Microsecond < time.Since(begin); sent += len(frames) {
				err = sender.Send(frames...)
			}
			select {
			case <-tick.C:
			case <-stop:
				stopped, stop = true, nil
			}
		}
	}()
	end := stop
	c.calm = sync.OnceFunc(func() {
		close(end)
		<-done
		c.must(errors.Join(err, sender.Close()))
	})
}

func calm(c *cluster, _ *member) { c.calm() }

// spoilt returns copies of a frame that come from a stranger, each with something wrong.
func spoilt(frame []byte) (list [][]byte) {
	for _, spoil := range []func(frame, message []byte){
		func(_, message []byte) { message[6] ^= 1 },
		func(_, message []byte) { message[0] ^= 7 },
		func(frame, _ []byte) { frame[14+8] = 1 },
		func(_, message []byte) { message[3] ^= 0x55 },
	} {
		f := bytes.Clone(frame)
		copy(f[6:], stranger())
		spoil(f, f[14+20:])
		list = append(list, f)
	}
	return list
}

// killBoth kills the guard and waits for the next one, which has the will when the member is killed.
func killBoth(c *cluster, m *member) {
	c.Helper()
	var first int
	c.await("guard of "+m.String(), func() bool { first = m.guardPID(); return first != 0 })
	c.must(syscall.Kill(first, syscall.SIGKILL))
	c.await("next guard of "+m.String(), func() bool { pid := m.guardPID(); return pid != 0 && pid != first })
	m.kill()
}

// crash has a member die by a fault of its own.
func crash(c *cluster, m *member) {
	c.Helper()
	m.program.crash(m)
	c.await("end of "+m.String(), m.ended)
}

// renew has a member replaced by a new binary.
func renew(c *cluster, m *member) {
	c.Helper()
	if !m.program.renew(m) {
		return
	}
	c.awaitOutcome(m, moves)
	m.start()
}

// removeAddresses takes the addresses away as another program does that knows nothing of the member's.
func removeAddresses(c *cluster, m *member) {
	c.Helper()
	if !m.holds() {
		return
	}
	c.must(m.host.Do(func() error {
		link, err := netlink.LinkByName("eth0")
		for _, p := range m.addrs {
			if err == nil {
				err = netlink.AddrDel(link, address(p))
			}
		}
		return err
	}))
}

// address returns a prefix as package netlink has it.
func address(p netip.Prefix) *netlink.Addr {
	a, err := netlink.ParseAddr(p.String())
	if err != nil {
		panic(err)
	}
	return a
}

// overrun has so much happen on a member's host while it stands still that the kernel throws away what it has to tell of
// it: also that the addresses are gone.
func overrun(c *cluster, m *member) {
	c.Helper()
	m.signal(syscall.SIGSTOP)
	defer m.signal(syscall.SIGCONT)
	c.must(m.host.Do(func() error {
		lo, err := netlink.LinkByName("lo")
		for before := netlinkDrops(); err == nil && netlinkDrops() == before; {
			for i := 1; i < 200 && err == nil; i++ {
				a := address(netip.PrefixFrom(netip.AddrFrom4([4]byte{127, 9, 9, byte(i)}), 32))
				err = errors.Join(netlink.AddrAdd(lo, a), netlink.AddrDel(lo, a))
			}
		}
		return err
	}))
	removeAddresses(c, m)
}

// netlinkDrops returns how many messages the kernel has thrown away in the namespace of the thread.
func netlinkDrops() (sum uint64) {
	text, _ := os.ReadFile("/proc/thread-self/net/netlink")
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 8 {
			n, _ := strconv.ParseUint(f[8], 10, 64) // not a number in the title
			sum += n
		}
	}
	return sum
}

// exhaust leaves a member no descriptor to open, at first not even those that it waits for, and makes its link anew, for
// which it needs some.
func exhaust(c *cluster, m *member) {
	c.Helper()
	c.must(limitFiles(m, 0))
	c.must(m.host.Unwire(0))
	c.awaitOutcome(m, moves)
	free, err := lowestFree(m)
	c.must(errors.Join(err, limitFiles(m, free)))
	c.must(m.host.Rewire(0))
}

// lowestFree returns the descriptor that a process would open next.
func lowestFree(m *member) (n uint64, err error) {
	for {
		_, err = os.Lstat("/proc/" + strconv.Itoa(m.cmd.Process.Pid) + "/fd/" + strconv.FormatUint(n, 10))
		if errors.Is(err, os.ErrNotExist) {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
		n++
	}
}

func replenish(c *cluster, m *member) { c.must(limitFiles(m, 1024)) }

// limitFiles sets the limit of descriptors of a process that runs.
func limitFiles(m *member, n uint64) error {
	var limit unix.Rlimit
	if err := unix.Prlimit(m.cmd.Process.Pid, unix.RLIMIT_NOFILE, nil, &limit); err != nil {
		return err
	}
	limit.Cur = min(n, limit.Max)
	return unix.Prlimit(m.cmd.Process.Pid, unix.RLIMIT_NOFILE, &limit, nil)
}

// linkNames returns the interfaces in the namespace of the thread.
func linkNames() (names []string, err error) {
	links, err := netlab.Whole(func() ([]netlink.Link, error) { return netlink.LinkList() })
	for _, l := range links {
		names = append(names, l.Attrs().Name)
	}
	return names, err
}
