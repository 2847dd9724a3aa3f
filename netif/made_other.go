// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package netif

import (
	"errors"
	"fmt"
	"runtime"
)

func unsupported() error { return fmt.Errorf("netif: %s: %w", runtime.GOOS, errors.ErrUnsupported) }

// A madeLink can't be had on this system, so that its methods are never called.
type madeLink struct {
	name string
	own  bool
}

// A macvlan is the same.
type macvlan struct{ madeLink }

func addDummy(string) (*madeLink, error) { return nil, unsupported() }

func addMacvlan(*MacvlanConfig) (*macvlan, error) { return nil, unsupported() }

func (*madeLink) remove(bool) error { return unsupported() }
func (*macvlan) setUp(bool) error   { return unsupported() }
func (*macvlan) remove() error      { return unsupported() }
func (*macvlan) takeBack() error    { return unsupported() }
func (*macvlan) leave()             {}
