// SPDX-License-Identifier: Apache-2.0

package timeline_test

import (
	"os"
	"time"

	"github.com/go-fhrp/fhrp/internal/timeline"
)

func ExampleText_Write() {
	busy := timeline.Style{Name: "busy", Letter: '#'}
	idle := timeline.Style{Name: "idle", Letter: '-'}
	t := &timeline.Timeline{
		Lanes: []timeline.Lane{
			{Name: "left", Spans: []timeline.Span{{From: 0, To: 2 * time.Second, Style: busy}, {From: 2 * time.Second, To: 3 * time.Second, Style: idle}}},
			{Name: "right", Spans: []timeline.Span{{From: time.Second, To: 3 * time.Second, Style: busy}}},
		},
		Marks: []timeline.Mark{{At: 2 * time.Second, Name: "hand-over"}},
	}
	text := timeline.Text{Step: 200 * time.Millisecond}
	_ = text.Write(os.Stdout, t, 0, 3*time.Second)
	_ = text.Legend(os.Stdout, t)
	// Output:
	//                    1
	// left     ##########-----
	// right         ##########
	//          |0 s |1 s |2 s
	// # busy   - idle
}
