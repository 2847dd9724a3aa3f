// SPDX-License-Identifier: Apache-2.0

// Package unix stands in for the real one.
package unix
