// SPDX-License-Identifier: Apache-2.0

package fieldreports_test

import (
	"errors"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/vrrp"
)

// firewall has a host drop packets of protocol 112 that come in or go out. The test is skipped if the kernel has no
// packet filter.
func (b *bench) firewall(host string, d netlab.Direction) {
	b.Helper()
	err := b.host(host).Drop(vrrp.Protocol, d)
	if errors.Is(err, errors.ErrUnsupported) {
		b.Skip(err)
	}
	b.must(err)
}

// liftFirewall takes away what firewall has made.
func (b *bench) liftFirewall(host string) {
	b.Helper()
	b.must(b.host(host).Undrop())
}
