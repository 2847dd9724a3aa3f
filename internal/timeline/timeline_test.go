// SPDX-License-Identifier: Apache-2.0

package timeline_test

import (
	"bytes"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/timeline"
)

var update = flag.Bool("update", false, "write the files in testdata anew")

const ms = time.Millisecond

// sample has one of everything.
func sample() *timeline.Timeline {
	blue, red := timeline.Color{0x25, 0x63, 0xeb}, timeline.Color{0xdc, 0x26, 0x26}
	up := timeline.Style{Name: "up", Letter: 'U', Color: blue}
	standby := timeline.Style{Name: "stand-by", Letter: 's', Color: blue, Fill: timeline.Tint}
	gone := timeline.Style{Name: "gone", Letter: '.', Fill: timeline.Hollow}
	lost := timeline.Style{Name: "lost", Letter: 'x', Color: red, Alarm: true}
	return &timeline.Timeline{
		Title: "Bits & <pieces>", Subtitle: "of \"time\"", Length: 3 * time.Second, TickName: "beat",
		Lanes: []timeline.Lane{
			{Name: "a", Note: "first", Spans: []timeline.Span{{0, 1200 * ms, up}, {1200 * ms, 2 * time.Second, gone}, {2 * time.Second, 3 * time.Second, standby}},
				Ticks: []time.Duration{500 * ms, 1000 * ms, 1100 * ms}},
			{Name: "long", Spans: []timeline.Span{{0, 1300 * ms, standby}, {1300 * ms, 3 * time.Second, up}}},
			{Name: "c", Spans: []timeline.Span{{100 * ms, 1200 * ms, up}, {1200 * ms, 1201 * ms, lost}, {1201 * ms, 3 * time.Second, up}}},
		},
		Marks: []timeline.Mark{{0, "begin"}, {1200 * ms, "stop"}, {1250 * ms, "soon after"}, {2 * time.Second, "return"}},
		Details: []timeline.Detail{
			{Number: 2, Title: "a < b", Text: []string{"one line", "another"}, From: 900 * ms, To: 1500 * ms, Bracket: [2]time.Duration{1100 * ms, 1300 * ms}, Label: "200 ms"},
			{Number: 4, Title: "no bracket", From: 1900 * ms, To: 2100 * ms},
		},
	}
}

func TestSVG(t *testing.T) {
	var b bytes.Buffer
	if err := sample().SVG(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "sample.svg", b.Bytes())
	for d := xml.NewDecoder(&b); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("not XML: %v", err)
		}
	}
}

func TestEmptySVG(t *testing.T) {
	var b bytes.Buffer
	if err := (&timeline.Timeline{}).SVG(&b); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); strings.Contains(s, "NaN") || strings.Contains(s, "Inf") {
		t.Error(s)
	}
}

func TestText(t *testing.T) {
	for _, test := range []struct {
		name string
		text timeline.Text
	}{
		{"sample.txt", timeline.Text{Step: 100 * ms}},
		{"color.txt", timeline.Text{Step: 100 * ms, Color: true, Indent: 2}},
		{"coarse.txt", timeline.Text{Step: time.Second, Indent: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := test.text.Write(&b, sample(), 0, 3*time.Second); err != nil {
				t.Fatal(err)
			}
			if err := test.text.Legend(&b, sample()); err != nil {
				t.Fatal(err)
			}
			golden(t, test.name, b.Bytes())
		})
	}
}

func TestTextOfAWindow(t *testing.T) {
	var b strings.Builder
	if err := (timeline.Text{Step: 100 * ms}).Write(&b, sample(), 2500*ms, 3200*ms); err != nil {
		t.Fatal(err)
	}
	want := "a     first  sssss\n" +
		"long         UUUUU\n" +
		"c            UUUUU\n" +
		"" // no full second has room for its figure
	if diff := cmp.Diff(want, strings.TrimRight(b.String(), "\n")+"\n"); diff != "" {
		t.Error(diff)
	}
}

// An alarm is seen in a cell that it is a hundredth of; else the longest wins.
func TestTextCells(t *testing.T) {
	a := timeline.Style{Name: "a", Letter: 'a'}
	b := timeline.Style{Name: "b", Letter: 'b'}
	alarm := timeline.Style{Name: "x", Letter: 'x', Alarm: true}
	for _, test := range []struct {
		name  string
		spans []timeline.Span
		want  string
	}{
		{"nothing", nil, ""},
		{"longest", []timeline.Span{{0, 40 * ms, a}, {40 * ms, 100 * ms, b}}, "b"},
		{"first of equals", []timeline.Span{{0, 50 * ms, a}, {50 * ms, 100 * ms, b}}, "a"},
		{"sum", []timeline.Span{{0, 30 * ms, a}, {30 * ms, 70 * ms, b}, {70 * ms, 100 * ms, a}}, "a"},
		{"alarm", []timeline.Span{{0, 99 * ms, a}, {99 * ms, 100 * ms, alarm}}, "x"},
		{"next cell", []timeline.Span{{0, 100 * ms, a}, {100 * ms, 101 * ms, alarm}}, "ax"},
		{"empty span", []timeline.Span{{10 * ms, 10 * ms, alarm}}, ""},
		{"partly", []timeline.Span{{90 * ms, 110 * ms, a}}, "aa"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			line := &timeline.Timeline{Lanes: []timeline.Lane{{Name: "l", Spans: test.spans}}}
			if err := (timeline.Text{Step: 100 * ms}).Write(&out, line, 0, 300*ms); err != nil {
				t.Fatal(err)
			}
			got, _, _ := strings.Cut(out.String(), "\n")
			if got := strings.TrimSpace(strings.TrimPrefix(got, "l")); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestErrorOfWriter(t *testing.T) {
	r, w := io.Pipe()
	r.Close()
	if err := sample().SVG(w); err != io.ErrClosedPipe {
		t.Errorf("SVG: %v", err)
	}
	if err := (timeline.Text{Step: ms}).Write(w, sample(), 0, 10*ms); err != io.ErrClosedPipe {
		t.Errorf("Write: %v", err)
	}
}

// golden compares with a file in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
