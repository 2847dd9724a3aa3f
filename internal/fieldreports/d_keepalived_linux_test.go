// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import "strings"

// wantNoComplaint checks that keepalived has found nothing wrong with our advertisements.
func (k *keepalived) wantNoComplaint() {
	k.Helper()
	for line := range strings.Lines(k.log()) {
		for _, bad := range []string{"checksum", "invalid", "bogus", "mismatch", "expect", "incorrect", "length"} {
			if strings.Contains(strings.ToLower(line), bad) {
				k.Errorf("keepalived complains: %s", line)
			}
		}
	}
}
