// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package systemd

import (
	"errors"
	"time"
)

// monotonic isn't there where systemd isn't.
func monotonic() (time.Duration, error) { return 0, errors.ErrUnsupported }
