// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// pen writes the elements of an SVG picture.
type pen struct{ b bytes.Buffer }

// box is a rectangle.
type box struct{ x, y, w, h float64 }

// open begins a picture of a size, white, with the styles of its text.
func (p *pen) open(width, height float64, title string) {
	fmt.Fprintf(&p.b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" role="img" font-family="%s">`+"\n",
		number(width), number(height), number(width), number(height), fonts)
	fmt.Fprintf(&p.b, "<title>%s</title>\n", escape(title))
	p.rect(box{0, 0, width, height}, 0, `fill="#ffffff"`)
}

// fonts are what systems have that reads well in a small size.
const fonts = "'Inter','Segoe UI','Helvetica Neue',Arial,'Liberation Sans','DejaVu Sans',sans-serif"

func (p *pen) close() { p.b.WriteString("</svg>\n") }

// rect writes a rectangle with round corners.
func (p *pen) rect(b box, radius float64, attributes string) {
	fmt.Fprintf(&p.b, `<rect x="%s" y="%s" width="%s" height="%s"`, number(b.x), number(b.y), number(b.w), number(b.h))
	if radius > 0 {
		fmt.Fprintf(&p.b, ` rx="%s"`, number(radius))
	}
	fmt.Fprintf(&p.b, " %s/>\n", attributes)
}

// line writes a straight line.
func (p *pen) line(x1, y1, x2, y2 float64, attributes string) {
	fmt.Fprintf(&p.b, `<line x1="%s" y1="%s" x2="%s" y2="%s" %s/>`+"\n", number(x1), number(y1), number(x2), number(y2), attributes)
}

// text writes a line of text whose base line is at y.
func (p *pen) text(x, y, size float64, attributes, text string) {
	fmt.Fprintf(&p.b, `<text x="%s" y="%s" font-size="%s" %s>%s</text>`+"\n", number(x), number(y), number(size), attributes, escape(text))
}

// badge writes the number of a mark in a disc.
func (p *pen) badge(x, y float64, n int) {
	fmt.Fprintf(&p.b, `<circle cx="%s" cy="%s" r="9" fill="%v"/>`+"\n", number(x), number(y), dark())
	p.text(x, y+4, 11.5, `fill="#ffffff" font-weight="700" text-anchor="middle"`, fmt.Sprint(n))
}

// span fills a rectangle in a style.
func (p *pen) span(b box, radius float64, s Style) {
	ground, _ := s.colors()
	switch s.Fill {
	case Hollow:
		b = box{b.x + 0.5, b.y + 0.5, max(b.w-1, 0), b.h - 1}
		p.rect(b, radius, fmt.Sprintf(`fill="%v" stroke="%v" stroke-dasharray="3 3"`, ground, s.Color.mix(white(), 30)))
	case Tint:
		b = box{b.x + 0.5, b.y + 0.5, max(b.w-1, 0), b.h - 1}
		p.rect(b, radius, fmt.Sprintf(`fill="%v" stroke="%v"`, ground, s.Color.mix(white(), 45)))
	default:
		p.rect(b, radius, fmt.Sprintf(`fill="%v"`, ground))
	}
}

// dark and gray are the colours of text.
func dark() Color { return Color{0x1f, 0x29, 0x37} }
func gray() Color { return Color{0x6b, 0x72, 0x80} }

// number writes a coordinate with two digits behind the point at most.
func number(f float64) string {
	s := fmt.Sprintf("%.2f", f)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// escape returns text as XML has it.
func escape(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a buffer takes everything
	return b.String()
}

// width is about how wide a text is: the fonts of the reader are not known.
func width(text string, size float64) float64 { return float64(len([]rune(text))) * size * 0.51 }
