// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"

	"github.com/go-fhrp/fhrp/internal/atomicfile"
	"github.com/go-fhrp/fhrp/internal/instances"
)

// tells writes what there is to know, each time it is asked to, until ctx ends: into the
// file, or else as a line on w.
func tells(ctx context.Context, report func() instances.Report, asked <-chan os.Signal, file string, w io.Writer, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-asked:
		}
		if err := tell(report(), file, w); err != nil {
			log.Error("status not written", "error", err)
		}
	}
}

// tell writes it once.
func tell(r instances.Report, file string, w io.Writer) error {
	if file == "" {
		return json.NewEncoder(w).Encode(r)
	}
	return atomicfile.WriteJSON(file, r)
}
