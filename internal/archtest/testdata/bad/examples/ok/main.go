// SPDX-License-Identifier: Apache-2.0

// Command ok does what a program may.
package main

import (
	"log"
	"os"
)

var verbose bool

func main() {
	verbose = os.Getenv("VERBOSE") != ""
	log.Print(verbose)
	os.Exit(0)
}
