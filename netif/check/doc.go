// SPDX-License-Identifier: Apache-2.0

// Package check has ready-made checks for what a virtual router depends on: a link, a process, a file, a program, a service.
//
// Each function returns a check, func(context.Context) error, that looks once: nil is success, the error says what is
// wrong. [File] returns one that yields a number, func(context.Context) (int, error). A check holds nothing between two
// calls, and is safe for concurrent use. What is wrong with its arguments is its error, too. It ends when its context does,
// but for what the kernel doesn't let go of: a file on a network file system that has gone away. Without a deadline some
// wait for as long as the other side does.
//
// How often it is called, and how many failures in succession count, is for the caller to say: package netif/track has who
// calls it. The check that a web server
// answers is in package httpcheck.
package check
