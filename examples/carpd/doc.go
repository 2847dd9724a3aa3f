// SPDX-License-Identifier: Apache-2.0

// Command carpd runs virtual hosts of CARP, by the command line of ucarp.
//
//	carpd -i eth0 -v 1 -o /etc/carpd/passphrase -a 10.0.0.100/24 -k 100 -P
//	carpd --config /etc/carpd/carpd.conf
//	carpd … --test
//	carpd … --doctor [--json]
//
// README.md beside this file has all there is to know for whoever replaces ucarp, or
// runs it beside ucarp or a BSD.
package main
