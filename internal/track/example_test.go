// SPDX-License-Identifier: Apache-2.0

package track_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-fhrp/fhrp/internal/track"
)

// A condition that fails at its second run.
func ExampleTracker() {
	ctx, cancel := context.WithCancel(context.Background())
	runs := 0
	t, err := track.New(track.Config{
		Name: "web",
		Check: func(context.Context) error {
			if runs++; runs == 2 {
				return errors.New("connection refused")
			}
			return nil
		},
		Phase: 1, // the second run at once, for the example
		Report: func(c track.Change) {
			fmt.Println(c.Name, c.Before, c.Now, c.Err)
			if c.Now.State == track.Down {
				cancel()
			}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Run(ctx))
	// Output:
	// web unknown up <nil>
	// web up down track: web: connection refused
	// <nil>
}

// A virtual router of priority 100 with three conditions, one of which has just failed.
func ExampleCombine() {
	up, down := track.Reading{State: track.Up}, track.Reading{State: track.Down}
	e := track.Combine([]track.Condition{
		{Name: "web", Action: track.Action{Weight: 20}, Now: up, Before: up},
		{Name: "uplink", Action: track.Action{Weight: -50, Resign: true}, Now: down, Before: up},
		{Name: "eth0", Action: track.Action{Fault: true}, Now: up, Before: up},
	})
	fmt.Println("priority", e.Priority(100), "skew", e.Skew(100))
	fmt.Println("fault", e.Fault, "resign", e.Resign, e.ResignBy)
	// Output:
	// priority 70 skew 130
	// fault false resign true uplink
}
