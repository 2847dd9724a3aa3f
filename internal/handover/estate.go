// SPDX-License-Identifier: Apache-2.0

//go:build unix

package handover

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"

	"github.com/go-fhrp/fhrp/internal/legacy"
	"github.com/go-fhrp/fhrp/vip"
)

// estateVersion is that of the form of estate.
const estateVersion = 1

// estate is all that a daemon leaves: what its router does, and what its keepers do.
type estate struct {
	Router  json.RawMessage `json:"router"`
	Devices []keeperEstate  `json:"devices"`
}

// keeperEstate is what the keeper of a device leaves.
type keeperEstate struct {
	Device string          `json:"device"`
	Keeper json.RawMessage `json:"keeper"`
	Claim  int             `json:"claim"` // the index of the file, -1 for none
}

// receipt is what the new daemon sends back.
type receipt struct {
	Router json.RawMessage `json:"router"`
	Taken
}

// Keepers are the keepers of a daemon, by the names of their devices.
type Keepers map[string]*vip.Keeper

// Transfer is that of a router of VRRP, or of a host of CARP.
type Transfer = func(ctx context.Context, legacy []byte) (receipt []byte, err error)

// Replace has the program that cmd runs go on in the place of this one: with its router, by whose
// HandOver it is called, and with its keepers. ctx bounds the start of the program. It returns what
// the other one has then; after an error that is no more.
func Replace(ctx context.Context, cmd *exec.Cmd, keepers Keepers, handOver func(context.Context, Transfer) error) (Taken, error) {
	names := slices.Sorted(maps.Keys(keepers))
	claims, files, err := keepers.claims(names)
	defer closeAll(files)
	if err != nil {
		return Taken{}, err
	}
	s, err := Start(cmd, files)
	if err != nil {
		return Taken{}, err
	}
	if err := s.Ready(ctx); err != nil {
		return Taken{}, err
	}
	var ends []func(taken bool)
	var ok receipt
	err = handOver(ctx, func(ctx context.Context, router []byte) (_ []byte, err error) {
		var data []byte
		if data, ends, err = keepers.estate(ctx, names, claims, router); err == nil {
			ok, err = s.hand(ctx, data)
		}
		if err != nil {
			s.Kill() // before anything goes on here
		}
		return ok.Router, err
	})
	if err != nil {
		s.Kill()
	}
	for i, end := range ends { // not before it is certain who goes on
		end(err == nil && slices.Contains(ok.Devices, names[i]))
	}
	if err != nil {
		return Taken{}, err
	}
	s.Leave()
	return ok.Taken, nil
}

// closeAll closes files.
func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// claims returns the claims of keepers as files, and for each keeper the index of its own.
func (k Keepers) claims(names []string) (index []int, files []*os.File, err error) {
	for _, name := range names {
		f, err := k[name].Claim()
		if err != nil {
			return nil, files, err
		}
		if f == nil {
			index = append(index, -1)
			continue
		}
		index, files = append(index, len(files)), append(files, f)
	}
	return index, files, nil
}

// estate has the keepers stand still until the ends are called, and returns what there is to leave.
func (k Keepers) estate(ctx context.Context, names []string, claims []int, router []byte) (data []byte, ends []func(taken bool), err error) {
	e := estate{Router: router}
	for i, name := range names {
		left, end, err := k[name].HandOver(ctx)
		if err != nil {
			return nil, ends, err
		}
		ends = append(ends, end)
		e.Devices = append(e.Devices, keeperEstate{name, left, claims[i]})
	}
	data, err = legacy.Encode("daemon", estateVersion, e)
	return data, ends, err
}

// hand gives everything to the successor.
func (s *Successor) hand(ctx context.Context, data []byte) (ok receipt, err error) {
	said, err := s.Transfer(ctx, data)
	if err == nil {
		err = json.Unmarshal(said, &ok)
	}
	if err != nil {
		return receipt{}, legacy.Brief(err)
	}
	return ok, nil
}

// Inherit asks for what the predecessor leaves, has take take what its router leaves, and gives each
// keeper what that of its device leaves. routes are what the predecessor may leave of those, nil for
// all. After an error nothing is changed on the devices, and the predecessor knows; it is waited for
// until Interrupt.
func (p *Predecessor) Inherit(keepers Keepers, routes []string, take Transfer) error {
	data, err := p.Ask()
	if err != nil {
		return err
	}
	var e estate
	if err = legacy.Decode(data, "daemon", estateVersion, &e); err == nil {
		err = p.take(keepers, &e, routes, take)
	}
	if err != nil {
		p.Refuse(err)
	}
	return err
}

// take takes over.
func (p *Predecessor) take(keepers Keepers, e *estate, routes []string, take Transfer) error {
	var devices []string
	said, err := take(context.Background(), e.Router)
	for _, d := range e.Devices {
		if keeper := keepers[d.Device]; err == nil && keeper != nil {
			if err = p.inheritKeeper(keeper, &d); err == nil {
				devices = append(devices, d.Device)
			}
		}
	}
	var ok []byte
	if err == nil {
		ok, err = json.Marshal(receipt{said, Taken{devices, routes}})
	}
	if err != nil {
		return errors.Join(err, keepers.forget(devices))
	}
	p.Taken(ok)
	return nil
}

// inheritKeeper gives a keeper what another one has left.
func (p *Predecessor) inheritKeeper(keeper *vip.Keeper, d *keeperEstate) error {
	switch {
	case d.Claim < -1 || d.Claim >= len(p.files):
		return fmt.Errorf("%s: claim %d: allowed: -1 to %d", d.Device, d.Claim, len(p.files)-1)
	case d.Claim < 0:
		return keeper.Inherit(d.Keeper, nil)
	}
	return keeper.Inherit(d.Keeper, p.files[d.Claim])
}

// forget has keepers leave what they have inherited to who had it before.
func (k Keepers) forget(devices []string) error {
	var errs []error
	for _, name := range devices {
		_, end, err := k[name].HandOver(context.Background())
		if errs = append(errs, err); err == nil {
			end(true)
		}
	}
	return errors.Join(errs...)
}
