// SPDX-License-Identifier: Apache-2.0

// Package api records what the module exports, so that no change of it goes unseen: it has tests only. The record is in
// testdata, a file for each public package, with a line for each constant, function, method, type and field, on all systems
// together.
//
//	go test ./internal/api           # shows each line that has come or gone
//	go test ./internal/api -update   # takes the record anew
//
// A line that has come is an addition. One that has gone breaks programs that use it, as do a further method of an interface
// that they implement; the CHANGELOG says so. When there is a tag, gorelease compares with it besides:
//
//	go run golang.org/x/exp/cmd/gorelease@latest -base=v0.1.0
package api
