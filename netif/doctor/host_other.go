// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"time"
)

const macvlanModePrivate = 1

func look(fs.FS, []string) (*host, error) {
	return nil, fmt.Errorf("%s: %w", runtime.GOOS, errors.ErrUnsupported)
}

// listen is never called, as look fails.
func listen(context.Context, *host, []*subject, time.Duration) ([]Finding, error) { return nil, nil }
