// SPDX-License-Identifier: Apache-2.0

//go:build unix && !linux

package handover_test

// runOld is for Linux, where there is a guard.
func runOld() {}
