// SPDX-License-Identifier: Apache-2.0

// Package track follows named conditions that a virtual router depends on: a link, a process, a number in a file, whatever
// a function can find out. It knows no protocol.
//
// A [Tracker] runs one check again and again and tells when its [Reading] changes. What a reading means for a virtual
// router, or a virtual host of CARP, is an [Action]: a priority or a skew, whether to leave the election, whether to resign.
// Both together are a [Track], of which vrrp.VirtualRouterConfig and carp.VirtualHostConfig have a list. Checks of links,
// files, processes, programs and services are in package netif/check:
//
//	web, err := track.New(track.Config{Name: "web", Check: check.TCP(addr)})
//	...
//	cfg.Trackers = []track.Track{{Tracker: web, Action: track.Action{Weight: -50}}}
//
// The rules are those of keepalived's trackers, keepalived.conf(5). How its configuration is said here:
//
//	vrrp_script x { … }          Config{Check: …}
//	    interval 1               Interval: time.Second      the default
//	    timeout (interval)       Timeout                    the default is Interval
//	    rise 1, fall 1           Rise: 1, Fall: 1           the defaults
//	    (neither)                Initial: Unknown           the default: the first outcome decides alone
//	    init_fail                Initial: Down              it takes Rise successes
//	track_file f { … }           Config{Number: …}
//	no weight, or weight 0       Action{Fault: true}
//	weight 0 reverse             Action{Fault: true, Reverse: true}
//	weight 10                    Action{Weight: 10}         added while it is up
//	weight -10                   Action{Weight: -10}        taken away while it is down
//	weight 10 reverse            Action{Weight: 10, Reverse: true}
//	track_file without weight    Action{Weight: 1}          the number is multiplied and added
//
// Two things are not as there. What leaves the election is said, by Fault, and doesn't follow from a weight that is left
// out. And a run at its time-out has failed at once: keepalived counts it when the script has been killed.
package track
