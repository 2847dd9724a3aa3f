// SPDX-License-Identifier: Apache-2.0

package keepalived

import "slices"

// SyncGroup is a vrrp_sync_group: instances that move as one. Safe for concurrent reading.
type SyncGroup struct {
	Name    string
	Members []string // names of instances, one at least; each is in one group
	Notify  Notify
}

// groupDraft is a group that is being read.
type groupDraft struct {
	SyncGroup
	at      *Directive
	tracks  tracks
	weights bool // sync_group_tracking_weight: members keep the weights of their conditions
}

// groupBlock reads a vrrp_sync_group.
func (d *decoder) groupBlock(dir *Directive) {
	g := &groupDraft{at: dir}
	if !d.begin(dir, &g.Name) {
		return
	}
	d.each(dir, func(_ *report, inner *Directive) bool {
		return g.tracks.read(d, inner) || g.Notify.read(d.report, inner) || g.read(d, inner)
	})
	g.Notify.complete(d.global.ScriptUser)
	if len(g.Members) == 0 {
		d.fail(dir, ErrMissing, g.Name, "has no members", "a block group with the names of instances")
		return
	}
	if len(g.Members) == 1 {
		d.note(dir, Advice, "has one member only, which moves by itself as well")
	}
	d.groups = append(d.groups, g)
}

func (g *groupDraft) read(d *decoder, dir *Directive) bool {
	switch dir.Name {
	case "group":
		d.noArgs(dir)
		for i := range dir.Block {
			g.Members = append(append(g.Members, dir.Block[i].Name), dir.Block[i].Args...)
		}
	case "sync_group_tracking_weight", "global_tracking":
		d.atMost(dir, 0)
		g.weights = true
	default:
		return false
	}
	return true
}

// completeGroups gives the members of groups the conditions of these.
func (d *decoder) completeGroups() []SyncGroup {
	in := map[string]string{} // the group of each member
	var groups []SyncGroup
	for _, g := range d.groups {
		for _, name := range g.Members {
			i := slices.IndexFunc(d.instances, func(in Instance) bool { return in.Name == name })
			switch {
			case i < 0:
				d.fail(g.at, ErrValue, name, "there is no vrrp_instance of that name", "the names of instances")
			case in[name] != "":
				d.fail(g.at, ErrConflict, name, "the instance is in the group "+quote(in[name]), "one group for each instance")
			default:
				in[name] = g.Name
				d.completeMember(g, i)
			}
		}
		groups = append(groups, g.SyncGroup)
	}
	return groups
}

// completeMember takes the weights from the conditions of a member, by which it would win where another one loses, as
// keepalived does, and gives it the conditions of the group.
func (d *decoder) completeMember(g *groupDraft, i int) {
	member := &d.instances[i]
	var kept []Track
	for n, t := range member.Tracks {
		dropped := "taken as 0"
		switch {
		case t.Weight.Value == 0 || g.weights || t.Kind == TrackProcess:
			kept = append(kept, t)
			continue
		case t.Kind == TrackInterface || t.Kind == TrackFile && t.Weight.Value == 1:
			t.Weight.Value = 0
			kept = append(kept, t)
		default:
			dropped = "ignored with what it belongs to"
		}
		d.note(d.trackLines[i][n], Adjusted, "%s: the weight is %s, because the instance is in the group %s, as in keepalived",
			quote(t.Name), dropped, quote(g.Name))
	}
	for _, t := range g.tracks.list {
		same := func(o Track) bool { return o.Kind == t.Kind && o.Name == t.Name }
		if !slices.ContainsFunc(kept, same) {
			kept = append(kept, t)
		}
	}
	member.Tracks = kept
}
