// SPDX-License-Identifier: Apache-2.0

// Package archtest holds the structure of the module and the rules of its house: it has tests only. What each rule is
// for stands beside it and in its message. To change a rule, change it here, and add to testdata what it must catch.
package archtest
