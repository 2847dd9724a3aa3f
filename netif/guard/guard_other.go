// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package guard

import (
	"context"
	"errors"
	"fmt"
	"runtime"
)

// inGuard is never true, as no guard process is ever started.
func inGuard() bool { return false }

func keepGuard() {}

func (g *Guard) start(context.Context, Config) error {
	return fmt.Errorf("guard: %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
