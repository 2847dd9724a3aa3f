// SPDX-License-Identifier: Apache-2.0

package carp

// strictMemory is how many digests are remembered: those of an hour, if one is
// sent each second by one Master.
const strictMemory = 3600

// strict refuses what every other implementation of the protocol accepts: with a
// copy of an advertisement and another interval in it anybody on the link can end
// a Master. It can't tell a copy that wasn't changed, nor one that is older than
// its memory. It is not for peers that run OpenBSD, where one counter and so one
// digest serves for all advertisements (carp_prepare_ad): their bow-out and their
// changes of demotion would be refused. The zero value remembers nothing. It is not
// safe for concurrent use.
type strict struct {
	known  map[[20]byte]Rank
	order  [][20]byte // of known, a ring
	oldest int
}

// accepts reports whether an authentic advertisement says what the first one with
// its digest did.
func (s *strict) accepts(adv *Advertisement) bool {
	rank := Rank{Demote: adv.Demote, AdvBase: adv.AdvBase, AdvSkew: adv.AdvSkew}
	if before, ok := s.known[adv.Digest]; ok {
		return before == rank
	}
	s.remember(adv)
	return true
}

// remember notes an advertisement, one of this host too.
func (s *strict) remember(adv *Advertisement) {
	if _, ok := s.known[adv.Digest]; ok {
		return
	}
	if s.known == nil {
		s.known = make(map[[20]byte]Rank, strictMemory)
	}
	if len(s.order) < strictMemory {
		s.order = append(s.order, adv.Digest)
	} else {
		delete(s.known, s.order[s.oldest])
		s.order[s.oldest] = adv.Digest
		s.oldest = (s.oldest + 1) % strictMemory
	}
	s.known[adv.Digest] = Rank{Demote: adv.Demote, AdvBase: adv.AdvBase, AdvSkew: adv.AdvSkew}
}
