// SPDX-License-Identifier: Apache-2.0

// Package instances runs the vrrp_instance blocks of a keepalived.conf: what all programs have in common that read one.
package instances
