// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package instances

import (
	"errors"
	"io"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// openFIFO returns an error that matches [errors.ErrUnsupported].
func openFIFO(keepalived.FIFO) (io.WriteCloser, error) { return nil, errors.ErrUnsupported }
