// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// report is what the status file holds.
type report struct {
	Time         time.Time    `json:"time"`
	PID          int          `json:"pid"`
	VirtualHosts []hostReport `json:"virtual_hosts"`
}

// hostReport is one virtual host in it.
type hostReport struct {
	Name         string         `json:"name"`
	Interface    string         `json:"interface"`
	VHID         int            `json:"vhid"`
	State        string         `json:"state"`
	Since        time.Time      `json:"since,omitzero"`
	Reason       string         `json:"reason,omitempty"`
	Addresses    []netip.Prefix `json:"addresses"`
	Held         []netip.Prefix `json:"held"`
	AdvBase      uint8          `json:"advbase"`
	AdvSkew      uint8          `json:"advskew"`
	Demotion     int            `json:"demotion"`
	Peer         string         `json:"peer,omitempty"`
	PeerAdvBase  uint8          `json:"peer_advbase"`
	PeerAdvSkew  uint8          `json:"peer_advskew"`
	BecameMaster uint64         `json:"became_master"`
	DigestErrors uint64         `json:"digest_errors"`
	Error        string         `json:"error,omitempty"`
}

// save writes the status file.
func (r *reporter) save() {
	if r.status == "" {
		return
	}
	all := report{Time: time.Now(), PID: os.Getpid(), VirtualHosts: []hostReport{}}
	for _, h := range r.hosts {
		all.VirtualHosts = append(all.VirtualHosts, h.report())
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err == nil {
		err = replace(r.status, append(text, '\n'))
	}
	if err != nil {
		r.log.write(slog.LevelError, fmt.Sprintf("status file: %v", err))
	}
}

// report returns what there is to say about a virtual host.
func (h reported) report() hostReport {
	s := h.Status()
	out := hostReport{
		Name: s.Name, Interface: s.Link, VHID: int(s.VHID), State: upper(s.State), Since: s.Last.At, Addresses: h.instance.addrs,
		Held: append([]netip.Prefix{}, s.Held...), AdvBase: s.Rank.AdvBase, AdvSkew: s.Rank.AdvSkew, Demotion: s.Demotion,
		PeerAdvBase: s.PeerRank.AdvBase, PeerAdvSkew: s.PeerRank.AdvSkew, BecameMaster: s.Stats.BecameMaster, DigestErrors: s.Stats.DigestErrors,
	}
	if !s.Last.At.IsZero() {
		out.Reason = s.Last.Reason.String()
	}
	if s.Peer.IsValid() {
		out.Peer = s.Peer.String()
	}
	if s.LastError != nil {
		out.Error = s.LastError.Error()
	}
	return out
}

// replace writes a file that others see whole or not at all.
func replace(file string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// writePID writes the number of this process, and returns what removes the file.
func writePID(file string) (remove func() error, err error) {
	if file == "" {
		return func() error { return nil }, nil
	}
	if err := replace(file, []byte(strconv.Itoa(os.Getpid())+"\n")); err != nil {
		return nil, err
	}
	return func() error { return os.Remove(file) }, nil
}
