// SPDX-License-Identifier: Apache-2.0

// Package transcript plays dialogues with the state machines of the protocols.
// A dialogue is a text: each input is a line, and indented behind it is exactly
// what comes of it, with its time. It documents a machine, and it is a test:
//
//	node prio=200 src=192.0.2.2
//	start
//	  0s           Initialize -> Backup: startup
//	  deadline in 3.21875s
//	# "If the Active_Down_Timer fires"
//	advance 3.21875s
//	  3.21875s     send 200
//	  …
//
// What begins with # is a comment, at the end of a line as well. Words are
// separated by spaces; those with spaces in them are put in quotation marks.
//
// With several nodes each line that is for one of them begins with its name,
// "a: start". What one sends then reaches the others after the delay, and
// address work is done after the time that is given for it.
//
// These inputs are the same for all protocols:
//
//	node …              a node, with the words of the protocol's configuration
//	advance 3s          time passes; deadlines are met on the dot
//	wait 3s             time passes for a program that is busy: nothing is done
//	expire              what is due, or isn't, is asked to be done
//	added               adding addresses has succeeded
//	added error=TEXT    or has failed
//	removed             removing addresses is done
//	claimed 192.0.2.1   another host has announced an address as its own
//	crash               the node is gone without a word, with its addresses
//	crash will          or its last will is carried out
//	freeze, wake        in between the node does nothing
//
// And these are for several nodes:
//
//	delay 1ms           how long packets take (1 ms)
//	work 10ms           address work is done by itself, and takes this long at the
//	                    nodes that there are; "a: work 10ms" is for one of them
//	fail TEXT, mend     in between adding addresses fails
//	cut a b, heal a b   in between packets from one to the other are lost, and back;
//	                    without the second name all of the first, heal alone heals everything
//	lose a b 2          the next two packets from a to b are lost
//	separate            nodes hear each other by their inputs only
//	client 192.0.2.1    a client with a neighbour cache: whom it finds under the address
//
// All others are the protocol's, which package transcript knows nothing of: it
// hands them to a [Node]. No type here is safe for concurrent use.
package transcript
