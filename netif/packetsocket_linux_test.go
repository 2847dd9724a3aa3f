// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// polled reports which descriptors of this process the runtime polls.
func polled() (fds map[string]bool, err error) {
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		return nil, err
	}
	fds = make(map[string]bool)
	for _, link := range links {
		if to, _ := os.Readlink(link); to != "anon_inode:[eventpoll]" {
			continue
		}
		info, err := os.ReadFile("/proc/self/fdinfo/" + filepath.Base(link))
		if err != nil {
			return nil, err
		}
		for _, m := range regexp.MustCompile(`tfd:\s+(\d+)`).FindAllStringSubmatch(string(info), -1) {
			fds[m[1]] = true
		}
	}
	return fds, nil
}

// TestPacketSocketsAreNotPolled: no thread of the runtime wakes up for what an announcer or a neighbour proxy sends, nor for
// claims that the loop is woken for itself.
func TestPacketSocketsAreNotPolled(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	err := lab.Host("n1").Do(func() error {
		ifi, err := net.InterfaceByName("eth0")
		if err != nil {
			return err
		}
		l := &link{index: ifi.Index, name: ifi.Name, ethernet: true}
		c, err := newClaims(l, unix.ETH_P_ARP, claimFilter(true, nil))
		if err != nil {
			return err
		}
		defer unix.Close(c.fd)
		w, err := openWay(l)
		if err != nil {
			return err
		}
		defer w.close()
		p, err := openNeighborProxy("eth0", slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		defer p.close()
		fds, err := polled()
		if err != nil || len(fds) == 0 {
			return errors.Join(err, fmt.Errorf("%d descriptors are polled, want some", len(fds)))
		}
		for what, fd := range map[string]int{"claims": c.fd, "announcements": w.fd, "answers of a neighbour proxy": p.answers} {
			if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK == 0 {
				t.Errorf("the socket for %s has flags %#x, %v: it blocks", what, flags, err)
			}
			if fds[fmt.Sprint(fd)] {
				t.Errorf("the runtime polls the socket for %s", what)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestAnnouncementAwaitsRoom: one that finds no room waits as long as it is wanted, and there is something to send it on.
func TestAnnouncementAwaitsRoom(t *testing.T) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unix.Write(fd, binary.NativeEndian.AppendUint64(nil, math.MaxUint64-1)); err != nil { // it is full
		t.Fatal(err)
	}
	var c closer
	a := &announcer{closer: &c, way: way{fd: fd, index: 1}}
	w := a.way
	if err := a.awaitRoom(t.Context(), &w); err != nil {
		t.Errorf("a wait that is to go on ended with %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := a.awaitRoom(ended, &w); !errors.Is(err, context.Canceled) {
		t.Errorf("when it is not wanted: %v, want %v", err, context.Canceled)
	}
	a.sending.Lock() // an announcement is under way
	a.close(ErrNoLink)
	if err := a.awaitRoom(t.Context(), &w); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after the link has gone: %v, want %v", err, net.ErrClosed)
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil {
		t.Errorf("the socket was closed during an announcement: %v", err)
	}
	a.sending.Unlock()
	c.wait()
}
