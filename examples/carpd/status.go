// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-fhrp/fhrp/carp"
	"github.com/go-fhrp/fhrp/internal/atomicfile"
)

// report is what the status file holds.
type report struct {
	Time         time.Time             `json:"time"`                // when it was written
	PID          int                   `json:"pid"`                 // of this process
	VirtualHosts []carp.Status         `json:"virtual-hosts"`       // in the order of the configuration
	Statistics   carp.HostStats        `json:"statistics"`          // of all of them together
	Demotions    []carp.Demotion       `json:"demotions,omitempty"` // of all of them
	Rejected     []carp.RejectedPacket `json:"rejected"`            // the last ones, in order
}

// save writes the status file.
func (r *reporter) save() {
	if r.status == "" || r.left.Load() {
		return
	}
	if err := atomicfile.WriteJSON(r.status, r.report()); err != nil {
		r.log.write(slog.LevelError, fmt.Sprintf("status file: %v", err))
	}
}

// report returns all there is to know.
func (r *reporter) report() report {
	all := report{
		Time: time.Now(), PID: os.Getpid(), VirtualHosts: []carp.Status{},
		Statistics: r.host.Stats(), Demotions: r.host.Demotions(), Rejected: r.host.Rejected(),
	}
	for _, h := range r.hosts {
		all.VirtualHosts = append(all.VirtualHosts, h.Status())
	}
	return all
}

// writePID writes the number of this process, and returns what removes the file.
func writePID(file string) (remove func() error, err error) {
	if file == "" {
		return func() error { return nil }, nil
	}
	if err := atomicfile.Write(file, []byte(strconv.Itoa(os.Getpid())+"\n")); err != nil {
		return nil, err
	}
	return func() error {
		if text, err := os.ReadFile(file); err == nil && strings.TrimSpace(string(text)) != strconv.Itoa(os.Getpid()) {
			return nil // that of who has taken over
		}
		return os.Remove(file)
	}, nil
}
