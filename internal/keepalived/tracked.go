// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"cmp"
	"fmt"
	"time"
)

// Script is a vrrp_script. Safe for concurrent reading.
type Script struct {
	Name       string
	Command    Command
	Interval   time.Duration // default 1s
	Timeout    time.Duration // default Interval
	Rise, Fall int           // how many outcomes in succession it takes, default 1
	InitFail   bool          // it counts as failed before its first outcome
	Weight     Weight
}

// Process is a vrrp_track_process: which processes are counted, and how many must run. Safe for concurrent reading.
type Process struct {
	Name   string
	Argv   []string // the program, and its arguments if there are any
	Full   bool     // Argv begins the command line; false: Argv[0] is the name of the process
	Min    int      // quorum, default 1
	Max    int      // quorum_max; 0: any number
	Weight Weight   // default 0, whatever keepalived.conf(5) says
}

// File is a track_file: a number that is added to the priority. Safe for concurrent reading.
type File struct {
	Name   string
	Path   string
	Weight Weight // default 1
}

// Weight is what a condition does to the priority; 0 takes the instance out of the election while the condition is bad.
type Weight struct {
	Value   int // up to 254 or down to -254
	Reverse bool
}

// maxWeight is more than priorities differ by.
const maxWeight = 254

// tracked reads the blocks that define conditions.
func (d *decoder) tracked(dir *Directive) {
	if dir.Block == nil {
		return // reported where the directive is read among the others
	}
	switch dir.Name {
	case "vrrp_script":
		if s := (Script{Interval: time.Second, Rise: 1, Fall: 1}); d.begin(dir, &s.Name) {
			d.each(dir, s.read)
			s.Timeout = cmp.Or(s.Timeout, s.Interval)
			s.Command.complete(d.global.ScriptUser)
			d.want(dir, !s.Command.IsZero(), s.Name, "script")
			d.scripts = append(d.scripts, s)
		}
	case "vrrp_track_process":
		if p := (Process{Min: 1}); d.begin(dir, &p.Name) {
			d.each(dir, p.read)
			d.want(dir, len(p.Argv) > 0, p.Name, "process")
			if p.Max > 0 && p.Min > p.Max {
				d.fail(dir, ErrConflict, p.Name, fmt.Sprintf("the quorum %d is more than the quorum_max %d", p.Min, p.Max), "")
			}
			d.processes = append(d.processes, p)
		}
	case "track_file", "vrrp_track_file":
		if f := (File{Weight: Weight{Value: 1}}); d.begin(dir, &f.Name) {
			d.each(dir, f.read)
			d.want(dir, f.Path != "", f.Name, "file")
			d.files = append(d.files, f)
		}
	}
}

// begin reads the name of a block, which no other of the same kind may have.
func (d *decoder) begin(dir *Directive, name *string) bool {
	if len(dir.Args) != 1 || dir.Args[0] == "" {
		d.fail(dir, ErrMissing, "", "has no name, or more than one word for it", "one word")
		return false
	}
	*name = dir.Args[0]
	key := dir.Name + " " + *name
	if other, ok := d.blocks[key]; ok {
		d.fail(dir, ErrConflict, *name, fmt.Sprintf("the name is taken, in line %d", other.Line), "another name")
		return false
	}
	d.blocks[key] = dir
	return true
}

// want reports a directive that is missing in a block.
func (d *decoder) want(dir *Directive, ok bool, name, directive string) {
	if !ok {
		d.fail(dir, ErrMissing, name, "has no "+directive, "")
	}
}

// each reads the directives in a block by read, and notes those that it doesn't.
func (d *decoder) each(dir *Directive, read func(*report, *Directive) bool) {
	for i := range dir.Block {
		inner := &dir.Block[i]
		if allowed, ok := d.lookup(inner, known[dir.Name], dir.Name); ok && !read(d.report, inner) {
			d.notRead(inner, allowed)
		}
	}
}

func (s *Script) read(r *report, dir *Directive) bool {
	switch dir.Name {
	case "script":
		r.readCommand(dir, &s.Command)
	case "user":
		s.Command.readUser(r, dir, dir.Args)
	case "interval":
		r.setTimer(dir, &s.Interval, time.Millisecond, maxTimer)
	case "timeout":
		r.setTimer(dir, &s.Timeout, time.Millisecond, maxTimer)
	case "rise":
		setNumber(r, dir, &s.Rise, 1, maxCount)
	case "fall":
		setNumber(r, dir, &s.Fall, 1, maxCount)
	case "init_fail":
		r.atMost(dir, 0)
		s.InitFail = true
	case "weight":
		s.Weight.read(r, dir, dir.Args, maxWeight-1)
	default:
		return false
	}
	return true
}

func (p *Process) read(r *report, dir *Directive) bool {
	switch dir.Name {
	case "process":
		if len(dir.Args) == 0 || dir.Args[0] == "" {
			r.fail(dir, ErrMissing, "", "has no value", "a program, and the arguments it runs with")
			return true
		}
		p.Argv, p.Full = dir.Args, p.Full || len(dir.Args) > 1
	case "full_command":
		r.atMost(dir, 0)
		p.Full = true
	case "quorum":
		setNumber(r, dir, &p.Min, 1, 65535)
	case "quorum_max":
		setNumber(r, dir, &p.Max, 1, 65535)
	case "weight":
		p.Weight.read(r, dir, dir.Args, maxWeight)
	default:
		return false
	}
	return true
}

func (f *File) read(r *report, dir *Directive) bool {
	switch dir.Name {
	case "file":
		if path, ok := r.one(dir, "the path of a file"); ok {
			f.Path = path
		}
	case "weight":
		f.Weight.read(r, dir, dir.Args, maxCount)
	default:
		return false
	}
	return true
}
