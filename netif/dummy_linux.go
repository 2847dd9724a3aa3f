// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"errors"
	"fmt"

	"github.com/vishvananda/netlink/nl"
)

// addDummy makes a dummy interface and sets it up.
func addDummy(name string) (*madeLink, error) {
	route, err := openRTNL()
	if err != nil {
		return nil, fmt.Errorf("netif: %s: add: %w", name, err)
	}
	m, err := makeLink(route, linkPlan{
		name: name, kind: kindDummy, alias: ownAlias + " service addresses",
		create: func() *nl.NetlinkRequest { return newDummy(name) },
		fits:   func(info linkInfo) bool { return info.kind == kindDummy },
	})
	if err != nil {
		route.close()
		return nil, err
	}
	if err := m.setUp(true); err != nil {
		return nil, errors.Join(err, m.undo())
	}
	return m, nil
}
