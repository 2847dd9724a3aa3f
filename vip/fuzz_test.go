// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"os"
	"testing"
)

// FuzzStateFile reads whatever is in the place of notes of an earlier run. What is read can be written, and is read
// back.
func FuzzStateFile(f *testing.F) {
	const heading = "addresses of github.com/go-fhrp/fhrp/vip: host device 2\n"
	f.Add(heading + "192.0.2.1/24\nfe80::1/64\n")
	f.Add(heading + "192.0.2.1\n\n192.0.2.1/33\r\n::ffff:192.0.2.1/96\nfe80::1%eth0/64")
	f.Add("addresses of another\n192.0.2.1/24\n")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		s, err := newStateDir(dir, "eth0", "host")
		if err == nil {
			err = os.WriteFile(s.path(1), []byte(text), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		addrs := s.read(1, 2)
		if err := s.write(1, 2, addrs); err != nil {
			t.Fatal(err)
		}
		again := s.read(1, 2)
		if len(again) != len(addrs) {
			t.Errorf("%v is read back as %v", addrs, again)
		}
		for _, p := range again {
			if !p.IsValid() {
				t.Errorf("%v", p)
			}
		}
		if s.read(1, 3) != nil {
			t.Error("notes of another device are taken")
		}
	})
}

// FuzzParseScope wants each scope that is understood to be written and understood again.
func FuzzParseScope(f *testing.F) {
	for _, s := range []string{"global", "link", "host", "200", "0xfd", "255", "nowhere", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseScope(text)
		if again, againErr := ParseScope(s.String()); err == nil && (again != s || againErr != nil) {
			t.Errorf("%q is %v, which is %v, %v", text, s, again, againErr)
		}
	})
}
