// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/vrrp"
)

// Plan is what a configuration file asks for. It is data only, so that two can be compared.
type Plan struct {
	Instances []Instance
	Groups    []keepalived.SyncGroup
	Scripts   []keepalived.Script
	Processes []keepalived.Process
	Files     []keepalived.File
	FIFOs     []keepalived.FIFO
	Warnings  []string // about what the file names, each with its place
}

// Instance is one vrrp_instance.
type Instance struct {
	Config    vrrp.VirtualRouterConfig // without its Backend and its Trackers
	Addresses []keepalived.Address     // all that it holds
	Tracks    []keepalived.Track
	Notify    keepalived.Notify
	VMAC      *keepalived.VMAC
	Routes    []keepalived.Route
	Rules     []keepalived.Rule
}

// NewPlan translates the words of keepalived into those of RFC 9568. The error joins one for each instance that can't be,
// with the place where it is configured.
func NewPlan(cfg *keepalived.Config) (*Plan, error) {
	p := &Plan{
		Instances: make([]Instance, 0, len(cfg.Instances)), Groups: cfg.Groups, Scripts: cfg.Scripts, Processes: cfg.Processes,
		Files: cfg.Files, FIFOs: cfg.Global.FIFOs,
	}
	var errs []error
	for _, in := range cfg.Instances {
		vr := translate(in, cfg.Global)
		err := p.authenticate(in, &vr)
		if err == nil {
			err = vr.Validate()
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: vrrp_instance %s: %w", in.File, in.Line, in.Name, err))
			continue
		}
		p.warn(in)
		p.Instances = append(p.Instances, Instance{
			Config: vr, Addresses: slices.Concat(in.Addresses, in.Excluded), Tracks: in.Tracks, Notify: in.Notify, VMAC: in.VMAC,
			Routes: in.Routes, Rules: in.Rules,
		})
	}
	return p, errors.Join(errs...)
}

// warn tells of what an instance asks for and doesn't get.
func (p *Plan) warn(in keepalived.Instance) {
	for _, w := range []struct {
		asked bool
		text  string
	}{
		{!in.Accept, "no_accept: packets to the addresses are accepted: that is for the firewall of the host"},
		{in.HigherPrioSendAdvert, "higher_prio_send_advert: a router that yields says nothing more"},
		{in.GARP.RefreshRepeat > 1, "garp_master_refresh_repeat: an address is announced once in each refresh"},
		{in.VMAC != nil && len(in.Excluded) > 0 && otherFamily(in), "use_vmac: addresses of the other family are on the interface with the MAC address of this one"},
	} {
		if w.asked {
			p.Warnings = append(p.Warnings, fmt.Sprintf("%s:%d: vrrp_instance %s: %s", in.File, in.Line, in.Name, w.text))
		}
	}
}

// otherFamily reports whether an instance excludes addresses of another family than its own.
func otherFamily(in keepalived.Instance) bool {
	return slices.ContainsFunc(in.Excluded, func(a keepalived.Address) bool { return a.Prefix.Addr().Is6() != in.IPv6 })
}

// translate makes the configuration of one virtual router. keepalived does not
// ask for a link-local address in IPv6, adds addresses at priority 255 too, and
// its checksums cover a pseudo-header unless told otherwise.
func translate(in keepalived.Instance, global keepalived.Global) vrrp.VirtualRouterConfig {
	c := vrrp.VirtualRouterConfig{
		Config: vrrp.Config{
			Version: vrrp.Version(in.Version), VRID: in.VRID, Priority: in.Priority, Interval: in.Interval,
			Addresses: prefixes(in.Addresses), Excluded: prefixes(in.Excluded), GlobalFirst: true, OwnerAdds: true,
			NoPreempt: in.NoPreempt, PreemptDelay: in.PreemptDelay, StartupHold: global.StartupDelay,
			EagerStart: in.State == keepalived.Master, DownIntervals: in.DownTimerAdverts,
			Announcements: vrrp.Announcements{Burst: in.GARP.Repeat, Delay: orNone(in.GARP.Delay), Refresh: in.GARP.Refresh},
		},
		Name: strings.Clone(in.Name), Link: strings.Clone(in.Interface), // copies: else the text of the file stays in memory
		Source: in.Source, Group: in.Group, Checksum: vrrp.ChecksumPseudoHeader, VirtualMAC: in.VMAC != nil,
		FromLink:       in.VMAC != nil && in.VMAC.XmitBase,
		IgnoreLinkDown: in.DontTrackPrimary, HopLimit: in.UnicastTTL,
	}
	for _, peer := range in.Peers {
		c.Peers = append(c.Peers, vrrp.Peer{Addr: peer.Addr, MinHopLimit: max(peer.MinTTL, 1), MaxHopLimit: peer.MaxTTL})
	}
	switch {
	case in.OldUnicastChecksum:
		c.Checksum = vrrp.ChecksumPseudoGroup
	case in.V3ChecksumAsV2:
		c.Checksum = vrrp.ChecksumMessage
	}
	return c
}

// orNone turns keepalived's 0 for no delay into the library's.
func orNone(d time.Duration) time.Duration {
	if d == 0 {
		return -1
	}
	return d
}

// prefixes returns the bare addresses with their prefix lengths.
func prefixes(addrs []keepalived.Address) []netip.Prefix {
	var out []netip.Prefix
	for _, a := range addrs {
		out = append(out, a.Prefix)
	}
	return out
}
