// SPDX-License-Identifier: Apache-2.0

package netlab

import (
	"fmt"
	"time"
)

func (h *Host) unwire(link int) error {
	eth, err := h.sys.nl.LinkByName(ifName(link))
	if err == nil {
		err = h.sys.nl.LinkDel(eth)
	}
	if err != nil {
		return fmt.Errorf("netlab: host %s: delete %s: %w", h.name, ifName(link), err)
	}
	return nil
}

func (h *Host) rewire(link int) error {
	l := h.sys.lab
	if err := l.addCable(h, link); err != nil {
		return fmt.Errorf("netlab: host %s: %w", h.name, err)
	}
	if err := l.awaitLink(h, link, time.Now().Add(readyTimeout)); err != nil {
		return fmt.Errorf("netlab: %w", err)
	}
	return nil
}
