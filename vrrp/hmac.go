// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/netip"
	"time"
)

// HMAC signs and verifies the messages of one virtual router by
// draft-cassen-vrrp-auth-hmac, for both versions and families, multicast and
// unicast. It interoperates with keepalived from 2.4.2.
//
// Sending: [Advertisement.Append] makes the message, [HMAC.Sign] the trailer, and
// [Trailer.Append] puts it behind the message. The trailer doesn't depend on the
// destination: the copies for several unicast peers carry the same.
// Receiving: [CutTrailer], [Advertisement.Parse], [HMAC.Verify].
//
// The times that it takes are those of the wall clock. Routers need clocks that
// differ by less than the window, and one whose clock isn't set yet is not heard.
//
// It must not be copied and is not safe for concurrent use.
type HMAC struct {
	mode   HMACMode
	keys   keyring
	replay replay // of what was received
	window int32  // seconds; 0: monotonic
	sent   Sequence
	sender bool // has sent

	prefix [coveredLen + headerLen]byte // scratch of digest
	suffix Trailer                      // likewise
	sum    [sha256.Size]byte            // likewise
}

// coveredLen is the octets that the digest covers before the message: address
// family (4 or 6), version, VRID, zero, source address, filled up with zeros to 16
// octets.
const coveredLen = 20

// NewHMAC returns an authenticator that has neither sent nor received. A value
// that can't be is a [*ValueError].
func NewHMAC(c HMACConfig) (*HMAC, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	keys, err := newKeyring(c.Keys, c.ActiveKey)
	if err != nil {
		return nil, err
	}
	a := &HMAC{mode: c.Mode, keys: keys, window: int32(c.Window / time.Second)}
	if c.Monotonic {
		a.window = 0
	}
	a.replay = replay{window: a.window, marks: make([]mark, 0, c.Senders)}
	return a, nil
}

// Inherit takes over what another has sent and received, when it replaces that
// one with other keys, mode or limits.
func (a *HMAC) Inherit(old *HMAC) {
	a.sent, a.sender = old.sent, old.sender
	a.replay.inherit(&old.replay)
}

// Sign returns the trailer for a message that [Advertisement.Append] has made and
// that is sent from src; none in mode receive-only. Each call takes the next
// sequence number. It doesn't allocate.
func (a *HMAC) Sign(now time.Time, message []byte, src netip.Addr) (t Trailer, signed bool) {
	if a.mode == HMACReceiveOnly {
		return Trailer{}, false
	}
	i := a.keys.signing(now)
	t = newTrailer(a.keys.keys[i].ID, a.next(now))
	copy(t[offTrailerDigest:], a.digest(a.keys.macs[i], message, &t, src))
	return t, true
}

// next returns the sequence number to send: that of the clock, or one more than
// the last. If the clock was set back further than the window, peers with a right
// clock reject the latter, and it is that of the clock again.
func (a *HMAC) next(now time.Time) Sequence {
	clock := SequenceAt(now)
	if a.sender && !clock.After(a.sent) && (a.window == 0 || a.sent.secondsAhead(clock) <= a.window) {
		clock = a.sent + 1
	}
	a.sent, a.sender = clock, true
	return clock
}

// signingKey returns the id of the key that is signed with, 0 for none.
func (a *HMAC) signingKey(now time.Time) uint8 {
	if a.mode == HMACReceiveOnly {
		return 0
	}
	return a.keys.keys[a.keys.signing(now)].ID
}

// Verdict is what is known of an accepted message.
type Verdict struct {
	Signed bool  // has a trailer; it is right. All else is zero without
	KeyID  uint8 // which key signed
	// Skew is how far the clock here is ahead of the sender's, in whole seconds;
	// behind it, if negative.
	Skew time.Duration
	// Drifting says that the clocks differ by more than half of the window. At
	// more than the window nothing is accepted. Never if Monotonic.
	Drifting bool
}

// Verify verifies the trailer of a message from src as [CutTrailer] returns both.
// Without one, nil, the mode decides. The checksum isn't covered. The error is an
// [*PacketError]: [FaultUnsigned], [FaultLength] if there is no whole message,
// [FaultTrailer], [FaultStale], [FaultUnknownKey], [FaultDigest], [FaultReplay],
// tested in this order; nothing is remembered of the message then. It allocates
// for an error only.
func (a *HMAC) Verify(now time.Time, message []byte, t *Trailer, src netip.Addr) (Verdict, error) {
	v, fault := a.verify(now, message, t, src)
	return v, fault.orNil()
}

// verify is Verify without an allocation for the error.
func (a *HMAC) verify(now time.Time, message []byte, t *Trailer, src netip.Addr) (Verdict, PacketError) {
	switch {
	case t == nil && a.mode == HMACEnforce:
		return Verdict{}, PacketError{Fault: FaultUnsigned}
	case t == nil:
		return Verdict{}, PacketError{}
	case len(message) < headerLen:
		return Verdict{}, PacketError{FaultLength, len(message), headerLen}
	case !t.wellFormed():
		return Verdict{}, PacketError{Fault: FaultTrailer}
	}
	clock, sequence := SequenceAt(now), t.Sequence()
	skew := clock.secondsAhead(sequence)
	if !a.replay.fresh(clock, sequence) { // before the digest: what is recorded costs least then
		return Verdict{}, PacketError{FaultStale, int(skew), int(a.window)}
	}
	key := a.keys.accepted(t.KeyID(), now)
	if key == nil {
		return Verdict{}, PacketError{Fault: FaultUnknownKey, Got: int(t.KeyID())}
	}
	if subtle.ConstantTimeCompare(a.digest(key, message, t, src), t[offTrailerDigest:]) == 0 {
		return Verdict{}, PacketError{Fault: FaultDigest}
	}
	if !a.replay.accept(clock, src, sequence) {
		return Verdict{}, PacketError{Fault: FaultReplay}
	}
	half := a.window / 2
	drifting := a.window != 0 && (skew > half || skew < -half)
	return Verdict{true, t.KeyID(), time.Duration(skew) * time.Second, drifting}, PacketError{}
}

// digest returns the truncated HMAC over what the draft has covered: source, VRID
// and version in front of the message, the message with a checksum of 0, because
// that of IPv6 is written after signing, and the trailer with a digest of 0. It is
// valid until the next call.
func (a *HMAC) digest(key keyed, message []byte, t *Trailer, src netip.Addr) []byte {
	p := a.prefix[:]
	clear(p)
	p[0], p[1], p[2] = 4, message[offVersionType]>>4, message[offVRID]
	switch {
	case src.Is4():
		v := src.As4()
		copy(p[4:], v[:])
	case src.Is6():
		v := src.As16()
		p[0] = 6
		copy(p[4:], v[:])
	}
	copy(p[coveredLen:], message[:offChecksum])
	copy(a.suffix[:offTrailerDigest], t[:])
	mac := key()
	mac.Write(p)
	mac.Write(message[headerLen:])
	mac.Write(a.suffix[:])
	return mac.Sum(a.sum[:0])[:trailerDigestLen]
}

// String names the mode and hides what makes digests; so do all verbs of package
// fmt.
func (a *HMAC) String() string { return "HMAC-SHA256, " + a.mode.String() }

// Format hides from every verb what makes digests.
func (a *HMAC) Format(s fmt.State, _ rune) { fmt.Fprint(s, a.String()) }
