// SPDX-License-Identifier: Apache-2.0

package main

import "time"

// An event is a line of the log.
type event struct {
	Seq     uint64    `json:"seq"` // from 1, without gaps
	At      time.Time `json:"at"`
	Cluster string    `json:"cluster"` // or link, for what belongs to none
	Kind    string    `json:"kind"`
	Text    string    `json:"text"`
}

// Kinds of events.
const (
	kindTransition = "transition" // who holds the role has changed
	kindConflict   = "conflict"
	kindChange     = "change" // of what a speaker says
	kindClaim      = "claim"
	kindRejected   = "rejected"
)

// maxEvents is how many are kept.
const maxEvents = 1000

// events are the latest ones, in a ring.
type events struct {
	ring [maxEvents]event
	last uint64 // sequence number
}

// add gives an event its number and puts it in.
func (l *events) add(e event) event {
	l.last++
	e.Seq = l.last
	l.ring[l.last%maxEvents] = e
	return e
}

// after returns the events that follow a number, and how many of them are not kept
// any more. A number that was never given, from an earlier run of the program, is
// taken as 0.
func (l *events) after(seq uint64) (list []event, lost uint64) {
	if seq > l.last {
		seq = 0
	}
	if l.last-seq > maxEvents {
		lost = l.last - seq - maxEvents
		seq += lost
	}
	for seq < l.last {
		seq++
		list = append(list, l.ring[seq%maxEvents])
	}
	return list, lost
}
