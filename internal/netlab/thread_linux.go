// SPDX-License-Identifier: Apache-2.0

package netlab

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// onThread calls f in a goroutine that has a thread for itself, and throws the thread away when f returns: whatever f
// made of it, no other goroutine ever runs on it. (The runtime makes no new threads out of a locked one either.)
func onThread(f func()) {
	go func() {
		runtime.LockOSThread() // and never unlocked, with which the thread ends
		if unix.Gettid() != unix.Getpid() {
			f()
			return
		}
		// This is the main thread, which can't end, and which stands for the process in /proc. It is held here so that
		// f gets another.
		defer runtime.UnlockOSThread()
		done := make(chan struct{})
		onThread(func() {
			defer close(done)
			f()
		})
		<-done
	}()
}

// call is a function to be called on a thread, and the way back.
type call struct {
	f    func() error
	err  error
	ok   bool // f returned
	done chan struct{}
}

func newCall(f func() error) *call { return &call{f: f, done: make(chan struct{})} }

// run calls the function. The end is told even if the function ends its goroutine.
func (c *call) run() {
	defer close(c.done)
	c.err = c.f()
	c.ok = true
}

// wait returns what the function returned, or ends this goroutine as the function ended its own.
func (c *call) wait() error {
	<-c.done
	if !c.ok {
		runtime.Goexit()
	}
	return c.err
}
