// SPDX-License-Identifier: Apache-2.0

package vrrp_test

import (
	"testing"

	"github.com/go-fhrp/fhrp/vrrp"
)

func TestCodecDoesNotAllocate(t *testing.T) {
	for _, v := range vectors(t) {
		b, out := unhex(t, v.hex), make([]byte, 0, 2048)
		var a vrrp.Advertisement
		if _, err := a.Parse(b, v.h); err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() { a.Parse(b, v.h) }); n != 0 {
			t.Errorf("%s: Parse allocates %v times", v.name, n)
		}
		if n := testing.AllocsPerRun(100, func() { a.Append(out, v.h.Src, v.h.Dst, v.form) }); n != 0 {
			t.Errorf("%s: Append allocates %v times", v.name, n)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for _, v := range vectors(b)[:8] {
		b.Run(v.name, func(b *testing.B) {
			message := unhex(b, v.hex)
			var a vrrp.Advertisement
			b.ReportAllocs()
			for b.Loop() {
				if _, err := a.Parse(message, v.h); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, v := range vectors(b)[:8] {
		b.Run(v.name, func(b *testing.B) {
			buf := make([]byte, 0, 2048)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.want.Append(buf, v.h.Src, v.h.Dst, v.form); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
