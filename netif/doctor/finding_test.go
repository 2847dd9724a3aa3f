// SPDX-License-Identifier: Apache-2.0

package doctor_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/netif/doctor"
)

func findings() []doctor.Finding {
	return []doctor.Finding{
		{Kind: doctor.LinkDown, Severity: doctor.Error, Link: "eth0", Detail: "no carrier", Fix: "look at the cable"},
		{Kind: doctor.NotChecked, Severity: doctor.Note, Detail: "something"},
	}
}

func ExamplePrint() {
	doctor.Print(os.Stdout, findings())
	// Output:
	// error: eth0: link-down: no carrier [fix: look at the cable]
	// note: not-checked: something
}

func ExamplePrintJSON() {
	doctor.PrintJSON(os.Stdout, findings())
	// Output:
	// [
	//   {
	//     "kind": "link-down",
	//     "severity": "error",
	//     "link": "eth0",
	//     "detail": "no carrier",
	//     "fix": "look at the cable"
	//   },
	//   {
	//     "kind": "not-checked",
	//     "severity": "note",
	//     "detail": "something"
	//   }
	// ]
}

func TestPrintJSONNothing(t *testing.T) {
	var b strings.Builder
	if err := doctor.PrintJSON(&b, nil); err != nil || b.String() != "[]\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
}

func TestSeverity(t *testing.T) {
	if s := fmt.Sprint(doctor.Note, doctor.Warning, doctor.Error, doctor.Severity(9)); s != "note warning error Severity(9)" {
		t.Error(s)
	}
	if doctor.Note >= doctor.Warning || doctor.Warning >= doctor.Error {
		t.Error("severities don't grow")
	}
}

func TestSeverityIsReadAgain(t *testing.T) {
	for _, want := range []doctor.Severity{doctor.Note, doctor.Warning, doctor.Error} {
		text, err := want.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var got doctor.Severity
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	var s doctor.Severity
	if err := s.UnmarshalText([]byte("fatal")); err == nil {
		t.Error("fatal is no severity")
	}
}
