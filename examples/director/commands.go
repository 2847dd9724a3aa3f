// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/netif/check"
)

const (
	maxCommands = 256              // that wait
	commandTime = 30 * time.Second // for one
	lastTime    = 5 * time.Second  // for those that are left at the end
)

// commands runs commands one after the other, so that their order tells what is so now.
type commands struct {
	log   *slog.Logger
	queue chan keepalived.Command
}

func newCommands(log *slog.Logger) *commands {
	return &commands{log, make(chan keepalived.Command, maxCommands)}
}

// call has a command run. It never waits: if too many do, the command is left out.
func (c *commands) call(command keepalived.Command) {
	select {
	case c.queue <- command:
	default:
		c.log.Error("too many commands are waiting: left out", "command", command.Argv[0])
	}
}

// run runs commands until ctx ends, and those that are left then.
func (c *commands) run(ctx context.Context) {
	for {
		select {
		case command := <-c.queue:
			c.execute(command, commandTime)
		case <-ctx.Done():
			c.rest()
			return
		}
	}
}

// rest runs what is left, for a limited time.
func (c *commands) rest() {
	for end := time.Now().Add(lastTime); ; {
		select {
		case command := <-c.queue:
			c.execute(command, max(time.Until(end), time.Millisecond))
		default:
			return
		}
	}
}

func (c *commands) execute(command keepalived.Command, limit time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := check.Command(check.CommandConfig{Argv: command.Argv, User: command.User, Group: command.Group})(ctx); err != nil {
		c.log.Error("command failed", "error", err)
	}
}
