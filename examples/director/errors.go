// SPDX-License-Identifier: Apache-2.0

package main

import "errors"

var (
	// errSuspended is no outcome of a check.
	errSuspended = errors.New("suspended")
	// errNoAnswer says that the kernel has not acknowledged a request.
	errNoAnswer = errors.New("the kernel gives no answer")
	// errRefused says that a letter will not be taken at another try either.
	errRefused = errors.New("refused")
	// errLate says that there was no time left.
	errLate = errors.New("the program ends")
	// errDifferent says that a server answers otherwise than it should.
	errDifferent = errors.New("not the answer that is wanted")
)
