// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/netif/check"
)

// maxDelta is more than weights differ by.
const maxDelta = 1 << 20

// fileProbe reads the number in a file, which counts for the weight of the server, or for its state if the factor is 0. A
// file that is not there, or has no number, counts as 0, as in keepalived.
func fileProbe(c keepalived.Check) probe {
	read := check.File(c.Path)
	return func(ctx context.Context) (int, error) {
		n, err := read(ctx)
		if err != nil {
			n = 0
		}
		if c.Weight.Value == 0 {
			if (n != 0) != c.Weight.Reverse {
				return 0, fmt.Errorf("%s has the number %d: %w", c.Path, n, errDifferent)
			}
			return 0, nil
		}
		product := int64(n) * int64(c.Weight.Value)
		if c.Weight.Reverse {
			product = -product
		}
		return int(min(max(product, -maxDelta), maxDelta)), nil
	}
}
