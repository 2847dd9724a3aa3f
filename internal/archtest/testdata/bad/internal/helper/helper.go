// SPDX-License-Identifier: Apache-2.0

// Package helper is no helper of tests.
package helper

import _ "testing" // want Imports example.com/bad/internal/helper imports testing: package testing registers flags; only packages that help tests import it
// want-1 Imports example.com/bad/vip imports example.com/bad/internal/helper imports testing: package testing registers flags; only packages that help tests import it

// Helper is a type.
type Helper struct{}
