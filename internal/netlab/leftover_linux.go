// SPDX-License-Identifier: Apache-2.0

package netlab

import (
	"fmt"
	"os"
	"strings"
)

// socketTables are the files of /proc/net that list sockets which are open in a namespace, and the column of the number
// of each socket.
func socketTables() map[string]int {
	return map[string]int{"packet": 8, "raw": 9, "raw6": 9, "udp": 9, "udp6": 9, "tcp": 9, "tcp6": 9, "netlink": 9}
}

func (h *Host) sockets() (map[string]bool, error) {
	open := map[string]bool{}
	err := h.do(func() error {
		for table, column := range socketTables() {
			text, err := os.ReadFile("/proc/thread-self/net/" + table)
			if err != nil {
				continue // a kernel without the protocol
			}
			for _, name := range socketNumbers(string(text), column) {
				open[table+" "+name] = true
			}
		}
		return nil
	})
	return open, err
}

// socketNumbers returns a column of a table but for its title.
func socketNumbers(table string, column int) (list []string) {
	lines := strings.Split(table, "\n")
	for _, line := range lines[min(1, len(lines)):] {
		if fields := strings.Fields(line); len(fields) > column {
			list = append(list, fields[column])
		}
	}
	return list
}

func (h *Host) processes() ([]int, error) {
	ns, err := h.sys.ns.Stat()
	if err != nil {
		return nil, fmt.Errorf("netlab: host %s: %w", h.name, err)
	}
	return processesIn(ns)
}
