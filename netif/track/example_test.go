// SPDX-License-Identifier: Apache-2.0

package track_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-fhrp/fhrp/netif/track"
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
