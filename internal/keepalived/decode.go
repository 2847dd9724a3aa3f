// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"io/fs"
	"net/netip"
	"slices"
)

// decoder turns directives into a Config.
type decoder struct {
	*report
	global    Global
	instances []Instance
	names     map[string]*Directive // instances by name

	blocks     map[string]*Directive // other blocks by kind and name
	scripts    []Script
	processes  []Process
	files      []File
	groups     []*groupDraft
	trackLines [][]*Directive // where the Tracks of each instance stand
	unnumbered map[bool]int   // rules without priority, of IPv6 and of IPv4
	tables     tableNames
}

// decode reads the blocks of global_defs first, then the conditions: what they say counts for all instances.
// fsys has the names of routing tables; nil: those of the kernel alone are known.
func decode(directives []Directive, r *report, fsys fs.FS) (*Config, error) {
	d := &decoder{
		report: r, global: defaultGlobal(), names: map[string]*Directive{}, blocks: map[string]*Directive{},
		unnumbered: map[bool]int{}, tables: tableNames{fs: fsys},
	}
	for i := range directives {
		if directives[i].Name == "global_defs" {
			d.globalBlock(&directives[i])
		}
	}
	d.global.completeFIFOs()
	d.global.GARP.complete(d.global.GARP.Delay, d.global.GARP.Repeat)
	for i := range directives {
		d.tracked(&directives[i])
	}
	for i := range directives {
		d.top(&directives[i])
	}
	groups := d.completeGroups()
	d.checkDuplicates()
	if err := r.err(); err != nil {
		return &Config{Warnings: r.warnings}, err
	}
	return &Config{
		Global: d.global, Instances: d.instances, Groups: groups, Scripts: d.scripts, Processes: d.processes, Files: d.files,
		Warnings: r.warnings,
	}, nil
}

// top reads a directive that stands outside all blocks.
func (d *decoder) top(dir *Directive) {
	inner, ok := d.lookup(dir, known, "")
	switch {
	case !ok:
	case dir.Name == "global_defs":
	case dir.Name == "vrrp_instance":
		d.instanceBlock(dir)
	case dir.Name == "vrrp_sync_group":
		d.groupBlock(dir)
	case slices.Contains(trackedNames, dir.Name):
	default:
		d.unsupported(dir, inner)
	}
}

// trackedNames are the blocks that [decoder.tracked] reads.
var trackedNames = []string{"vrrp_script", "vrrp_track_process", "track_file", "vrrp_track_file"}

// lookup finds dir among the directives that may stand where it stands, in the block of the directive owner, and checks that it
// has a block if and only if it wants one. It returns what its block may hold.
func (r *report) lookup(dir *Directive, allowed body, owner string) (body, bool) {
	inner, ok := allowed[dir.Name]
	switch {
	case !ok && owner == "":
		r.fail(dir, ErrUnknown, "", "unknown directive", "")
	case !ok:
		r.fail(dir, ErrUnknown, "", "unknown directive in "+owner, "")
	case inner == nil && dir.Block != nil:
		r.fail(dir, ErrSyntax, "", "takes no block", "one directive a line")
	case inner != nil && dir.Block == nil:
		r.fail(dir, ErrSyntax, "", "has no block", "{ on the same line or the next")
	default:
		return inner, true
	}
	return nil, false
}

// unsupported notes a directive that this package does not act on, and checks the names of the directives in its block.
func (r *report) unsupported(dir *Directive, inner body) {
	text := notSupported
	if reason := reasons[dir.Name]; reason != "" {
		text = reason
	}
	r.note(dir, Unsupported, "%s", text)
	r.checkNames(dir, inner)
}

// notRead notes a directive of global_defs or vrrp_instance that this package does not act on.
func (r *report) notRead(dir *Directive, inner body) {
	if slices.Contains(unusedNames, dir.Name) {
		r.note(dir, Unused, "%s", notUsed)
		return
	}
	r.unsupported(dir, inner)
}

// unusedNames are the directives of global_defs and vrrp_instance that VRRP works the same without.
var unusedNames = []string{
	"debug", "no_checker_emails", "no_email_faults", "notification_email", "notification_email_from", "smtp_alert",
	"smtp_alert_checker", "smtp_alert_vrrp", "smtp_connect_timeout", "smtp_helo_name", "smtp_server",
}

// checkNames checks the names of the directives in the block of dir.
func (r *report) checkNames(dir *Directive, allowed body) {
	if len(allowed) == 0 {
		return
	}
	for i := range dir.Block {
		if inner, ok := r.lookup(&dir.Block[i], allowed, dir.Name); ok {
			r.checkNames(&dir.Block[i], inner)
		}
	}
}

// checkDuplicates reports instances that would answer for the same virtual router.
func (d *decoder) checkDuplicates() {
	type router struct {
		link  string
		vrid  uint8
		group netip.Addr
	}
	first := map[router]*Instance{}
	for i := range d.instances {
		in := &d.instances[i]
		key := router{in.Interface, in.VRID, in.Group}
		other := first[key]
		switch {
		case in.Interface == "" || in.VRID == 0: // reported
		case other == nil:
			first[key] = in
		default:
			d.add(&Error{
				File: in.File, Line: in.Line, Directive: "vrrp_instance", Value: in.Name, Err: ErrConflict,
				Reason:  "has the interface, the virtual_router_id and the address family of " + quote(other.Name),
				Allowed: "each of them once, or groups that differ",
			})
		}
	}
}
