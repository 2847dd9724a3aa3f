// SPDX-License-Identifier: Apache-2.0

package ifconfigmodel

import (
	"fmt"
	"strconv"
	"strings"
)

// A sysctl is a variable of the kernel.
type sysctl struct {
	name  string
	value int
}

// sysctls returns the variables that the model knows, as they are at the start.
func sysctls() []sysctl {
	return []sysctl{
		{"net.inet.carp.allow", 1},
		{"net.inet.carp.dscp", 56},
		{"net.inet.carp.preempt", 0},
		{"net.inet.carp.log", 1},
		{demotion, 0},
		{"net.inet.carp.senderr_demotion_factor", 240},
		{"net.inet.carp.ifdown_demotion_factor", 240},
		{"net.inet6.icmp6.nd6_debug", 0},
		{"net.inet6.ip6.dad_count", 1},
		{"net.link.ether.inet.garp_rexmit_count", 0},
	}
}

// demotion is the variable that is not set but added to.
const demotion = "net.inet.carp.demotion"

// value returns a variable.
func (m *Model) value(name string) int {
	for _, s := range m.sysctls {
		if s.name == name {
			return s.value
		}
	}
	return 0
}

// demote adds to the demotion of the host.
func (m *Model) demote(by int) { m.sysctl(fmt.Sprintf("%s=%d", demotion, by)) }

// sysctl runs sysctl, with a name, the beginning of names, or a name and a new value.
func (m *Model) sysctl(arg string) Result {
	name, text, set := strings.Cut(arg, "=")
	value, err := strconv.Atoi(text)
	if set && err != nil {
		return Result{Stderr: "sysctl: not in the model\n", Exit: 1}
	}
	var out strings.Builder
	for n, s := range m.sysctls {
		switch {
		case s.name != name && !strings.HasPrefix(s.name, name+"."):
		case !set:
			fmt.Fprintf(&out, "%s: %d\n", s.name, s.value)
		default:
			m.set(n, value)
			fmt.Fprintf(&out, "%s: %d -> %d\n", s.name, s.value, m.sysctls[n].value)
		}
	}
	return Result{Stdout: out.String()}
}

// set gives a variable a value.
func (m *Model) set(n, value int) {
	if m.sysctls[n].name == demotion {
		value += m.sysctls[n].value
	}
	m.sysctls[n].value = value
	if m.sysctls[n].name != "net.inet.carp.allow" {
		return
	}
	for _, i := range m.interfaces {
		for _, v := range i.vhids {
			m.restart(i, v)
		}
	}
}
