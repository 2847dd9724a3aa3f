// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"errors"
	"fmt"
	"time"
)

// What follows is not to be had on FreeBSD.

func (*network) attachAH(int) error {
	return fmt.Errorf("netif: authentication header: %w", errors.ErrUnsupported)
}

func (*network) detachAH(int)                                          {}
func (*network) receiveAH(func(port int, at time.Time, packet []byte)) {}
func (*network) queueAH(int, []byte)                                   {}
