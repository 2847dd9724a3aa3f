// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// devices returns the links that have to do with the routers: that they advertise on and that have their
// addresses. They are those that exist.
func (s *subject) devices(h *host) []*link {
	var list []*link
	for _, r := range s.routers {
		for _, name := range []string{s.name, r.device()} {
			if l := h.link(name); l != nil && !slices.Contains(list, l) {
				list = append(list, l)
			}
		}
	}
	return list
}

// checkNetworkd looks for links whose addresses systemd-networkd takes care of, and of which it removes those
// that others added when it is restarted or reconfigures the link (systemd.network(5), KeepConfiguration). What
// it does with routes that others added is a setting for all links (networkd.conf(5), ManageForeignRoutes).
func checkNetworkd(h *host, s *subject) []Finding {
	var findings []Finding
	for _, l := range s.devices(h) {
		file, added, ok := h.networkFile(l)
		if !ok {
			continue
		}
		if _, readable := h.read(strings.TrimPrefix(file, "/")); !readable {
			findings = append(findings, s.found(NotChecked, Note, "run as root", "systemd-networkd has %s: can't read %s", l.name, file)...)
			continue
		}
		keep := orDefault(h.systemdSetting(append([]string{file}, added...), "Network", "KeepConfiguration"), "no")
		if !isYes(keep) {
			fix := dropIn("/etc/systemd/network/"+path.Base(file), "KeepConfiguration=yes", "networkctl reload")
			findings = append(findings, s.found(Networkd, Warning, fix,
				"systemd-networkd has %s (%s, KeepConfiguration=%s): its restart removes service addresses%s",
				l.name, file, keep, keptSome(keep))...)
		}
		if manage := h.networkdSetting("ManageForeignRoutes"); !isNo(manage) {
			fix := dropIn("/etc/systemd/networkd.conf", "ManageForeignRoutes=no", "systemctl restart systemd-networkd")
			findings = append(findings, found(Networkd, Note, "", fix,
				"systemd-networkd removes routes that others added by its links (ManageForeignRoutes=%s): "+
					"those of hooks, not those of service addresses", manage)...)
		}
	}
	return findings
}

// keptSome says what a value of KeepConfiguration keeps that is not enough. An address that is held on a lease
// has a limited lifetime, and counts as dynamic.
func keptSome(keep string) string {
	switch keep {
	case "static":
		return " that are held on a lease"
	case "dynamic", "dhcp":
		return " that are not held on a lease"
	}
	return ""
}

// dropIn returns the command that adds a setting to a file of systemd.
func dropIn(file, setting, reload string) string {
	return fmt.Sprintf(`mkdir -p %s.d && printf '[Network]\n%s\n' > %s.d/fhrp.conf && %s`, file, setting, file, reload)
}

// networkFile returns the file that has systemd-networkd manage a link, and what adds to it. It is what it
// wrote down itself: nobody else knows which of its files matches.
func (h *host) networkFile(l *link) (file string, added []string, ok bool) {
	state, ok := h.read("run/systemd/netif/links", strconv.Itoa(l.index))
	if !ok {
		return "", nil, false
	}
	admin, _ := setting(state, "", "ADMIN_STATE") // it has no sections
	file, _ = setting(state, "", "NETWORK_FILE")
	if admin == "unmanaged" || file == "" {
		return "", nil, false
	}
	if list, known := setting(state, "", "NETWORK_FILE_DROPINS"); known {
		return file, strings.FieldsFunc(list, func(r rune) bool { return r == ':' }), true
	}
	return file, h.dropIns("network/" + path.Base(file)), true
}

// networkdSetting returns a setting of networkd.conf, of which the most important file counts, and of what adds to it.
func (h *host) networkdSetting(key string) string {
	var files []string
	for _, folder := range systemdFolders() {
		name := path.Join(folder, "networkd.conf")
		if _, ok := h.read(name); ok {
			files = append(files, name)
			break
		}
	}
	return orDefault(h.systemdSetting(append(files, h.dropIns("networkd.conf")...), "Network", key), "yes")
}

// orDefault returns a value, or what stands for it if it is empty.
func orDefault(value, def string) string {
	if value == "" {
		return def
	}
	return value
}
