// SPDX-License-Identifier: Apache-2.0

// Package bad breaks every rule.
package bad
