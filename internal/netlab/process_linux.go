// SPDX-License-Identifier: Apache-2.0

package netlab

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// endProcesses kills every process whose network namespace is the one given, and waits until they are gone: also those
// that left the session and the parent they were started with, as daemons do.
func endProcesses(ns *os.File) error {
	want, err := ns.Stat()
	if err != nil {
		return fmt.Errorf("netlab: %w", err)
	}
	deadline := time.Now().Add(5 * time.Second)
	for {
		pids, err := processesIn(want)
		if err != nil || len(pids) == 0 {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("netlab: processes %v do not end", pids)
		}
		for _, pid := range pids {
			if err := unix.Kill(pid, unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("netlab: kill %d: %w", pid, err)
			}
		}
		time.Sleep(time.Millisecond)
	}
}

// processesIn returns the processes in the network namespace given. One that has ended but was not waited for is in
// none.
func processesIn(ns os.FileInfo) ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("netlab: %w", err)
	}
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		// Those of others can't be read, and are not ours.
		info, err := os.Stat(fmt.Sprintf("/proc/%d/ns/net", pid))
		if err == nil && os.SameFile(info, ns) {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}
