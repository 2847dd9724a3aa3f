// SPDX-License-Identifier: Apache-2.0

// Package bad has a second comment.
package bad // want-1 PackageComment a second package comment, the first is in doc.go

// want-5 TopLevel not one of the module's top-level entries
