// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// readConfig reads the virtual hosts of a configuration file:
//
//	# what stands before the first section is for all of them, or for the program
//	interface = eth0
//	passfile = /etc/carpd/passphrase
//	status = /run/carpd.json
//
//	[web]
//	vhid = 1
//	addr = 10.0.0.100/24
//	addr = 2001:db8::100
//	preempt
//
// A line has the long name of an option, whole, and its value after an equals sign.
// Lines that begin with # or ; say nothing. Every error has the file and the line.
func readConfig(file string, s *settings) ([]*instance, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() // nothing was written
	r := &configReader{settings: s, common: newInstance()}
	r.current = r.common
	var errs []error
	scanner := bufio.NewScanner(f)
	for n := 1; scanner.Scan(); n++ {
		if err := r.line(strings.TrimSpace(scanner.Text())); err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %w", file, n, err))
		}
	}
	if err := scanner.Err(); err != nil {
		errs = append(errs, fmt.Errorf("%s: %w", file, err))
	}
	if len(r.list) == 0 && len(errs) == 0 {
		errs = append(errs, fmt.Errorf("%s: no virtual host: a section [NAME] begins one", file))
	}
	return r.list, errors.Join(errs...)
}

// configReader is how far a configuration file has been read.
type configReader struct {
	settings *settings
	common   *instance   // what holds for all virtual hosts
	current  *instance   // of the section, or common
	list     []*instance // one for each section
}

// line reads one line.
func (r *configReader) line(line string) error {
	switch {
	case line == "" || line[0] == '#' || line[0] == ';':
		return nil
	case line[0] == '[':
		return r.section(line)
	}
	name, value, inline := strings.Cut(line, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	table := options(r.settings, r.current)
	i := slices.IndexFunc(table, func(o option) bool { return o.long == name })
	switch {
	case i < 0:
		return fmt.Errorf("%q: no such option", name)
	case table[i].place == commandLine:
		return fmt.Errorf("%s: only on the command line", name)
	case table[i].place == program && r.current != r.common:
		return fmt.Errorf("%s: only before the first section", name)
	case table[i].value == "" && inline:
		return fmt.Errorf("%s has no value, not %q", name, value)
	case table[i].value != "" && !inline:
		return fmt.Errorf("%s needs a value: %s = %s", name, name, table[i].value)
	}
	return table[i].apply(name, value)
}

// section begins a virtual host.
func (r *configReader) section(line string) error {
	name := strings.TrimSpace(strings.TrimSuffix(line[1:], "]"))
	if !strings.HasSuffix(line, "]") || name == "" {
		return fmt.Errorf("%q: a section begins with [NAME]", line)
	}
	if slices.ContainsFunc(r.list, func(v *instance) bool { return v.name == name }) {
		return fmt.Errorf("[%s]: each name once", name)
	}
	v := *r.common
	v.name = name
	v.addrs, v.peers, v.sources = slices.Clone(v.addrs), slices.Clone(v.peers), slices.Clone(v.sources)
	v.watches = slices.Clone(v.watches)
	r.current = &v
	r.list = append(r.list, &v)
	return nil
}
