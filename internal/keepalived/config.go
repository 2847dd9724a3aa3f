// SPDX-License-Identifier: Apache-2.0

package keepalived

import "slices"

// Config is what a keepalived.conf says about VRRP, with keepalived's defaults filled in. Safe for concurrent reading.
type Config struct {
	Global    Global
	Instances []Instance // in the order of the file
	Groups    []SyncGroup
	Scripts   []Script  // what Instances depend on, and perhaps others
	Processes []Process // the same
	Files     []File    // the same
	Warnings  []Warning
}

// Read reads the file that source names as [Parse] and [Decode] do. If there are errors, each is an [*Error], [errors.Join] joins
// them, and the Config holds warnings only.
func Read(source Source) (*Config, error) {
	r := &report{}
	return decode(parse(source, r), r, source.FS)
}

// Decode returns what tree says about VRRP; routing tables have numbers in it, or the names main, default and local. If there are
// errors, each is an [*Error], [errors.Join] joins them, and the Config holds warnings only.
func Decode(tree *Tree) (*Config, error) {
	return decode(tree.Directives, &report{warnings: slices.Clone(tree.Warnings)}, nil)
}
