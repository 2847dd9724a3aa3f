// SPDX-License-Identifier: Apache-2.0

// Package handover has a process replaced by another one, as in an upgrade of its program.
// The running one starts the other, which inherits open files and a socket between the two:
//
//	old                                new
//	Start            --- files --->    Open
//	Ready            <-- ask ------    Ask, when all is open and its configuration is good
//	Transfer         --- legacy --->
//	                 <-- receipt --    Taken: from now on nobody but the new one takes part
//
// What fails on the way ends the new process, before Transfer returns: there is never a doubt
// who goes on. If the old one dies meanwhile, the new one goes on if it has its legacy, and
// else ends. A guard of the old one has no will from before Transfer until that has failed,
// and one of the new one has none before Taken: neither ever speaks for what the other
// process may have.
package handover
