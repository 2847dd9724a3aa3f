// SPDX-License-Identifier: Apache-2.0

// Package routes holds the routes and rules of virtual routers in the kernel while these are Active: virtual_routes and
// virtual_rules of a keepalived.conf.
//
// A [Keeper] is told what each virtual router has, and when its first address has come and its last one goes. Routes and rules of
// the kernel bear a protocol of their own, [Protocol]: only what does is ever removed. What is there by somebody else's hand
// already is left alone, and told of.
//
// There are no leases on routes: what a process that was killed leaves behind is removed by the next one that starts in the same
// network namespace, unless a third one is still there, whose routes these might be.
package routes
