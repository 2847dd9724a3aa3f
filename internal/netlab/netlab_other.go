// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package netlab

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os/exec"
	"runtime"
	"time"
)

type (
	labSys    struct{}
	hostSys   struct{}
	senderSys struct{}
)

func unsupported() error {
	return fmt.Errorf("netlab: network namespaces on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}

func inside() bool  { return false }
func usable() error { return unsupported() }

func command(...string) *exec.Cmd { return &exec.Cmd{Err: unsupported()} }

func newLab(*Config) (*Lab, error) { return nil, unsupported() }

func (l *Lab) close() error { return nil }

func (l *Lab) capture(func(time.Time, []byte)) (func(), error) { return nil, unsupported() }

func (h *Host) do(func() error) error                 { return unsupported() }
func (h *Host) goOn(func()) <-chan struct{}           { panic(unsupported()) }
func (h *Host) start(*exec.Cmd) error                 { return unsupported() }
func (h *Host) setPlugged(bool) error                 { return unsupported() }
func (h *Host) setLink(int, bool) error               { return unsupported() }
func (h *Host) addresses(int) ([]netip.Prefix, error) { return nil, unsupported() }

func (h *Host) unwire(int) error                  { return unsupported() }
func (h *Host) rewire(int) error                  { return unsupported() }
func (h *Host) drop(uint8, Direction) error       { return unsupported() }
func (h *Host) undrop() error                     { return unsupported() }
func (h *Host) sender(int) (*Sender, error)       { return nil, unsupported() }
func (h *Host) deliver(int, []byte) error         { return unsupported() }
func (h *Host) sockets() (map[string]bool, error) { return nil, unsupported() }
func (h *Host) processes() ([]int, error)         { return nil, unsupported() }

func (s *Sender) send([][]byte) error { return unsupported() }
func (s *Sender) close() error        { return unsupported() }

func ping(context.Context, *Host, netip.Addr, time.Duration, func(PingResult)) (PingSummary, error) {
	return PingSummary{}, unsupported()
}
