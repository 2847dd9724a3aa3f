// SPDX-License-Identifier: Apache-2.0

// Package drivers holds, by live tests, that vrrpd and carpd work on links of every kind that routers have: VLANs, bonds,
// links of a VRF, links that delay and lose, and with their addresses on a dummy interface. It has tests only, which run
// on a kernel that has the drivers, see package vmtest.
package drivers
