// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"time"

	"golang.org/x/sys/unix"
)

// suspended is what CLOCK_BOOTTIME has counted and CLOCK_MONOTONIC has not (clock_gettime(2)). It includes the moment between the
// two readings.
func (*network) suspended() time.Duration {
	var boot, monotonic unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &monotonic) != nil || unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot) != nil {
		return 0
	}
	return time.Duration(boot.Nano() - monotonic.Nano())
}
