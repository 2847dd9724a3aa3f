// SPDX-License-Identifier: Apache-2.0

//go:build unix && !linux

package main

import "os"

// upgradeSignals are those that have another process go on in the place of this one: there is none
// on this system.
func upgradeSignals() []os.Signal { return nil }
