// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package main

import (
	"errors"
	"fmt"
	"time"
)

// A listener would receive what comes by a link.
type listener struct{}

// listen returns [errors.ErrUnsupported].
func listen(name string, _ bool) (*listener, error) {
	return nil, fmt.Errorf("link %s: listening needs Linux: %w", name, errors.ErrUnsupported)
}

func (*listener) run(func(at time.Time, link string, frame []byte)) error {
	return errors.ErrUnsupported
}

func (*listener) close() error { return nil }
