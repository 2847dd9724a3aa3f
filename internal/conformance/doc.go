// SPDX-License-Identifier: Apache-2.0

// Package conformance says clause by clause what the module holds of its specifications, where it deviates and why, and
// which tests show it: it has tests only. The clauses are in testdata, a file for each specification; CONFORMANCE.md at the
// top of the module is made of them:
//
//	go test ./internal/conformance           # fails if CONFORMANCE.md is not what would be made
//	go test ./internal/conformance -update   # makes it
//
// A file has lines for its title, for a text below that, for the package whose tests are named without its folder, and for
// how tests and transcripts that are named after a clause begin. Then a row has the clause and what it asks, and in the
// indented lines below it the tests. A row without more is held. "deviates:" and "host:" say why it isn't, or why it is the
// part of the operating system or of who runs it.
//
//	title RFC 9568: VRRP version 3
//	package vrrp
//	named TestSection TestTranscripts/
//
//	6.4.2 (345)  Shutdown: cancel the timer, go to Initialize
//		TestSection6_4_2_Shutdown
//
// A test that is named after a clause, with underscores for its dots, must stand beside one of its section. Transcripts are
// taken by their names, TestTranscripts/6.4.2-345-shutdown for the row 6.4.2 (345).
package conformance
