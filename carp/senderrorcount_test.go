// SPDX-License-Identifier: Apache-2.0

package carp

import "testing"

// carp_send_ad_error, CARP_SENDAD_MAX_ERRORS and CARP_SENDAD_MIN_SUCCESS: an error
// begins the count of successes anew.
func TestSendErrorCount(t *testing.T) {
	for history, want := range map[string]int{
		"": 0, "ok": 0, "ok ok ok": 0, "e": 1, "e e": 2, "e e e": 3, "e e e e e": 3,
		"e ok ok": 1, "e ok ok ok": 0, "e ok ok e ok ok": 2, "e ok e ok e": 3,
		"e e e ok ok": 3, "e e e ok ok ok": 0, "e e e ok ok e ok ok": 3, "e e e ok ok e ok ok ok": 0,
		"e ok ok ok e e": 2,
	} {
		var e sendErrors
		for _, c := range history {
			switch c {
			case 'e':
				e.note(false)
			case 'o':
				e.note(true)
			}
		}
		if e.failed != want {
			t.Errorf("%s: %d, want %d", history, e.failed, want)
		}
	}
}
