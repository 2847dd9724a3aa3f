// SPDX-License-Identifier: Apache-2.0

// Command carpd runs virtual hosts of CARP, by the command line of ucarp.
//
//	carpd -i IF -v ID -o FILE -a IP[/LEN] [-k SKEW] [-P] [OPTION...]
//	carpd --config FILE [OPTION...]
//	carpd OPTION... --test
//	carpd OPTION... --doctor [--json]
//
// Of two hosts the primary is the one with the lower advskew, and takes the role back with -P:
//
//	carpd -i eth0 -v 1 -o /etc/carpd/passphrase -a 10.0.0.100/24 -P
//	carpd -i eth0 -v 1 -o /etc/carpd/passphrase -a 10.0.0.100/24 -P -k 100
//
// A file of --config has a section in brackets for each virtual host, and the long names of
// options as its words; what stands before the first section is for all of them, or for the
// program.
//
// TERM, INT, QUIT and HUP hand over and end the program: it says goodbye and keeps the
// addresses until the successor has them; a second signal ends it at once. USR1 logs the
// state, USR2 gives up the role. The exit status is 0, 1 for a wrong configuration and 2
// for a failure.
//
// It needs the capabilities CAP_NET_RAW and CAP_NET_ADMIN, with --test none, and with
// --realtime CAP_SYS_NICE and CAP_IPC_LOCK besides.
//
// The README of the program has all there is to know for whoever replaces ucarp, or runs
// it beside ucarp or a BSD.
package main
