// SPDX-License-Identifier: Apache-2.0

package keepalived

import "slices"

// FIFO is a notify_fifo or vrrp_notify_fifo: a named pipe that is told of each change of state of an instance or a group by a line
// like INSTANCE "VI_1" MASTER 100. It is made if it isn't there. Safe for concurrent use.
type FIFO struct {
	Directive   string // the one that names it
	Path        string
	User, Group string // whom it belongs to when it is made, by name or number; "": as with a Command
}

// readFIFO reads a directive that names a pipe; each may be given once.
func (g *Global) readFIFO(r *report, dir *Directive) {
	const allowed = "the path of a pipe, then a user and a group"
	if len(dir.Args) == 0 || dir.Args[0] == "" {
		r.fail(dir, ErrMissing, "", "has no value", allowed)
		return
	}
	var owner Command
	owner.readUser(r, dir, dir.Args[1:])
	f := FIFO{dir.Name, dir.Args[0], owner.User, owner.Group}
	switch {
	case slices.ContainsFunc(g.FIFOs, func(o FIFO) bool { return o.Directive == dir.Name }):
		r.note(dir, Adjusted, "given before: ignored, as in keepalived")
	case slices.ContainsFunc(g.FIFOs, func(o FIFO) bool { return o.Path == f.Path }):
		r.fail(dir, ErrConflict, f.Path, "another notify_fifo has the path", "a pipe for each")
	default:
		g.FIFOs = append(g.FIFOs, f)
	}
}

// completeFIFOs gives pipes that don't say whom they belong to the user of script_user.
func (g *Global) completeFIFOs() {
	for i := range g.FIFOs {
		if f := &g.FIFOs[i]; f.User == "" {
			f.User, f.Group = g.ScriptUser.User, g.ScriptUser.Group
		}
	}
}
