// SPDX-License-Identifier: Apache-2.0

package vip

// WithoutMarks has a device work as on a kernel before Linux 5.18, which does not tell who added an address.
func WithoutMarks(d *Device) { d.owner.inKernel = false }

// Keepers is how many keepers of a device can have a mark of their own.
const Keepers = keepers
