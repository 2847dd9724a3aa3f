// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/textproto"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// maxGreeting is more than a mail server says before it is asked for anything, in octets.
const maxGreeting = 64 << 10

// smtpProbe wants a mail server to greet, and to take a greeting.
func smtpProbe(c keepalived.Check) func(context.Context) error {
	return func(ctx context.Context) error {
		conn, err := dialer(c, "tcp").DialContext(ctx, "tcp", c.Addr.String())
		if err != nil {
			return err
		}
		defer conn.Close()
		defer context.AfterFunc(ctx, func() { conn.Close() })()
		answers := textproto.NewReader(bufio.NewReader(io.LimitReader(conn, maxGreeting)))
		if _, _, err := answers.ReadResponse(220); err != nil {
			return fmt.Errorf("greeting: %w", err)
		}
		if _, err := fmt.Fprintf(conn, "HELO %s\r\n", cmp.Or(c.Helo, hostName())); err != nil {
			return err
		}
		if _, _, err := answers.ReadResponse(250); err != nil {
			return fmt.Errorf("HELO: %w", err)
		}
		_, _ = io.WriteString(conn, "QUIT\r\n") // it has said enough
		return nil
	}
}
