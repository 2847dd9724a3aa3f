// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"testing"

	"github.com/go-fhrp/fhrp/internal/legacy"
)

// FuzzLegacy: what passes has addresses and a mark that can be, whatever was said.
func FuzzLegacy(f *testing.F) {
	f.Add([]byte(`{"protocol":"vip","version":1,"state":{"made":7,"device":"eth0","mark":112,"own":["192.0.2.1/32"],"wishes":[{"prefix":"192.0.2.1/32","until":7,"held":true}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var l keeperLegacy
		if legacy.Decode(data, "vip", legacyVersion, &l) != nil || l.check("eth0") != nil {
			return
		}
		if l.Mark < Protocol || l.Mark > unlocked {
			t.Errorf("mark %d", l.Mark)
		}
		for _, w := range l.Wishes {
			if Validate(w.Prefix) != nil {
				t.Errorf("%s", w.Prefix)
			}
		}
	})
}
