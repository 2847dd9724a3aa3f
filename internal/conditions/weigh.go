// SPDX-License-Identifier: Apache-2.0

package conditions

import "github.com/go-fhrp/fhrp/netif/track"

// sign is -1 if the weight is reversed.
func sign(a track.Action) int {
	if a.Reverse {
		return -1
	}
	return 1
}

// bad reports whether a reading is. Unknown is not.
func bad(a track.Action, r track.Reading) bool {
	switch {
	case r.State == track.Unknown:
		return false
	case !r.Numeric:
		return (r.State == track.Down) != a.Reverse
	case r.State == track.Down:
		return true
	}
	return a.Weight == 0 && (r.Number != 0) != a.Reverse
}

// weigh returns what a reading adds to the priority, and whether it is a fault by its number.
func weigh(a track.Action, r track.Reading) (weight int, fault bool) {
	switch {
	case r.Numeric && r.State == track.Up:
		// The product is the same number, or beyond the same limit, as that of numbers that can't overflow.
		product := clamp(r.Number, -track.MaxWeight, track.MaxWeight) * clamp(a.Weight, -track.MaxWeight, track.MaxWeight) * sign(a)
		if product <= -track.MaxWeight {
			return 0, true
		}
		return min(product, track.MaxWeight-1), false
	case r.Numeric:
		return 0, false
	case r.State == track.Up && a.Weight > 0, r.State == track.Down && a.Weight < 0:
		return a.Weight * sign(a), false
	}
	return 0, false
}

// clamp returns n, or the limit that it is beyond.
func clamp(n, least, most int) int { return min(max(n, least), most) }
