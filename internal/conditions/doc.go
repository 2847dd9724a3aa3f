// SPDX-License-Identifier: Apache-2.0

// Package conditions follows the conditions of one virtual router or virtual host, and says what they come to: an
// [Effect]. What follows from that is for the protocol to say.
package conditions
