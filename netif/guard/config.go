// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"log/slog"
	"os"

	"github.com/go-fhrp/fhrp/internal/quietlog"
)

// Config has the options of [Guard.Start]. The zero value, or nil, is the default. It is copied.
type Config struct {
	// Logger takes what happens to the guard process while the program lives; nil means silent.
	Logger *slog.Logger

	// Output becomes the standard error of the guard process, which writes there what it did after the death of the
	// program, a line each in the form of [slog.TextHandler]. As a rule it is os.Stderr. nil means silent.
	Output *os.File

	// Lost is called when the guard process has ended without having been told to. Another is started after a while, at
	// first a tenth of a second, and is given the wills; until then nobody would execute them. Lost must not call Close.
	// nil means that it is only logged.
	Lost func(err error)
}

// withDefaults returns a copy in which every field has its meaning.
func (c *Config) withDefaults() Config {
	var full Config
	if c != nil {
		full = *c
	}
	full.Logger, _ = quietlog.Detach(full.Logger) // the wills don't wait for it
	if full.Lost == nil {
		full.Lost = func(error) {}
	}
	return full
}
