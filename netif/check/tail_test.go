// SPDX-License-Identifier: Apache-2.0

package check

import (
	"strings"
	"sync"
	"testing"
)

func TestTail(t *testing.T) {
	for _, c := range []struct {
		name   string
		size   int
		writes []string
		want   string
	}{
		{"nothing", 4, nil, ""},
		{"less", 4, []string{"ab"}, `: output "ab"`},
		{"just that", 4, []string{"ab", "cd"}, `: output "abcd"`},
		{"more", 4, []string{"ab", "cd", "e"}, `: output …"bcde"`},
		{"much more at once", 4, []string{"ab", "0123456789"}, `: output …"6789"`},
		{"much more, a little each", 4, strings.Split("0123456789", ""), `: output …"6789"`},
		{"the size after the size", 4, []string{"abcd", "efgh"}, `: output …"efgh"`},
		{"none wanted", 0, []string{"ab", "c"}, ""},
		{"quoted", 9, []string{"a\x1b[2J\n\""}, `: output "a\x1b[2J\n\""`},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := &tail{size: c.size}
			for _, w := range c.writes {
				if n, err := out.Write([]byte(w)); n != len(w) || err != nil {
					t.Errorf("Write = %d, %v", n, err)
				}
			}
			if got := out.String(); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// TestTailIsBounded wants memory bounded by the size, whatever is written, and the end kept.
func TestTailIsBounded(t *testing.T) {
	for size := range 20 {
		out := &tail{size: size}
		all := ""
		for i := range 300 {
			w := strings.Repeat(string(rune('a'+i%26)), i%23)
			all += w
			if _, err := out.Write([]byte(w)); err != nil {
				t.Fatal(err)
			}
			if len(out.text) > 2*size {
				t.Fatalf("size %d: %d octets are held", size, len(out.text))
			}
		}
		out.keep()
		if got := string(out.text); got != all[len(all)-size:] {
			t.Errorf("size %d: %q, want %q", size, got, all[len(all)-size:])
		}
	}
}

// TestTailConcurrently is for the race detector.
func TestTailConcurrently(t *testing.T) {
	out := &tail{size: 10}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				_, _ = out.Write([]byte("xxx"))
				_ = out.String()
			}
		})
	}
	wg.Wait()
	if got := out.String(); got != `: output …"xxxxxxxxxx"` {
		t.Error(got)
	}
}
