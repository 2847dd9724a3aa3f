// SPDX-License-Identifier: Apache-2.0

//go:build plan9 || wasip1

package carp

// peerAbsent would report whether a packet could not be sent for want of the host
// that it was for, which can't be told here.
func peerAbsent(error) bool { return false }
