// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"fmt"
	"log/slog"

	"github.com/go-fhrp/fhrp/internal/rtsock"
)

// down returns why a link can't be used, nil if it can.
func down(l *rtsock.Link) error {
	if reason := l.Down(); reason != "" {
		return fmt.Errorf("netif: %s: %w: %s", l.Name, ErrLinkDown, reason)
	}
	return nil
}

// linkByName looks at the links of the thread's jail once.
func linkByName(name string) (Link, error) {
	r, err := openRoute(slog.New(slog.DiscardHandler), func(string, rtsock.Family) {})
	if err != nil {
		return Link{}, err
	}
	defer r.close()
	e, err := r.find(name)
	if err != nil {
		return Link{}, err
	}
	l := Link{Name: e.Name, Index: e.Index, MAC: e.MAC, MTU: e.MTU, Down: down(&e.Link)}
	l.IPv4 = e.Sources4(nil)
	l.IPv6, _ = r.sources6(e, nil)
	return l, nil
}
