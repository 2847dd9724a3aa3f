// SPDX-License-Identifier: Apache-2.0

package handover

// Taken is what a successor has taken over, beside the election.
type Taken struct {
	Devices []string `json:"devices"` // those whose addresses it holds
	// Routes are the routes and rules of its configuration, as package routes calls them; nil if it doesn't say.
	Routes []string `json:"routes,omitzero"`
}
