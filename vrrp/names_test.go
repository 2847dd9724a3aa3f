// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/internal/protocoltest"
	"github.com/go-fhrp/fhrp/vrrp"
)

// TestNamesAreReadBack: what a value is called in JSON is what String says, and is read by
// that alone.
func TestNamesAreReadBack(t *testing.T) {
	protocoltest.Names[vrrp.State](t, 0, 3)
	protocoltest.Names[vrrp.Reason](t, 0, 18)
	protocoltest.Names[vrrp.EventKind](t, 1, 8)
	protocoltest.Names[vrrp.Notice](t, 1, 8)
	protocoltest.Names[vrrp.ChecksumForm](t, 0, 4)
	protocoltest.Names[vrrp.Fault](t, 0, 24)
	protocoltest.Names[vrrp.GroupPolicy](t, 0, 3)

	var s vrrp.State
	var value *vrrp.ValueError
	if err := s.UnmarshalText([]byte("master")); !errors.As(err, &value) || !strings.Contains(err.Error(), `vrrp: state "master": allowed: Initialize, Backup, Active`) {
		t.Error(err)
	}
}
