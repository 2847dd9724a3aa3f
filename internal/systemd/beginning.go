// SPDX-License-Identifier: Apache-2.0

package systemd

import "github.com/go-fhrp/fhrp/netif"

// Beginning is a network that tells when the loop begins to run on it, for [Service].Started.
type Beginning struct {
	*netif.Network
	begun chan struct{}
}

// NewBeginning returns a network for one loop.
func NewBeginning(network *netif.Network) *Beginning { return &Beginning{network, make(chan struct{})} }

// Begun is closed when the loop runs.
func (b *Beginning) Begun() <-chan struct{} { return b.begun }

// Bind is called by the loop, once.
func (b *Beginning) Bind() (unbind func(), err error) {
	unbind, err = b.Network.Bind()
	if err == nil {
		close(b.begun)
	}
	return unbind, err
}
