// SPDX-License-Identifier: Apache-2.0

package keepalived

// AuthType is how advertisements of version 2 are authenticated.
type AuthType uint8

const (
	// AuthNone: not at all.
	AuthNone AuthType = iota
	// AuthPass: by a password in clear, type 1 of RFC 2338.
	AuthPass
	// AuthAH: by an IPsec authentication header, type 2 of RFC 2338.
	AuthAH
)

// String returns none, PASS or AH.
func (t AuthType) String() string {
	switch t {
	case AuthPass:
		return "PASS"
	case AuthAH:
		return "AH"
	}
	return "none"
}

// maxPass is the octets of a password that are in an advertisement.
const maxPass = 8

// Authentication is the authentication of an instance. Safe for concurrent reading.
type Authentication struct {
	Type AuthType
	Pass Secret // auth_pass, 1 to 8 octets; none if Type is AuthNone
}

// readAuthentication reads the block authentication.
func (in *draft) readAuthentication(r *report, dir *Directive) {
	r.atMost(dir, 0)
	for i := range dir.Block {
		inner := &dir.Block[i]
		if _, ok := r.lookup(inner, vrrpInstance[dir.Name], dir.Name); !ok {
			continue
		}
		if inner.Name == "auth_type" {
			in.readAuthType(r, inner)
		} else {
			in.readAuthPass(r, inner)
		}
	}
}

func (in *draft) readAuthType(r *report, dir *Directive) {
	const allowed = "PASS or AH"
	s, ok := r.one(dir, allowed)
	switch {
	case !ok:
	case s == "PASS":
		in.Auth.Type = AuthPass
	case s == "AH":
		in.Auth.Type = AuthAH
	default:
		r.fail(dir, ErrValue, s, "not a type of authentication", allowed)
	}
}

func (in *draft) readAuthPass(r *report, dir *Directive) {
	pass, ok := r.one(dir, "1 to 8 octets; words with spaces, !, #, { or } in double quotes")
	if !ok {
		return
	}
	if len(pass) > maxPass {
		r.note(dir, Adjusted, "longer than %d octets: the rest is not used, as in keepalived", maxPass)
		pass = pass[:maxPass]
	}
	in.Auth.Pass = newSecret(pass)
}
