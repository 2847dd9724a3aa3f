// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package main

import "os"

// notifyStatus does nothing: there is no such signal.
func notifyStatus(chan<- os.Signal) {}
