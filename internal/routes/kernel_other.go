// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package routes

import (
	"errors"
	"fmt"
)

// Open returns an error that matches [errors.ErrUnsupported].
func Open() (Kernel, error) {
	return nil, fmt.Errorf("virtual_routes and virtual_rules are for Linux: %w", errors.ErrUnsupported)
}
