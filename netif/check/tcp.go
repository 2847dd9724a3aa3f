// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// TCP returns a check that a TCP connection can be made. It is closed at once, and nothing is sent. The error is that of
// [net.Dialer.DialContext].
func TCP(addr netip.AddrPort) func(context.Context) error {
	return func(ctx context.Context) error {
		if !addr.IsValid() {
			return errors.New("check: tcp: there must be an address and a port")
		}
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", addr.String())
		if err != nil {
			return fmt.Errorf("check: %w", err)
		}
		// It was there; what it says when it is left is of no interest.
		_ = c.Close()
		return nil
	}
}
