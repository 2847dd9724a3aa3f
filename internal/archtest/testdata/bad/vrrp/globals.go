// SPDX-License-Identifier: Apache-2.0

package vrrp // want PackageComment no file of the package has a comment "Package vrrp …"

import (
	"errors"
	"fmt"
	"sync"
)

var errFine = errors.New("vrrp: fine")

var _ fmt.Stringer = (*table)(nil)

type table struct{ n int }

func (*table) String() string { return "" }

var names = map[int]string{1: "one"}

var mu sync.Mutex // want NoGlobals package variable mu is neither an error nor a table

var cache = make(map[int]string) // want NoGlobals package variable cache is neither an error nor a table

var shared = &table{} // want NoGlobals package variable shared is neither an error nor a table

var counts = map[int]int{}

var last, first = table{}, table{}

var list = []int{1, 2}

func write() {
	counts[1]++             // want NoGlobals package variable counts is written, or its address is taken
	last.n = 1              // want NoGlobals package variable last is written, or its address is taken
	use(&first)             // want NoGlobals package variable first is written, or its address is taken
	delete(counts, 1)       // want NoGlobals package variable counts is written, or its address is taken
	for list[0] = range 2 { // want NoGlobals package variable list is written, or its address is taken
		use(nil)
	}
	names := []string{names[1]}
	names[0] = ""
}

func use(*table) {}
