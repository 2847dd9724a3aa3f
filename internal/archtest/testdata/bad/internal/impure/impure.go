// SPDX-License-Identifier: Apache-2.0

// Package pure says so, but isn't.
package impure // want-1 PackageComment the package comment does not begin with "Package impure "

import _ "golang.org/x/sys/unix" // want BuildTags golang.org/x/sys/unix in a file without a build constraint
// want-1 Imports example.com/bad/carp imports example.com/bad/internal/impure imports golang.org/x/sys/unix: a protocol uses the standard library, pure internal packages and track; it declares the interfaces it needs (on linux)
