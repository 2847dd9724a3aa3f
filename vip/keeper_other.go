// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package vip

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
)

type keeperSys struct{}

func (k *Keeper) open() error {
	return fmt.Errorf("keeper of addresses on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}

func (k *Keeper) close() error                                { return nil }
func (k *Keeper) claim() (*os.File, error)                    { return nil, k.open() }
func (k *Keeper) inherit([]byte, *os.File) error              { return k.open() }
func (k *Keeper) ask(context.Context, []*job, lifetime) error { return k.open() }
func (k *Keeper) drop(context.Context, []*job) error          { return k.open() }

func (k *Keeper) handOver(context.Context) ([]byte, func(taken bool), error) {
	return nil, nil, k.open()
}
