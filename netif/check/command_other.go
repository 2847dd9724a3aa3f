// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package check

import (
	"context"
	"errors"
)

func execute(context.Context, *CommandConfig, *tail) error { return errors.ErrUnsupported }
