// SPDX-License-Identifier: Apache-2.0

// Package netif shows addresses of the old kind.
package netif

import (
	"context"
	stdnet "net"
)

// Port is a port.
type Port struct {
	Address stdnet.IP // want NetipOnly net.IP in the API
	hidden  stdnet.IP
	ctx     context.Context // want Context context.Context in a struct
}

// Lookup looks something up.
func Lookup(name string, ctx context.Context) *stdnet.IPNet { // want Context context.Context is not the first parameter
	// want-1 NetipOnly net.IPNet in the API
	var ip stdnet.IP
	_ = ip
	return nil
}

// Doer does.
type Doer interface {
	Do(ctx context.Context, n int)
	Late(n int, ctx context.Context) // want Context context.Context is not the first parameter
}
