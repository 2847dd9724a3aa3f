// SPDX-License-Identifier: Apache-2.0

package track

import "testing"

func TestActionValidate(t *testing.T) {
	for n, want := range map[int]string{
		0: "", 254: "", -254: "",
		255:  "track: weight 255: must be in -254 to 254",
		-255: "track: weight -255: must be in -254 to 254",
	} {
		got := ""
		if err := (Action{Weight: n}).Validate(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("weight %d: %q, want %q", n, got, want)
		}
	}
}
