// SPDX-License-Identifier: Apache-2.0

// Package vrrp implements the Virtual Router Redundancy Protocol: version 3 for
// IPv4 and IPv6 (RFC 9568 with its verified errata) and version 2 (RFC 3768).
package vrrp
