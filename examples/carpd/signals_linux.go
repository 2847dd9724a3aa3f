// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"syscall"
)

// upgradeSignals are those that have another process go on in the place of this one. SIGUSR2, by
// which others do this, is ucarp's for giving up the role.
func upgradeSignals() []os.Signal { return []os.Signal{syscall.SIGPWR} }
