// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// A Severity says how bad a finding is.
type Severity int

const (
	// Note is something to know: nothing is wrong, or the doctor could not look.
	Note Severity = iota + 1

	// Warning is something that works now and will fail in a situation that the detail names.
	Warning

	// Error is something that does not work.
	Error
)

// String returns the severity as it is printed: note, warning or error.
func (s Severity) String() string {
	switch s {
	case Note:
		return "note"
	case Warning:
		return "warning"
	case Error:
		return "error"
	}
	return fmt.Sprintf("Severity(%d)", int(s))
}

// MarshalText returns what String does.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Severity) UnmarshalText(text []byte) error {
	for known := Note; known <= Error; known++ {
		if string(text) == known.String() {
			*s = known
			return nil
		}
	}
	return fmt.Errorf("doctor: severity %q: allowed are note, warning and error", text)
}

// A Kind says what a finding is about. The words stay the same from release to release.
type Kind string

// Kinds of findings.
const (
	Capability         Kind = "capability"          // the process lacks a capability
	LinkMissing        Kind = "link-missing"        // there is no such link
	LinkDown           Kind = "link-down"           // the link can't be used
	BridgePort         Kind = "bridge-port"         // a bridge takes the packets of the link
	NoIPv4             Kind = "no-ipv4"             // no IPv4 address to advertise from
	NoLinkLocal        Kind = "no-link-local"       // no link-local IPv6 address to advertise from
	Tentative          Kind = "tentative"           // the link-local address is not usable yet
	DuplicateAddress   Kind = "duplicate-address"   // another host has the link-local address
	RPFilter           Kind = "rp-filter"           // advertisements of others fail the check of their source
	ARPIgnore          Kind = "arp-ignore"          // the wrong ARP requests are answered for service addresses
	PromoteSecondaries Kind = "promote-secondaries" // an address that goes takes others with it
	Membership         Kind = "membership"          // the link is no member of the group, though a daemon runs
	Snooping           Kind = "snooping"            // a bridge may not forward what goes to the group
	PacketsDropped     Kind = "packets-dropped"     // the host drops packets of protocol 112
	AddressPresent     Kind = "address-present"     // the host has a service address that it should not have
	AddressMissing     Kind = "address-missing"     // the address owner lacks an address
	ForeignSpeaker     Kind = "foreign-speaker"     // somebody else uses the number of the virtual router
	Networkd           Kind = "networkd"            // systemd-networkd removes service addresses
	NetworkManager     Kind = "networkmanager"      // NetworkManager removes service addresses
	VirtualMAC         Kind = "virtual-mac"         // a virtual MAC is not set up as it has to be
	Environment        Kind = "environment"         // the network around this virtual machine needs a setting
	NotChecked         Kind = "not-checked"         // the doctor could not look
)

// A Finding is one thing that the doctor found. It is a value and safe for concurrent use as such.
type Finding struct {
	Kind     Kind     `json:"kind"`
	Severity Severity `json:"severity"`

	// Link is the link it is about, empty if it is about the host.
	Link string `json:"link,omitempty"`

	// Detail says what is the case and what comes of it.
	Detail string `json:"detail"`

	// Fix is what to do about it: a command, or a few words. Empty if nobody can tell from here.
	Fix string `json:"fix,omitempty"`
}

// found returns one finding. The detail is formatted.
func found(kind Kind, severity Severity, link, fix, detail string, args ...any) []Finding {
	return []Finding{{Kind: kind, Severity: severity, Link: link, Detail: fmt.Sprintf(detail, args...), Fix: fix}}
}

// String returns the finding in one line.
func (f Finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v: ", f.Severity)
	if f.Link != "" {
		fmt.Fprintf(&b, "%s: ", f.Link)
	}
	fmt.Fprintf(&b, "%s: %s", f.Kind, f.Detail)
	if f.Fix != "" {
		fmt.Fprintf(&b, " [fix: %s]", f.Fix)
	}
	return b.String()
}

// Print writes findings, a line each.
func Print(w io.Writer, findings []Finding) error {
	for _, f := range findings {
		if _, err := fmt.Fprintln(w, f); err != nil {
			return err
		}
	}
	return nil
}

// PrintJSON writes findings as an array of objects with the keys kind, severity, link, detail and fix, the latter two
// and link if they are not empty.
func PrintJSON(w io.Writer, findings []Finding) error {
	if findings == nil {
		findings = []Finding{}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(findings)
}
