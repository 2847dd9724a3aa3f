// SPDX-License-Identifier: Apache-2.0

package testnames_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/go-fhrp/fhrp/internal/testnames"
)

func TestList(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	got, err := testnames.List(fstest.MapFS{
		"a/a_test.go":                            file("package a\nfunc TestA(t *T) {}\nfunc (b) TestB() {}\nfunc helper() {}\n"),
		"a/b/b_test.go":                          file("package b\nfunc FuzzB(f *F) {}\nfunc ExampleB() {}\n"),
		"a/a.go":                                 file("package a\nfunc TestC() {}\n"),
		"a/testdata/d_test.go":                   file("package d\nfunc TestD() {}\n"),
		"a/testdata/transcripts/6.4.2-345-x.txt": file("start\n"),
		"a/testdata/transcripts/README.md":       file("text\n"),
		".git/e_test.go":                         file("package e\nfunc TestE() {}\n"),
	})
	want := map[string]bool{"a.TestA": true, "a/b.FuzzB": true, "a/b.ExampleB": true, "a.TestTranscripts/6.4.2-345-x": true}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := testnames.List(fstest.MapFS{"a_test.go": file("no Go")}); err == nil {
		t.Error("no error for what isn't Go")
	}
}
