// Package vip has no licence.
package vip // want-1 Licence the file does not begin with "// SPDX-License-Identifier: Apache-2.0\n\n"

import (
	_ "log" // want NoProcess log: logs go to the *slog.Logger that was given
	"log/slog"
	"os"

	"example.com/bad/internal/helper"
)

func process() {
	slog.Info("hello")    // want NoProcess slog.Info: logs go to the *slog.Logger that was given
	_ = os.Getenv("HOME") // want NoProcess os.Getenv: a library is configured by its arguments
	os.Exit(1)            // want NoProcess os.Exit: the process belongs to the program
}

func logs(l *slog.Logger, os struct{ Exit func(int) }) { l.Info("hello") }

// Help is an alias.
type Help = helper.Helper // want InternalTypes helper.Helper in the API
