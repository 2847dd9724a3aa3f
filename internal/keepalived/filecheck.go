// SPDX-License-Identifier: Apache-2.0

package keepalived

import "time"

// fileCheckInterval is how often a file is looked at, which the kernel tells keepalived about.
const fileCheckInterval = time.Second

// trackFiles reads the files that FILE_CHECK names. What is wrong with them is reported by [Decode].
func (b *balancer) trackFiles(tree *Tree) {
	for i := range tree.Directives {
		d := &tree.Directives[i]
		if d.Name != "track_file" && d.Name != "vrrp_track_file" || len(d.Args) != 1 {
			continue
		}
		f := File{Name: d.Args[0], Weight: Weight{Value: 1}}
		silent := &report{}
		for j := range d.Block {
			if inner := &d.Block[j]; inner.Name == "weight" {
				f.Weight.readWide(silent, inner, inner.Args, maxCount)
			} else {
				f.read(silent, inner)
			}
		}
		b.files[f.Name] = f
	}
}

// fileCheck reads FILE_CHECK, which has none of the directives of other checks.
func (b *balancer) fileCheck(r *RealServer, d *Directive) {
	c := Check{Kind: CheckFile, File: d.File, Line: d.Line, Interval: fileCheckInterval, Timeout: fileCheckInterval}
	var weight *Weight
	for i := range d.Block {
		inner := &d.Block[i]
		if _, ok := b.lookup(inner, realServer[d.Name], d.Name); !ok {
			continue
		}
		if inner.Name == "weight" {
			weight = new(Weight)
			weight.readWide(b.report, inner, inner.Args, maxCount)
			continue
		}
		name, ok := b.one(inner, "the name of a track_file")
		f, known := b.files[name]
		if ok && !known {
			b.fail(inner, ErrValue, name, "there is no track_file of that name", "")
		}
		c.Path, c.Weight = f.Path, f.Weight
		if c.Path == "" && known {
			return // Decode reports it
		}
	}
	if weight != nil {
		c.Weight = *weight
	}
	if c.Path == "" {
		b.fail(d, ErrMissing, "", "has no track_file", "the name of a track_file")
		return
	}
	r.Checks = append(r.Checks, c)
}
