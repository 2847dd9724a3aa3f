// SPDX-License-Identifier: Apache-2.0

package carp

import "net/netip"

// Advertisement is the one message of the protocol, 36 octets (struct
// carp_header of ip_carp.h), in the units of the wire. It is not safe for
// concurrent use while it is parsed into.
type Advertisement struct {
	VHID    uint8    // virtual host identifier, 1 to 255
	AdvBase uint8    // interval between advertisements in seconds (carp(4))
	AdvSkew uint8    // what is added to AdvBase, in 1/256 s (carp(4))
	Demote  uint8    // demotion counter of OpenBSD (carp_demote); others send 0 and ignore it
	Counter uint64   // what makes digests differ; no order of it can be relied on
	Digest  [20]byte // HMAC-SHA1, see [Authenticator]
}

// IPHeader is what the checks of [Advertisement.Parse] need of the IP header
// that an advertisement arrived with.
type IPHeader struct {
	Src, Dst netip.Addr
	HopLimit uint8 // TTL in IPv4
}

// The layout of the message (struct carp_header of ip_carp.h).
const (
	offVersionType = 0
	offVHID        = 1
	offAdvSkew     = 2
	offAuthLen     = 3 // the length of counter and digest
	offDemote      = 4 // carp_pad1 but in OpenBSD
	offAdvBase     = 5
	offChecksum    = 6
	offCounter     = 8
	offDigest      = 16
	messageLen     = 36

	version           = 2
	typeAdvertisement = 1 // the only type
	authLen           = 7 // counter and digest in words of 32 bits; nobody checks it
)

// The layout of a VRRP message, as far as it tells the protocols apart (RFC 3768
// section 5.1).
const (
	vrrpVersion3   = 3
	vrrpOffCount   = 3
	vrrpHeaderLen  = 8
	vrrpAuthLen    = 8
	vrrpAddressLen = 4
)
