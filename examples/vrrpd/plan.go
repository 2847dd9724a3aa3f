// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/go-fhrp/fhrp/internal/instances"
	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// readPlan reads a keepalived.conf. Warnings go to stderr.
func readPlan(file, id string, stderr io.Writer) (*instances.Plan, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	cfg, err := keepalived.Read(keepalived.Source{FS: os.DirFS("/"), File: filepath.ToSlash(path), ID: id, Env: os.Getenv})
	if cfg != nil {
		for _, w := range cfg.Warnings {
			fmt.Fprintln(stderr, "vrrpd: warning:", w)
		}
	}
	if err != nil {
		return nil, err
	}
	plan, err := instances.NewPlan(cfg)
	for _, w := range plan.Warnings {
		fmt.Fprintln(stderr, "vrrpd: warning:", w)
	}
	return plan, err
}
