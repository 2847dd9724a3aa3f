// SPDX-License-Identifier: Apache-2.0

package main

import "errors"

var (
	// errSuspended is no outcome of a check.
	errSuspended = errors.New("suspended")
	// errDifferent says that a server answers otherwise than it should.
	errDifferent = errors.New("not the answer that is wanted")
)
