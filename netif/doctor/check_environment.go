// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"strings"
)

// A platform is something that virtual machines run on, as their firmware tells, with what is certain of its network.
type platform struct {
	name            string
	vendor, product string // that the firmware's vendor and product begin with
	asset           string // and its asset tag
	severity        Severity
	onlyVirtualMAC  bool // it is of no interest without
	detail, fix     string
}

// platforms returns those that are known to need something.
func platforms() []platform {
	const (
		noMulticast = "its network carries no multicast and no gratuitous ARP: routers don't hear each other, addresses don't move"
		unicast     = "unicast peers, and a hook that moves the address by the API"
	)
	return []platform{
		{"VMware", "VMware", "", "", Note, true,
			"the virtual switch drops frames from and to other MAC addresses than that of the machine, unless told otherwise",
			"in the port group accept forged transmits, MAC address changes and promiscuous mode (or MAC learning)"},
		{"VirtualBox", "innotek", "VirtualBox", "", Note, true,
			"the network card drops frames to other MAC addresses than its own, unless told otherwise",
			"set promiscuous mode of the adapter to allow-all"},
		{"Azure", "Microsoft Corporation", "Virtual Machine", "7783-7084-3265-9085-8269-3286-77", Warning, false, noMulticast, unicast},
		{"Hyper-V", "Microsoft Corporation", "Virtual Machine", "", Note, true,
			"the virtual switch drops frames from other MAC addresses than that of the machine, unless told otherwise",
			"Set-VMNetworkAdapter -MacAddressSpoofing On"},
		{"OpenStack", "OpenStack", "", "", Warning, false,
			"port security drops packets from and to addresses that are not the port's, unless told otherwise",
			"openstack port set --allowed-address ip-address=ADDRESS,mac-address=MAC PORT, for each service address"},
		{"Amazon EC2", "Amazon EC2", "", "", Warning, false, noMulticast, unicast},
		{"Google Compute Engine", "Google", "Google Compute Engine", "", Warning, false, noMulticast, unicast},
	}
}

// checkEnvironment says what the network around a virtual machine needs, where the firmware tells what it is.
func checkEnvironment(h *host, s *subject) []Finding {
	vendor, _ := h.read("sys/class/dmi/id/sys_vendor")
	product, _ := h.read("sys/class/dmi/id/product_name")
	asset, _ := h.read("sys/class/dmi/id/chassis_asset_tag")
	virtualMAC := false
	for _, r := range s.routers {
		virtualMAC = virtualMAC || r.VirtualMAC
	}
	for _, p := range platforms() {
		is := strings.HasPrefix(vendor, p.vendor) && strings.HasPrefix(product, p.product) && strings.HasPrefix(asset, p.asset)
		if !is || p.onlyVirtualMAC && !virtualMAC {
			continue
		}
		return found(Environment, p.severity, "", p.fix, "this is a virtual machine on %s: %s", p.name, p.detail)
	}
	return nil
}
