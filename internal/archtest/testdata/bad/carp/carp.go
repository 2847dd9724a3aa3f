// SPDX-License-Identifier: Apache-2.0

// Package carp is pure on other systems.
package carp
