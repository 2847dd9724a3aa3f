// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package check

import (
	"context"
	"errors"
)

func countProcesses(context.Context, *ProcessConfig) (int, error) { return 0, errors.ErrUnsupported }
