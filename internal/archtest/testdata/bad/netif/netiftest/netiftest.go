// SPDX-License-Identifier: Apache-2.0

// Package netiftest imports netif, and testing.
package netiftest

import (
	_ "testing"

	_ "example.com/bad/netif" // want Imports example.com/bad/netif/netiftest imports example.com/bad/netif: the LAN in memory runs everywhere, and uses the standard library only
)
