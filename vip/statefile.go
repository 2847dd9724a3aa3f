// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"bufio"
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A stateDir has notes of which addresses of a device are whose, for the time after their owners: one file a mark. Only
// the keeper that has the mark writes it.
type stateDir struct {
	dir, device string
	scope       string // what the notes are about, besides the device: this boot, this network namespace
	written     []byte // content of our own file
	failed      bool   // it could not be written the last time
}

// newStateDir makes the directory.
func newStateDir(dir, device, scope string) (*stateDir, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return &stateDir{dir: dir, device: device, scope: scope}, nil
}

// path returns the name of a file.
func (s *stateDir) path(mark uint8) string {
	return filepath.Join(s.dir, fmt.Sprintf("%s.%d", s.device, mark))
}

// heading returns the first line of a file. With another index it is about another device.
func (s *stateDir) heading(index int32) string {
	return fmt.Sprintf("addresses of github.com/go-fhrp/fhrp/vip: %s device %d", s.scope, index)
}

// read returns the addresses with a mark, none if there are no notes of them.
func (s *stateDir) read(mark uint8, index int32) []netip.Prefix {
	content, err := os.ReadFile(s.path(mark))
	if err != nil {
		return nil
	}
	var addrs []netip.Prefix
	lines := bufio.NewScanner(bytes.NewReader(content))
	if !lines.Scan() || lines.Text() != s.heading(index) {
		return nil
	}
	for lines.Scan() {
		if p, err := netip.ParsePrefix(lines.Text()); err == nil {
			addrs = append(addrs, p)
		}
	}
	return addrs
}

// write notes all addresses with a mark, in one piece: a file is old or new.
func (s *stateDir) write(mark uint8, index int32, addrs []netip.Prefix) error {
	var text strings.Builder
	fmt.Fprintln(&text, s.heading(index))
	for _, p := range slices.SortedFunc(slices.Values(addrs), netip.Prefix.Compare) {
		fmt.Fprintln(&text, p)
	}
	content := []byte(text.String())
	if bytes.Equal(content, s.written) {
		return nil
	}
	next := s.path(mark) + ".new"
	if err := os.WriteFile(next, content, 0o644); err != nil {
		return err
	}
	if err := os.Rename(next, s.path(mark)); err != nil {
		return err
	}
	s.written = content
	return nil
}
