// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/go-fhrp/fhrp/internal/quietlog"
)

// A LossPolicy says what a [Keeper] does when somebody else removes an address that it holds.
type LossPolicy uint8

const (
	// LossRestore puts it back: at once, and if that happens again and again a second later, then after two seconds,
	// and so on up to a minute, until it has been left alone for a minute. Until then Add and Lease of the address fail
	// with [ErrLost]. It is the default.
	LossRestore LossPolicy = iota

	// LossReport ends the wish for it, and tells by [EventLost]: for a program that then gives up its role. Where Add
	// or Lease are the first to find out, they fail with [ErrLost].
	LossReport
)

// A ForeignPolicy says what a [Keeper] does with a wished address that it finds on the device, by somebody else's hand.
type ForeignPolicy uint8

const (
	// ForeignRespect counts it as there and leaves it as it is, also when it is not wished for any more. It is the
	// default.
	ForeignRespect ForeignPolicy = iota

	// ForeignAdopt takes it over: it is ours then, gets a lease, and is removed when it is not wished for any more.
	// Addresses of other keepers are respected all the same.
	ForeignAdopt
)

// KeeperConfig has the options of [Keep]. The zero value is the default.
type KeeperConfig struct {
	OnLoss    LossPolicy    // what to do when somebody else removes a wished address
	OnForeign ForeignPolicy // what to do with a wished address that is somebody else's

	// StateDir is a directory for the notes of which addresses are ours, where the kernel does not keep them: before
	// Linux 5.18. It is made if need be, and is best below /run: what it says is about one boot. Without it IPv6
	// addresses that an earlier run left behind can't be told from others on such a kernel, and stay; the same goes for
	// IPv4 addresses with a label of their own. Newer kernels need no StateDir, and nothing is written.
	StateDir string

	// Event, if not nil, is told what happens. It is called by one goroutine, the one that also puts addresses back:
	// until it returns, nothing is. It may call every method of the Keeper but Close.
	Event func(KeeperEvent)

	// Logger gets the same events, and never delays the keeper. nil is silent.
	Logger *slog.Logger
}

// validate returns why the configuration can't be used.
func (c *KeeperConfig) validate() error {
	if c.OnLoss > LossReport {
		return fmt.Errorf("loss policy %d is unknown", c.OnLoss)
	}
	if c.OnForeign > ForeignAdopt {
		return fmt.Errorf("policy %d on foreign addresses is unknown", c.OnForeign)
	}
	return nil
}

// A Keeper holds addresses true on a [Device]: from Add to Remove they are there, whatever others do on the host, and
// at no other time. It watches the device by netlink(7) and makes up for each difference:
//
//   - An address that somebody else removed is put back, or reported, see [LossPolicy]. So is one that went with its
//     device, when that is up again or has been made anew.
//   - An IPv6 address that the kernel's duplicate address detection has found at another host, whoever configured it
//     here, is removed and added anew without detection.
//   - One that somebody else configured is reported, and neither changed nor removed, see [ForeignPolicy].
//   - One that is ours and not wished for is removed. At the start, and when the device comes, that goes for what other
//     keepers left behind as well, if they are no more.
//
// An address is wished for from an Add or Lease that succeeds to the next Remove; an Add or Lease that fails does not
// end that. A lease is never extended but by Lease: what is put back is put back for the rest of it. When it has ended,
// the address is put back by the next Lease only.
//
// # Whose an address is
//
// An address that a keeper adds bears a mark, its protocol (see [Protocol]). Each keeper on a device has another mark,
// one of sixteen, and for as long as it lives an abstract socket of unix(7) whose name has the device and the mark. So
// every process in the network namespace sees whether the owner of an address is alive, in whatever container it is and
// without a directory that all can write to; no two keepers can have the same mark; and the kernel ends the claim with
// the process. A new keeper takes the first mark that is free. What bears it was left behind by its former owner, and
// what bears a mark that nobody has, by another: all of that is swept, and nothing else. A process that is stopped
// (SIGSTOP) is alive in this sense; its leases end all the same.
//
// Names of abstract sockets are free to all users of the namespace. One who takes them all keeps others from being
// swept, and can't have anything removed: a keeper that finds no mark free, or may not make the socket, works with a
// seventeenth mark that is never swept, and says so by [EventUnlocked].
//
// What a [Device] adds without a keeper bears the first mark, and nobody's claim is behind it: on a device that has
// keepers, or gets one, it counts as left behind. So add nothing to the Device itself while a keeper has it.
//
// Before Linux 5.18 the mark is the end of the label of IPv4 addresses ("eth0:fhrp0") where that has room for it and
// they have no label by their attributes. For the others see [KeeperConfig.StateDir].
//
// A Keeper is a [Backend], a [Leaser] and a [Lister]. It is safe for concurrent use.
type Keeper struct {
	device *Device
	config KeeperConfig
	flush  func(grace time.Duration) // writes what was logged
	sys    keeperSys
}

var (
	_ Leaser = (*Keeper)(nil)
	_ Lister = (*Keeper)(nil)
)

// Keep returns a Keeper of the device, which need not exist yet, after it has swept what earlier ones left there. A nil
// KeeperConfig is the default. The Keeper works in the network namespace of the thread that calls Keep, which must be
// that of the device. A device has one Keeper at a time. Where this is not Linux the error matches
// [errors.ErrUnsupported].
//
// Close the Keeper before the device.
func Keep(device *Device, cfg *KeeperConfig) (*Keeper, error) {
	k := &Keeper{device: device}
	if cfg != nil {
		k.config = *cfg
	}
	k.config.Logger, k.flush = quietlog.Detach(k.config.Logger)
	err := k.config.validate()
	if err == nil {
		err = k.open()
	}
	if err != nil {
		return nil, fmt.Errorf("vip: keep %s: %w", device.name, err)
	}
	return k, nil
}

// Name returns the name of the device.
func (k *Keeper) Name() string { return k.device.name }

// Add wishes for the addresses and adds those that are not there, see [Backend]. Where there is no such device the
// error of each matches [ErrNoDevice], where somebody else keeps removing it [ErrLost], and after Close [net.ErrClosed].
func (k *Keeper) Add(ctx context.Context, addrs []netip.Prefix) error {
	return k.device.change(ctx, OpAdd, addrs, func(ctx context.Context, jobs []*job) error {
		return k.ask(ctx, jobs, forever)
	})
}

// Lease wishes for the addresses for a time, see [Leaser] and [Device.Lease]. The errors are those of Add.
func (k *Keeper) Lease(ctx context.Context, addrs []netip.Prefix, lifetime time.Duration) error {
	life, err := wholeSeconds(lifetime)
	return k.device.change(ctx, OpLease, addrs, func(ctx context.Context, jobs []*job) error {
		if err != nil {
			return err
		}
		return k.ask(ctx, jobs, life)
	})
}

// Remove ends the wish for the addresses and removes those that are ours, see [Backend]. It is no error that one is
// there by somebody else's hand and stays, see [ForeignPolicy]. After Close the error of each matches [net.ErrClosed].
func (k *Keeper) Remove(ctx context.Context, addrs []netip.Prefix) error {
	return k.device.change(ctx, OpRemove, addrs, k.drop)
}

// List returns all addresses of the device, also those that others added, see [Lister]. The error matches [ErrNoDevice]
// where there is no such device.
func (k *Keeper) List(ctx context.Context) ([]netip.Prefix, error) { return k.device.List(ctx) }

// Close removes the addresses that are wished for, as Remove does, and ends the watch. The error is that of Remove: the
// addresses that could not be removed are still there. The Device stays open. A second Close does nothing.
func (k *Keeper) Close() error {
	err := k.close()
	k.flush(time.Second)
	return err
}
