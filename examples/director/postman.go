// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"

	"github.com/wneessen/go-mail"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// hostName returns the name of this host.
func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}

// sender returns who alerts are from: as keepalived has it, the user of the program unless the file says.
func sender(c *keepalived.Mail) string {
	if c.From != "" {
		return c.From
	}
	name := "root"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return name + "@" + hostName()
}

// deliver gives a letter to the server. It ends when ctx does, and when the server doesn't answer within its time. The error
// matches errRefused if it is of no use to try again.
func deliver(ctx context.Context, c *keepalived.Mail, l letter) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // closes the connection, if it is still there
	message, err := compose(c, l)
	if err != nil {
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	// Certificates are not checked: without STARTTLS, which keepalived doesn't know, anybody could read it too.
	client, err := mail.NewClient(c.Server, mail.WithPort(int(c.Port)), mail.WithTimeout(c.Timeout), mail.WithHELO(cmp.Or(c.Helo, hostName())),
		mail.WithTLSPolicy(mail.TLSOpportunistic), mail.WithTLSConfig(&tls.Config{ServerName: c.Server, InsecureSkipVerify: true}),
		mail.WithDialContextFunc(func(dialing context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(dialing, network, address)
			if err == nil {
				context.AfterFunc(ctx, func() { conn.Close() })
			}
			return conn, err
		}))
	if err != nil {
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	err = client.DialAndSendWithContext(ctx, message)
	if failure, ok := errors.AsType[*mail.SendError](err); ok && failure.ErrorCode() >= 500 {
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	return err
}

// compose writes the message.
func compose(c *keepalived.Mail, l letter) (*mail.Msg, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.NoEncoding))
	if err := errors.Join(m.From(sender(c)), m.To(c.To...)); err != nil {
		return nil, err
	}
	m.Subject("[" + cmp.Or(c.RouterID, hostName()) + "] " + l.subject)
	m.SetDateWithValue(l.at)
	m.SetMessageID()
	m.SetGenHeader("X-Mailer", "fhrp director")
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 section 5
	m.SetBodyString(mail.TypeTextPlain, l.body+"\n")
	return m, nil
}
