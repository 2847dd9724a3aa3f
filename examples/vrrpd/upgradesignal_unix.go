// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// notifyUpgrade has the signal come that asks for another process.
func notifyUpgrade(asked chan<- os.Signal) { signal.Notify(asked, syscall.SIGUSR2) }
