// SPDX-License-Identifier: Apache-2.0

// Package simulation tests routers of both protocols together, for days of
// virtual time: clusters of two to seven nodes on a LAN in memory, with one to
// three virtual routers of VRRP or virtual hosts of CARP, to which everything
// happens that happens to such nodes. What happens follows from a seed.
//
// A scenario is a cluster and a list of faults (scenario_test.go), made from a
// seed (generate_test.go) or kept in testdata. A [cluster] runs it, with real
// vrrp.Routers and carp.Hosts, each on a LAN, a clock and a backend that do as
// the faults say. After each step a judge looks whether all is as it must be:
// its rules are in rules_test.go. What it finds is made small by leaving out
// faults for as long as the rule stays broken, and told as a transcript.
//
// To run one seed again:
//
//	go test ./internal/simulation -run 'TestSeeds$' -v -simulation.seed 42
//
// A walk is what one program is asked for while it runs, most of all to be
// configured in another way: random steps that follow from a seed
// (walk_test.go), taken on goroutines in a bubble (walker_test.go) and judged by
// rules of their own (walkrules_test.go). It is shortened and told likewise.
//
//	go test ./internal/simulation -run 'TestWalks$' -v -simulation.walk 42
package simulation
