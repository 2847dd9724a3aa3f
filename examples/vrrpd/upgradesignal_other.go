// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package main

import "os"

// notifyUpgrade does nothing: there is no SIGUSR2 on this system.
func notifyUpgrade(chan<- os.Signal) {}
