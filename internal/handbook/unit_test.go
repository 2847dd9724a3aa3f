// SPDX-License-Identifier: Apache-2.0

package handbook

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// unit is what a unit file of systemd sets in its section Service, each setting as often as it stands there.
type unit map[string][]string

// readUnit reads a unit file, and complains about lines that are none.
func readUnit(t *testing.T, name string) unit {
	t.Helper()
	u := unit{}
	section := ""
	for line := range strings.Lines(read(t, name)) {
		line = strings.TrimSpace(line)
		key, value, set := strings.Cut(line, "=")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
		case !set || strings.TrimSpace(key) != key || section == "":
			t.Errorf("%s: %q", name, line)
		case section == "Service":
			u[key] = append(u[key], value)
		}
	}
	return u
}

// files returns the files of the examples whose names fit a pattern.
func files(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, "examples", pattern))
	if err != nil || len(names) == 0 {
		t.Fatalf("%v: no files %s", err, pattern)
	}
	for i := range names {
		names[i] = strings.TrimPrefix(filepath.ToSlash(names[i]), root+"/")
	}
	return names
}

// hardening is what each service does without.
func hardening() map[string]string {
	return map[string]string{
		"NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes", "PrivateDevices": "yes",
		"ProtectClock": "yes", "ProtectControlGroups": "yes", "ProtectHostname": "yes", "ProtectKernelLogs": "yes",
		"ProtectKernelModules": "yes", "ProtectKernelTunables": "yes", "ReadWritePaths": "/proc/sys/net", "RestrictNamespaces": "yes",
		"RestrictRealtime": "yes", "RestrictSUIDSGID": "yes", "LockPersonality": "yes", "MemoryDenyWriteExecute": "yes",
		"SystemCallArchitectures": "native", "SystemCallFilter": "@system-service", "Restart": "on-failure",
	}
}

// TestUnits holds that units run the program beside them with options that it has, and with the privileges that it needs and no
// others.
func TestUnits(t *testing.T) {
	for _, name := range files(t, "*/*.service") {
		u := readUnit(t, name)
		folder := filepath.Base(filepath.Dir(name))
		if len(u["ExecStart"]) != 1 {
			t.Errorf("%s: %d commands", name, len(u["ExecStart"]))
			continue
		}
		if program := checkCommand(t, name, u["ExecStart"][0]); program != folder {
			t.Errorf("%s runs %s", name, program)
		}
		for key, want := range hardening() {
			if !slices.Equal(u[key], []string{want}) {
				t.Errorf("%s: %s is %q, not %q", name, key, u[key], want)
			}
		}
		if got, want := u["CapabilityBoundingSet"], privileges(t, folder); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: capabilities %q, the README says %q", name, got, want)
		}
		if u["KillMode"] != nil {
			t.Errorf("%s: KillMode other than the default ends the guard before it has removed the addresses", name)
		}
	}
}

// privileges returns the capabilities that the README names for a program, as units write them.
func privileges(t *testing.T, program string) string {
	t.Helper()
	var list []string
	for _, row := range rows(section(t, read(t, "README.md"), "Try each")) {
		if row[0] != program {
			continue
		}
		for _, word := range strings.Split(row[2], ", ") {
			if strings.HasPrefix(word, "cap_") {
				list = append(list, strings.ToUpper(word))
			}
		}
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// TestRealTimeUnits holds that what is added for a real-time priority is that option, and the two capabilities that it needs.
func TestRealTimeUnits(t *testing.T) {
	for _, name := range files(t, "*/*.service.d/realtime.conf") {
		u := readUnit(t, name)
		whole := readUnit(t, strings.TrimSuffix(name, ".d/realtime.conf"))
		if len(u["ExecStart"]) != 2 || u["ExecStart"][0] != "" {
			t.Fatalf("%s: commands %q, want an empty one and another", name, u["ExecStart"])
		}
		checkCommand(t, name, u["ExecStart"][1])
		got := strings.TrimLeft(strings.TrimPrefix(u["ExecStart"][1], whole["ExecStart"][0]), " -")
		if got != "realtime" {
			t.Errorf("%s: %q besides %q", name, u["ExecStart"][1], whole["ExecStart"][0])
		}
		if !slices.Equal(u["CapabilityBoundingSet"], []string{"CAP_SYS_NICE CAP_IPC_LOCK"}) || !slices.Equal(u["RestrictRealtime"], []string{"no"}) {
			t.Errorf("%s: %q", name, u)
		}
	}
}
