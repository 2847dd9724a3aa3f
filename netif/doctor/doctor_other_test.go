// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package doctor_test

import (
	"errors"
	"testing"

	"github.com/go-fhrp/fhrp/netif/doctor"
)

func TestUnsupported(t *testing.T) {
	if _, err := doctor.Diagnose(t.Context(), doctor.Config{}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("error %v", err)
	}
}
