// SPDX-License-Identifier: Apache-2.0

package carp

import (
	"fmt"

	"github.com/go-fhrp/fhrp/internal/jsonform"
)

// MarshalText returns the name, as String does. It does not fail.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes a name. The error is a [*ValueError].
func (s *State) UnmarshalText(text []byte) error {
	return parseName(s, text, "state", Init, Master)
}

// MarshalText returns the words that String does. It does not fail.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText takes the words of a reason. The error is a [*ValueError].
func (r *Reason) UnmarshalText(text []byte) error {
	return parseName(r, text, "reason", ReasonNone, numReasons-1)
}

// MarshalText returns the words that String does. It does not fail.
func (k EventKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText takes the words of a kind. The error is a [*ValueError].
func (k *EventKind) UnmarshalText(text []byte) error {
	return parseName(k, text, "kind of event", EventTransition, numEventKinds-1)
}

// MarshalText returns the words that String does. It does not fail.
func (n Notice) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText takes the words of a notice. The error is a [*ValueError].
func (n *Notice) UnmarshalText(text []byte) error {
	return parseName(n, text, "notice", NoticeCompetitor, numNotices-1)
}

// MarshalText returns the words that String does. It does not fail.
func (c Cause) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText takes the words of a cause. The error is a [*ValueError].
func (c *Cause) UnmarshalText(text []byte) error {
	return parseName(c, text, "cause", CauseUnknown, numCauses-1)
}

// MarshalText returns the name, as String does. It does not fail.
func (p Profile) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText takes a name. The error is a [*ValueError].
func (p *Profile) UnmarshalText(text []byte) error {
	return parseName(p, text, "profile", ProfileNoLinkLocal, numProfiles-1)
}

// MarshalText returns the name, as String does. It does not fail.
func (p GroupPolicy) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText takes a name. The error is a [*ValueError].
func (p *GroupPolicy) UnmarshalText(text []byte) error {
	return parseName(p, text, "policy of a group", GroupAll, GroupQuorum)
}

// MarshalText returns the words that String does. It does not fail.
func (f Fault) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText takes the words of a fault. The error is a [*ValueError].
func (f *Fault) UnmarshalText(text []byte) error {
	return parseName(f, text, "fault", FaultNone, numFaults-1)
}

// parseName sets v to the value from first to last whose name is text.
func parseName[T interface {
	~uint8
	fmt.Stringer
}](v *T, text []byte, what string, first, last T) error {
	if allowed, ok := jsonform.Named(v, text, first, last); !ok {
		return &ValueError{Name: what, Value: fmt.Sprintf("%q", text), Allowed: allowed}
	}
	return nil
}
