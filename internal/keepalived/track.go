// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"fmt"
	"slices"
	"strconv"
)

// TrackKind is what a [Track] is about.
type TrackKind uint8

// The kinds, by the block that names them.
const (
	TrackInterface TrackKind = iota + 1 // track_interface
	TrackScript                         // track_script
	TrackProcess                        // track_process
	TrackFile                           // track_file
)

// String returns the block that names it.
func (k TrackKind) String() string {
	switch k {
	case TrackInterface:
		return "track_interface"
	case TrackScript:
		return "track_script"
	case TrackProcess:
		return "track_process"
	case TrackFile:
		return "track_file"
	}
	return fmt.Sprintf("TrackKind(%d)", uint8(k))
}

// Track is a condition that an instance depends on. Safe for concurrent reading.
type Track struct {
	Kind   TrackKind
	Name   string // of the interface, the Script, the Process, the File
	Weight Weight
}

// tracks are the conditions of an instance or a group that is being read.
type tracks struct {
	list  []Track
	lines []*Directive // where each stands
}

// read reads a block that names conditions.
func (t *tracks) read(d *decoder, dir *Directive) bool {
	kind := TrackInterface
	for kind <= TrackFile && kind.String() != dir.Name {
		kind++
	}
	if kind > TrackFile {
		return false
	}
	d.noArgs(dir)
	for i := range dir.Block {
		t.line(d, kind, dir.Block[i].Name, dir.Block[i].as(dir.Name))
	}
	return true
}

// line reads a line of such a block: a name, and what replaces the weight that is defined with it.
func (t *tracks) line(d *decoder, kind TrackKind, name string, dir *Directive) {
	weight, ok := d.weightOf(kind, name)
	switch {
	case dir.Block != nil:
		d.fail(dir, ErrSyntax, name, "takes no block", "one name a line")
		return
	case !ok:
		d.fail(dir, ErrValue, name, "there is no block that defines it", "a name that one has")
		return
	case kind == TrackInterface && !d.checkLink(dir, name):
		return
	case slices.ContainsFunc(t.list, func(o Track) bool { return o.Kind == kind && o.Name == name }):
		d.note(dir, Adjusted, "%s is there already: ignored, as in keepalived", quote(name))
		return
	}
	if args := dir.Args; len(args) > 0 {
		if args[0] != "weight" {
			d.fail(dir, ErrUnknown, args[0], "not an option of a condition", "weight, and reverse or noreverse behind it")
			return
		}
		limit := maxWeight
		if kind == TrackInterface || kind == TrackScript {
			limit--
		}
		weight.read(d.report, dir, args[1:], limit)
	}
	t.list, t.lines = append(t.list, Track{kind, name, weight}), append(t.lines, dir)
}

// weightOf returns the weight that a condition is defined with.
func (d *decoder) weightOf(kind TrackKind, name string) (Weight, bool) {
	switch kind {
	case TrackScript:
		if i := slices.IndexFunc(d.scripts, func(s Script) bool { return s.Name == name }); i >= 0 {
			return d.scripts[i].Weight, true
		}
	case TrackProcess:
		if i := slices.IndexFunc(d.processes, func(p Process) bool { return p.Name == name }); i >= 0 {
			return d.processes[i].Weight, true
		}
	case TrackFile:
		if i := slices.IndexFunc(d.files, func(f File) bool { return f.Name == name }); i >= 0 {
			return d.files[i].Weight, true
		}
	default:
		return Weight{}, true
	}
	return Weight{}, false
}

// read reads a weight up to limit or down to -limit, and whether it is reversed.
func (w *Weight) read(r *report, dir *Directive, words []string, limit int) {
	w.readWide(r, dir, words, limit)
	w.Value = min(max(w.Value, -maxWeight), maxWeight) // beyond that, priorities can't differ
}

// readWide reads a weight of any size up to limit.
func (w *Weight) readWide(r *report, dir *Directive, words []string, limit int) {
	allowed := fmt.Sprintf("-%d to %d, and reverse or noreverse behind it", limit, limit)
	if len(words) == 0 {
		r.fail(dir, ErrMissing, "", "the weight has no value", allowed)
		return
	}
	n, err := strconv.ParseInt(words[0], 10, 64)
	if err != nil || n < int64(-limit) || n > int64(limit) {
		r.fail(dir, ErrValue, words[0], "not a weight", allowed)
		return
	}
	w.Value = int(n)
	switch rest := words[1:]; {
	case len(rest) == 0:
	case rest[0] == "reverse":
		w.Reverse = true
	case rest[0] == "noreverse" || rest[0] == "no_reverse":
		w.Reverse = false
	default:
		r.fail(dir, ErrUnknown, rest[0], "not an option of a weight", allowed)
	}
}
