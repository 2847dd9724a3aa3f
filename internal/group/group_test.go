// SPDX-License-Identifier: Apache-2.0

package group_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/internal/group"
)

// member is one whose election a test decides.
type member struct {
	name       string
	place      *group.Place
	able       bool
	excluded   bool
	role       group.Role
	claims     bool // would be Active
	restrained bool
	log        *[]string
}

func (m *member) Name() string { return m.name }

func (m *member) Standing() group.Standing {
	return group.Standing{Able: m.able, Role: m.role, Claiming: m.role == group.Backup && m.claims && m.restrained}
}

func (m *member) note(what string) { *m.log = append(*m.log, m.name+" "+what) }

// settle lets the election come to what its inputs ask for, as a machine does.
func (m *member) settle() {
	switch out := !m.able || m.excluded; {
	case out:
		m.role = group.Out
	case m.role == group.Out:
		m.role = group.Backup
	}
	if m.role == group.Backup && m.claims && !m.restrained {
		m.role = group.Active
		m.note("takes")
	}
	if m.place != nil {
		m.place.Follow(m.Standing())
	}
}

func (m *member) Exclude(by string) {
	if m.excluded != (by != "") {
		m.excluded = by != ""
		m.note("excluded " + by)
	}
	m.settle()
}

func (m *member) Restrain(on bool) {
	m.restrained = on
	m.settle()
}

func (m *member) Yield(by group.Member) {
	m.note("yields to " + by.Name())
	m.lose()
}

// lose is that another one wins.
func (m *member) lose() {
	m.claims = false
	if m.role == group.Active {
		m.role = group.Backup
	}
	m.settle()
}

// world is a group with members a, b, c…
type world struct {
	t *testing.T
	*group.Group
	members []*member
	stopped bool
	log     []string
}

func newWorld(t *testing.T, policy group.Policy, quorum, members int) *world {
	w := &world{t: t}
	w.Group = group.New(group.Config{Policy: policy, Quorum: quorum, Stopped: func() bool { return w.stopped },
		Changed: func(from, to group.Role, _ string) { w.log = append(w.log, fmt.Sprintf("group %d", to)) }})
	for range members {
		w.join(&member{able: true})
	}
	w.log = nil
	return w
}

func (w *world) join(m *member) *member {
	m.name, m.log = string(rune('a'+len(w.members))), &w.log
	w.members = append(w.members, m)
	m.place = w.Join(m)
	w.Settle()
	m.settle()
	return m
}

// claim has members win their elections.
func (w *world) claim(members ...int) {
	for _, i := range members {
		w.members[i].claims = true
		w.members[i].settle()
	}
}

func (w *world) want(want string) {
	w.t.Helper()
	if got := strings.Join(w.log, ", "); got != want {
		w.t.Errorf("got  %q\nwant %q", got, want)
	}
	w.log = nil
}

func TestClaimsWaitForAll(t *testing.T) {
	w := newWorld(t, group.All, 0, 3)
	w.claim(0, 2)
	w.want("")
	w.members[0].lose()
	w.claim(1)
	w.want("")
	w.claim(0)
	w.want("a takes, b takes, c takes, group 2")
}

func TestOneThatLosesTakesTheOthersWithIt(t *testing.T) {
	w := newWorld(t, group.All, 0, 3)
	w.claim(0, 1, 2)
	w.log = nil
	w.members[1].lose()
	w.want("a yields to b, c yields to b, group 1")
}

func TestFault(t *testing.T) {
	for _, c := range []struct {
		policy group.Policy
		quorum int
		want   []string // after the fault of a, then b, then c
	}{
		{group.All, 0, []string{"a excluded a, b excluded a, c excluded a, group 0", "", ""}},
		{group.Any, 0, []string{"", "", "a excluded a, b excluded a, c excluded a, group 0"}},
		{group.Quorum, 2, []string{"", "a excluded a, b excluded a, c excluded a, group 0", ""}},
	} {
		w := newWorld(t, c.policy, c.quorum, 3)
		for i, m := range w.members {
			m.able = false
			m.settle()
			w.want(c.want[i])
		}
		for _, m := range w.members {
			m.able = true
			m.settle()
		}
		if w.Role() != group.Backup || w.members[0].excluded {
			t.Errorf("%v: %+v", c.policy, w.members[0])
		}
	}
}

// A member that can't take part isn't waited for, and one that comes back is on its own.
func TestOneThatComesBack(t *testing.T) {
	w := newWorld(t, group.Any, 0, 2)
	w.members[1].able = false
	w.members[1].settle()
	w.claim(0)
	w.want("a takes, group 2")
	w.members[1].able = true
	w.members[1].settle()
	w.want("")
	w.claim(1)
	w.want("b takes")
}

// Nobody is moved once everything is being stopped.
func TestStopped(t *testing.T) {
	w := newWorld(t, group.All, 0, 2)
	w.claim(0)
	w.stopped = true
	w.members[1].place.Leave()
	w.members[0].able = false
	w.members[0].settle()
	w.want("")
}

func TestPolicy(t *testing.T) {
	for want, p := range map[string]group.Policy{"all": group.All, "any": group.Any, "quorum": group.Quorum, "policy 9": 9} {
		if p.String() != want {
			t.Errorf("%v, want %s", p, want)
		}
	}
	if !group.Quorum.Valid(1) || group.Quorum.Valid(0) || group.All.Valid(1) || !group.Any.Valid(0) || group.Policy(9).Valid(0) {
		t.Error("validity")
	}
}

// Random walks: at each moment those that belong to the group and are able to take part
// are in one role, but for what waits to win its election while others are Active; no
// join and no leave changes the role of another member.
func TestRandomWalks(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		policy := group.Policy(r.IntN(3))
		quorum := 0
		if policy == group.Quorum {
			quorum = 1 + r.IntN(4)
		}
		w := newWorld(t, policy, quorum, 1+r.IntN(4))
		for range 60 {
			w.step(r)
			if w.t.Failed() {
				t.Fatalf("seed %d, policy %v, quorum %d: %v", seed, policy, quorum, w.log)
			}
		}
	}
}

// step does something at random.
func (w *world) step(r *rand.Rand) {
	before, role := w.roles(nil), w.Role()
	switch n := r.IntN(12); {
	case n == 0 && len(w.members) < 20:
		m := &member{able: r.IntN(3) > 0, claims: r.IntN(2) == 0, role: group.Role(r.IntN(3))}
		if !m.able {
			m.role = group.Out
		}
		w.join(m)
		if role != group.Out { // it may be what the rest was waiting for
			w.stayed(before)
		}
	case n == 1:
		m := w.members[r.IntN(len(w.members))]
		if m.place != nil && m.place.Group() != nil {
			able := m.able
			m.place.Leave()
			m.place = nil
			if able && role != group.Out {
				w.stayed(before)
			}
		}
	case n < 5:
		m := w.members[r.IntN(len(w.members))]
		m.able = !m.able
		m.settle()
	case n < 9:
		w.claim(r.IntN(len(w.members)))
	default:
		w.members[r.IntN(len(w.members))].lose()
	}
	w.consistent()
}

// roles returns the roles of members but one.
func (w *world) roles(but *member) map[string]group.Role {
	all := map[string]group.Role{}
	for _, m := range w.members {
		if m != but && m.place != nil {
			all[m.name] = m.role
		}
	}
	return all
}

// stayed checks that nobody has another role than before, but for those that only waited for one that has left.
func (w *world) stayed(before map[string]group.Role) {
	w.t.Helper()
	for name, role := range w.roles(nil) {
		was, ok := before[name]
		waited := was == group.Backup && role == group.Active && w.log[len(w.log)-1] == "group 2"
		if ok && was != role && !waited {
			w.t.Errorf("%s was moved from %d to %d", name, was, role)
		}
	}
}

// consistent checks what holds between two steps.
func (w *world) consistent() {
	w.t.Helper()
	var roles []group.Role
	fit := 0
	for _, p := range w.Places() {
		if p.Joined() && p.Standing().Able {
			fit++
			roles = append(roles, p.Standing().Role)
		}
	}
	slices.Sort(roles)
	roles = slices.Compact(roles)
	if len(roles) > 1 && (roles[0] == group.Out || w.Role() != group.Active) {
		w.t.Errorf("roles %v", roles)
	}
	if policy, quorum := w.Policy(); policy == group.Quorum && len(roles) > 0 && (roles[0] == group.Out) == (fit >= quorum) {
		w.t.Errorf("%d of %d, roles %v", fit, quorum, roles)
	}
}
