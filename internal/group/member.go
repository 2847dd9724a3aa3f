// SPDX-License-Identifier: Apache-2.0

package group

// Role is what a member, or the group, has to do with the election.
type Role uint8

// The roles.
const (
	Out    Role = iota // takes no part
	Backup             // others have the addresses
	Active             // has them
)

// Standing is what a member says of itself.
type Standing struct {
	Able     bool // could take part, but for the group
	Role     Role
	Claiming bool // is Backup, and would be Active but for Restrain
}

// Member is a virtual router or a virtual host as its group sees it. Whenever its standing has changed it tells by
// [Place.Follow], from within these methods too.
type Member interface {
	Name() string
	Standing() Standing

	// Exclude has the member make way because the group isn't fit, for the reason that another of this name isn't able; an
	// empty name lets it be. It may be called again with the same name.
	Exclude(by string)
	// Restrain has a claim wait for the group. A claim that waits is made when that ends.
	Restrain(on bool)
	// Yield has the member give up the role because another one has lost it.
	Yield(by Member)
}

// Place is that of a member in a group.
type Place struct {
	group      *Group
	member     Member
	joined     bool // moves with the others
	restrained bool
	seen       Standing
}

// Follow tells the standing of the member. It costs nothing as long as that is the same.
func (p *Place) Follow(s Standing) {
	if s == p.seen || p.group == nil {
		return
	}
	g := p.group
	by := p.member.Name()
	if p.joined && p.seen.Role == Active && s.Role == Backup && !g.yielding {
		g.lost = p
	}
	p.seen = s
	g.settle(by)
}

// restrain tells the member if that is news.
func (p *Place) restrain(on bool) {
	if p.restrained != on && p.group != nil {
		p.restrained = on
		p.member.Restrain(on)
	}
}

// Member returns whose place it is.
func (p *Place) Member() Member { return p.member }

// Group returns the group.
func (p *Place) Group() *Group { return p.group }

// Joined reports whether the member moves with the others.
func (p *Place) Joined() bool { return p.joined }

// Standing returns what the member has said last.
func (p *Place) Standing() Standing { return p.seen }

// Together returns the members that move together with this one, itself among them: those that are able to take part.
func (p *Place) Together() []Member {
	list := []Member{p.member}
	for _, other := range p.group.places {
		if p.joined && other != p && other.joined && other.seen.Able {
			list = append(list, other.member)
		}
	}
	return list
}
