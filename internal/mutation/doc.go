// SPDX-License-Identifier: Apache-2.0

// Package mutation breaks the machines of both protocols on purpose, one line at a time, and holds that a test notices
// each time: it has tests only. The ways to break them are lists in testdata, which are read by readList; the code stays
// as it is, for the compiler is given files in its place that have the mutants beside the original.
//
//	go test ./internal/mutation                          # the lists fit the code, and miss nothing in it
//	go test -v ./internal/mutation -mutants 50           # that many mutants, chosen at random
//	go test -v ./internal/mutation -mutants 50 -seed 7   # the same ones again
//	go test -v ./internal/mutation -only backup.go       # those of one file
//	FHRP_LONG=1 go test -v -timeout 60m ./internal/mutation
//
// A list has lines that name the package, the files whose every clause it breaks, and the tests that are too slow to be
// asked about every mutant. Then, below the clause that is broken, the place and the changes:
//
//	package vrrp
//	files backup.go
//	without TestExplore$
//
//	# RFC 9568 section 6.4.2 (425): on priority 0 set Active_Down_Timer to Skew_Time
//	backup.go backupReceive
//	- case adv.Priority == PriorityGoodbye:
//	+ case adv.Priority != PriorityGoodbye:
//	- m.claim, m.downAt = ReasonGoodbye, now.Add(m.skewTime())
//	+ m.claim, m.downAt = ReasonGoodbye, now
//	+ m.claim = ReasonGoodbye
//
// A line that begins with a minus is one of the named function as it stands there, without its indent; it must be there
// once, or below a line of its function that is, which an @ names. Each line below that begins with a plus is a mutant: what
// it becomes, nothing if there is nothing. A tilde in the place of the plus says why another change of that line makes no
// difference that a test could see.
package mutation
