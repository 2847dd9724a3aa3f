// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// What the library may use besides the standard library. A further module is a decision: whoever imports the library
// gets it too.
const (
	mdlayherPacket = "github.com/mdlayher/packet"
	netlink        = "github.com/vishvananda/netlink"
	xnet           = "golang.org/x/net"
	xsys           = "golang.org/x/sys"
)

// importRule says what packages of this module may and must not use, themselves and by way of each other. Paths
// without a dot in the first element are of this module, those of the standard library are written with "std:".
type importRule struct {
	who     []string // these folders and those below
	except  []string // but these
	only    []string // what may be imported besides the standard library; nil: anything
	never   []string
	because string
}

func importRules() []importRule {
	protocols := []string{"vrrp", "carp"}
	helpers := []string{"vip/viptest", "netif/netiftest", "internal/netlab/netlabtest", "internal/explore/exploretest", "internal/protocoltest", "internal/heaptest", "internal/systemd/systemdtest", "internal/vmtest"} // of tests
	return []importRule{
		{who: protocols, only: []string{"internal", "netif/track"},
			because: "a protocol uses the standard library, pure internal packages and track; it declares the interfaces it needs"},
		{who: []string{"internal/engine"}, only: []string{"internal", "netif/track"},
			because: "the engine runs any protocol and knows none; it uses the standard library, pure internal packages and track"},
		{who: []string{"netif/track"}, only: []string{"netif/track", "internal/jsonform"},
			because: "conditions are what both protocols have in common: they use the standard library, and what their JSON is made of"},
		{who: []string{"netif/netiftest"}, only: []string{"netif/netiftest"},
			because: "the LAN in memory runs everywhere, and uses the standard library only"},
		{who: []string{"vip"}, only: []string{"vip", "internal", netlink, xsys}, never: protocols,
			because: "addresses need netlink and system calls, and know no protocol"},
		{who: []string{"netif/guard"}, only: []string{"netif/guard", "vip", "internal", netlink, xsys}, never: protocols,
			because: "the guard removes addresses, which is for vip to do, and sends what it is given: it knows no protocol"},
		{who: []string{"netif"}, except: append(helpers, "netif/guard"), only: []string{"netif", "internal", xnet, mdlayherPacket, netlink, xsys}, never: protocols,
			because: "the network knows no protocol: each protocol declares what it needs, and netif satisfies it"},
		{who: []string{"internal"}, only: []string{"internal", "vrrp", "carp", "vip", "netif", xnet, mdlayherPacket, netlink, xsys},
			because: "the module has four dependencies"},
		{who: []string{"examples"}, only: []string{"vrrp", "carp", "vip", "netif", "internal", "examples", xnet, mdlayherPacket, netlink, xsys},
			because: "what only an example needs stays out of go.mod: such an example is a module of its own"},
		{who: []string{"."}, except: []string{"vrrp", "carp", "vip", "netif", "internal", "examples"}, only: []string{},
			because: "package fhrp is the overview and holds no code"},
		{who: []string{"."}, except: append(helpers, "examples"), never: []string{"std:testing"},
			because: "package testing registers flags; only packages that help tests import it"},
	}
}

// checkImports checks the rules for every package on every system. What is wrong on several is one finding.
func checkImports(m *module) []finding {
	on := map[finding][]string{}
	for _, goos := range systems() {
		for _, p := range m.systems[goos] {
			dir, own := m.relative(p.ImportPath)
			for _, r := range importRules() {
				if !own || !r.covers(dir) {
					continue
				}
				if chain := m.search(m.systems[goos], r, p); chain != nil {
					f := m.complain(chain, r)
					on[f] = append(on[f], goos)
				}
			}
		}
	}
	var list []finding
	for f, some := range on {
		if len(some) < len(systems()) {
			f.text += " (on " + strings.Join(some, ", ") + ")"
		}
		list = append(list, f)
	}
	return list
}

// covers reports whether the rule is for a package.
func (r importRule) covers(dir string) bool {
	return !below(dir, r.except...) && (below(dir, r.who...) || slices.Contains(r.who, "."))
}

// relative returns the folder of a package of this module.
func (m *module) relative(importPath string) (dir string, own bool) {
	if importPath == m.path {
		return ".", true
	}
	return strings.CutPrefix(importPath, m.path+"/")
}

// short returns how a package is written in the rules.
func (m *module) short(p *listed) string {
	if p.Standard {
		return "std:" + p.ImportPath
	}
	dir, _ := m.relative(p.ImportPath)
	return dir
}

// search goes through what a package uses, the nearest first, and returns the way to the first that it must not.
func (m *module) search(all packages, r importRule, from *listed) []*listed {
	chains := [][]*listed{{from}}
	seen := map[string]bool{}
	for len(chains) > 0 {
		chain := chains[0]
		chains = chains[1:]
		importer := chain[len(chain)-1]
		for _, name := range importer.Imports {
			imported := all[name]
			if imported == nil || seen[name] { // "C" is not listed
				continue
			}
			seen[name] = true
			next := append(slices.Clone(chain), imported)
			if !m.permits(r, importer, imported) {
				return next
			}
			chains = append(chains, next)
		}
	}
	return nil
}

// permits reports whether one package may import the other. What modules of others import is their matter, unless it is
// excluded by name.
func (m *module) permits(r importRule, importer, imported *listed) bool {
	if below(m.short(imported), r.never...) {
		return false
	}
	_, own := m.relative(importer.ImportPath)
	return r.only == nil || !own || imported.Standard || below(m.short(imported), r.only...)
}

// complain returns the finding about a chain of imports: where the last package of this module imports the next one.
func (m *module) complain(chain []*listed, r importRule) finding {
	var names []string
	var f finding
	for i, p := range chain {
		names = append(names, p.ImportPath)
		if dir, own := m.relative(p.ImportPath); own && i+1 < len(chain) {
			f = m.at(m.imported(dir, chain[i+1].ImportPath), "")
		}
	}
	f.text = fmt.Sprintf("%s: %s", strings.Join(names, " imports "), r.because)
	return f
}
