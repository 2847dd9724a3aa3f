// SPDX-License-Identifier: Apache-2.0

package carp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/protocoltest"
)

// TestNamesAreReadBack: what a value is called in JSON is what String says, and is read by
// that alone.
func TestNamesAreReadBack(t *testing.T) {
	protocoltest.Names[carp.State](t, 0, 3)
	protocoltest.Names[carp.Reason](t, 0, 22)
	protocoltest.Names[carp.EventKind](t, 1, 8)
	protocoltest.Names[carp.Notice](t, 1, 2)
	protocoltest.Names[carp.Cause](t, 0, 7)
	protocoltest.Names[carp.Profile](t, 0, 3)
	protocoltest.Names[carp.GroupPolicy](t, 0, 3)
	protocoltest.Names[carp.Fault](t, 0, 14)

	var s carp.State
	var value *carp.ValueError
	if err := s.UnmarshalText([]byte("MASTER")); !errors.As(err, &value) || !strings.Contains(err.Error(), `carp: state "MASTER": allowed: Init, Backup, Master`) {
		t.Error(err)
	}
}
