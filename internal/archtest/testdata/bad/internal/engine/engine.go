// SPDX-License-Identifier: Apache-2.0

// Package engine knows a protocol.
package engine

import _ "example.com/bad/vrrp" // want Imports example.com/bad/internal/engine imports example.com/bad/vrrp: the engine runs any protocol and knows none; it uses the standard library, pure internal packages and track
