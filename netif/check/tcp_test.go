// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"

	"github.com/go-fhrp/fhrp/netif/check"
)

// listen returns a listener on the loopback.
func listen(t *testing.T) (net.Listener, netip.AddrPort) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, l.Addr().(*net.TCPAddr).AddrPort()
}

// TestTCP wants a connection that is made and closed, with nothing sent.
func TestTCP(t *testing.T) {
	l, addr := listen(t)
	if err := check.TCP(addr)(limited(t)); err != nil {
		t.Error(err)
	}
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if sent, err := io.ReadAll(c); len(sent) > 0 || err != nil {
		t.Errorf("sent %q, %v", sent, err)
	}
}

// TestTCPRefused wants the error that a port without a listener gives.
func TestTCPRefused(t *testing.T) {
	l, addr := listen(t)
	look := check.TCP(addr)
	l.Close()
	err := look(limited(t))
	if _, ok := errors.AsType[*net.OpError](err); !ok {
		t.Errorf("error %v", err)
	}
}

func TestTCPEndedContext(t *testing.T) {
	_, addr := listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := check.TCP(addr)(ctx); err == nil {
		t.Error("no error")
	}
}

func TestTCPNoAddress(t *testing.T) {
	err := check.TCP(netip.AddrPort{})(limited(t))
	if err == nil || err.Error() != "check: tcp: there must be an address and a port" {
		t.Error(err)
	}
}
