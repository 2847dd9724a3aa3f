// SPDX-License-Identifier: Apache-2.0

// Package handbook holds the documents of the module to what is there: it has tests only. The commands and the program of the
// README are run as they stand there, each example has its line, units of systemd and scripts of rc.d use options that there
// are, guides name each reason of a transition, tables of migration name what the packages have, and the licences of
// dependencies are those that are listed.
package handbook
