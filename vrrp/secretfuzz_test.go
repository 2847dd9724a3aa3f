// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-fhrp/fhrp/vrrp"
)

// FuzzSecret reads any key file. An error shows nothing of it; what is taken is the same secret by its text.
func FuzzSecret(f *testing.F) {
	f.Add(strings.Repeat("0123456789abcdef", 2) + "\n")
	f.Add("hex:" + strings.Repeat("00 ff\t", 16) + "\r\n")
	f.Add("hex:0")
	f.Add(strings.Repeat("x", 65))
	f.Add("\x00" + strings.Repeat("y", 40))
	f.Fuzz(func(t *testing.T, text string) {
		s, err := vrrp.ReadSecret(fstest.MapFS{"key": {Data: []byte(text)}}, "key")
		if (err == nil) == s.IsZero() {
			t.Fatalf("secret is there: %v, error %v", !s.IsZero(), err)
		}
		if err != nil {
			var value *vrrp.ValueError
			if !errors.As(err, &value) {
				t.Errorf("error %v is no ValueError", err)
			}
			if len(text) >= 16 && strings.Contains(err.Error(), text) {
				t.Errorf("error %v shows the secret", err)
			}
			return
		}
		again, err := vrrp.ParseSecret(strings.TrimRight(text, "\r\n"))
		if err != nil || !again.Equal(s) {
			t.Errorf("by its text it is another one: %v", err)
		}
	})
}
