// SPDX-License-Identifier: Apache-2.0

// Package keepalived reads keepalived.conf, the configuration file of keepalived 2.2 to 2.4.
//
// [Parse] turns a file and everything it includes into a [Tree] of directives by keepalived's lexical rules, whatever the
// directives mean. [Decode] turns the part of a tree that configures VRRP into a [Config], [DecodeBalancing] the part about load
// balancing into a [Balancing]. [Read] parses a file and decodes what is about VRRP.
//
// A file is accepted if keepalived -t accepts it; where the two differ the rule is this. What keepalived refuses, or replaces by a
// value that nobody wrote, is an [Error] here. A setting that keepalived drops because it has no meaning beside another one is
// dropped here too, with a [Warning]. A directive that keepalived knows and this package does not act on is a [Warning] of kind
// [Unsupported]; one that keepalived does not know is an [Error]. All errors of a file are reported, not only the first one.
//
// What is not read the way keepalived reads it: ~SEQ, ~LST, $_RANDOM, $_ENV without [Source].Env and brace patterns in include are errors that wrap
// [errors.ErrUnsupported]; names from /etc/iproute2/rt_scopes are not known; an include after a condition is an error. IPv6 with
// version 2, and a number that is not digits only (quoted blanks, a plus sign), are errors too.
//
// No error, warning, log attribute or formatted value of this package shows a password. Nothing in this package touches the file
// system but through the [io/fs.FS] of a [Source], and no input makes it panic or grow without bound.
package keepalived
