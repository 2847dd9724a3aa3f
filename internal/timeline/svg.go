// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"fmt"
	"io"
)

// Measures of the picture, in its units.
const (
	pageWidth = 1200
	margin    = 36
	nameWidth = 96

	detailsPerRow = 3
	detailGap     = 18
	detailHead    = 30 // the title
	textHeight    = 17 // a line of a detail's text
)

// SVG writes the picture: the whole time, below it the details, and at the end
// the legend.
func (t *Timeline) SVG(w io.Writer) error {
	p := &pen{}
	main := t.mainChart(p)
	detailsY := main.plot.y + main.height(len(t.Lanes)) + 56
	legendY := detailsY + t.detailsHeight()
	p.open(pageWidth, legendY+52, t.Title)
	p.text(margin, 48, 24, fmt.Sprintf(`fill="%v" font-weight="700"`, dark()), t.Title)
	p.text(margin, 72, 13.5, fmt.Sprintf(`fill="%v"`, gray()), t.Subtitle)
	main.marks(t.Marks, len(t.Lanes))
	main.spans(t.Lanes)
	main.names(t.Lanes)
	main.axis(len(t.Lanes), 0)
	for i := range t.Details {
		t.detail(p, &t.Details[i], t.detailBox(i, detailsY))
	}
	t.drawLegend(p, legendY+22)
	p.close()
	_, err := w.Write(p.b.Bytes())
	return err
}

// mainChart returns the chart of the whole time.
func (t *Timeline) mainChart(p *pen) *chart {
	return &chart{pen: p, plot: box{x: margin + nameWidth, y: 146, w: pageWidth - 2*margin - nameWidth},
		to: max(t.Length, 1), lane: 32, gap: 9, font: 13.5}
}

// detailChart returns the chart in a detail.
func (t *Timeline) detailChart(p *pen, d *Detail, b box) *chart {
	top := b.y + detailHead + float64(t.textLines()*textHeight) + 40
	return &chart{pen: p, plot: box{x: b.x + 70, y: top, w: b.w - 70 - 16}, from: d.From, to: d.To, lane: 18, gap: 10, font: 12}
}

// textLines is how many lines of text the details have, at most.
func (t *Timeline) textLines() int {
	most := 0
	for _, d := range t.Details {
		most = max(most, len(d.Text))
	}
	return most
}

// detailBox returns where detail i is.
func (t *Timeline) detailBox(i int, top float64) box {
	w := float64(pageWidth-2*margin-(detailsPerRow-1)*detailGap) / detailsPerRow
	h := t.detailHeight()
	column, row := i%detailsPerRow, i/detailsPerRow
	return box{margin + float64(column)*(w+detailGap), top + float64(row)*(h+detailGap), w, h}
}

// detailHeight is that of one detail.
func (t *Timeline) detailHeight() float64 {
	c := t.detailChart(nil, &Detail{}, box{})
	return c.plot.y + c.height(len(t.Lanes)) + 34
}

// detailsHeight is that of all rows of details.
func (t *Timeline) detailsHeight() float64 {
	rows := (len(t.Details) + detailsPerRow - 1) / detailsPerRow
	return float64(rows) * (t.detailHeight() + detailGap)
}

// detail draws one detail.
func (t *Timeline) detail(p *pen, d *Detail, b box) {
	p.rect(b, 8, `fill="#ffffff" stroke="#e5e7eb"`)
	p.badge(b.x+20, b.y+21, d.Number)
	p.text(b.x+37, b.y+25.5, 14, fmt.Sprintf(`fill="%v" font-weight="600"`, dark()), d.Title)
	for i, line := range d.Text {
		p.text(b.x+16, b.y+detailHead+18+float64(i*textHeight), 12.5, fmt.Sprintf(`fill="%v"`, gray()), line)
	}
	c := t.detailChart(p, d, b)
	for _, m := range t.Marks {
		if m.At >= d.From && m.At < d.To {
			x := c.x(m.At)
			c.line(x, c.plot.y-6, x, c.plot.y+c.height(len(t.Lanes))+6, fmt.Sprintf(`stroke="%v" stroke-dasharray="2 3"`, dark()))
		}
	}
	c.spans(t.Lanes)
	c.names(t.Lanes)
	c.ticks(t.Lanes)
	zero := d.From
	if d.Bracket[1] > 0 {
		zero = d.Bracket[0]
		c.bracket(d)
	}
	c.axis(len(t.Lanes), zero)
}

// bracket draws the time that a detail is about, above the lanes.
func (c *chart) bracket(d *Detail) {
	from, to, y := c.x(d.Bracket[0]), c.x(d.Bracket[1]), c.plot.y-10
	pen := fmt.Sprintf(`stroke="%v" stroke-width="1.4"`, dark())
	c.line(from, y, to, y, pen)
	for _, x := range []float64{from, to} {
		c.line(x, y-4, x, y+6, pen)
	}
	c.text((from+to)/2, y-7, 12, fmt.Sprintf(`fill="%v" font-weight="600" text-anchor="middle"`, dark()), d.Label)
}

// drawLegend draws what the colours mean, in one row.
func (t *Timeline) drawLegend(p *pen, y float64) {
	x := float64(margin)
	for _, e := range t.legend() {
		for _, s := range e.styles {
			p.span(box{x, y - 11, 20, 14}, 3, s)
			x += 23
		}
		p.text(x+3, y, 12.5, fmt.Sprintf(`fill="%v"`, dark()), e.name)
		x += width(e.name, 12.5) + 26
	}
	if len(t.Details) > 0 {
		p.line(x+3, y-9, x+3, y+1, fmt.Sprintf(`stroke="%v" stroke-width="1.6"`, dark()))
		p.text(x+12, y, 12.5, fmt.Sprintf(`fill="%v"`, dark()), t.TickName)
	}
}
