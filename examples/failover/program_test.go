// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// recordEnv names the environment variable that has the test of the whole program
// keep what it saw in a file, of which testdata/history.json is one.
const recordEnv = "FHRP_FAILOVER_RECORD"

// TestMain makes the test's executable the router of a node, as the program makes
// its own.
func TestMain(m *testing.M) {
	if number, ok := os.LookupEnv(nodeEnv); ok {
		exit(nodeMain(number))
	}
	os.Exit(m.Run())
}

// TestProgram runs the whole program in network namespaces, a process for each
// router. Whether something came out wrong is for the program to say.
func TestProgram(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	r := &record{}
	w, err := newKernelWorld(r, true)
	if err != nil {
		t.Fatal(err)
	}
	h, err := show(t.Context(), w, r, &screen{w: t.Output(), verbose: true})
	if err != nil {
		t.Error(err)
	}
	if path := os.Getenv(recordEnv); path != "" {
		keep(t, path, &h)
	}
}

// keep writes a history to a file.
func keep(t *testing.T, path string, h *history) {
	t.Helper()
	b, err := json.MarshalIndent(h, "", " ")
	if err == nil {
		err = os.WriteFile(path, append(b, '\n'), 0o644)
	}
	if err != nil {
		t.Error(err)
	}
}
