// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain has more tests run side by side than there are processors: nearly all of their time is the protocol's.
func TestMain(m *testing.M) {
	flag.Parse()
	if given := flag.Lookup("test.parallel"); given.Value.String() == given.DefValue {
		if err := flag.Set("test.parallel", "10"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
