// SPDX-License-Identifier: Apache-2.0

package timeline

import "fmt"

// white is what the picture is drawn on.
func white() Color { return Color{0xff, 0xff, 0xff} }

// String returns the colour as SVG has it, "#rrggbb".
func (c Color) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// mix returns the colour with so many percent of another in it.
func (c Color) mix(other Color, percent int) Color {
	for i := range c {
		c[i] = uint8((int(c[i])*(100-percent) + int(other[i])*percent) / 100)
	}
	return c
}

// index returns the nearest colour in the cube of 6×6×6 that terminals have, whose
// levels are 0, 95, 135, 175, 215 and 255.
func (c Color) index() int {
	index := 0
	for _, part := range c {
		level := 0
		for _, above := range []uint8{48, 115, 155, 195, 235} {
			if part >= above {
				level++
			}
		}
		index = index*6 + level
	}
	return 16 + index
}

// colors returns the colours of a style: of the ground and of what is written on
// it.
func (s Style) colors() (ground, ink Color) {
	switch s.Fill {
	case Solid:
		return s.Color, white()
	case Tint:
		return s.Color.mix(white(), 78), s.Color.mix(Color{}, 35)
	}
	return white(), s.Color
}
