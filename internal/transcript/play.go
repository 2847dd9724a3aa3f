// SPDX-License-Identifier: Apache-2.0

package transcript

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// Play plays a script and returns it with the output that comes of it, in the
// place of the one that it has. An error names the file and the line.
func Play(file string, script []byte, protocol Protocol) ([]byte, error) {
	var out bytes.Buffer
	w := newWorld(protocol)
	begun := false
	for number, text := range strings.Split(strings.TrimRight(string(script), "\n"), "\n") {
		text = strings.TrimRight(text, " \t\r")
		output := strings.HasPrefix(text, " ") || strings.HasPrefix(text, "\t")
		var err error
		switch {
		case output && !begun:
			err = errors.New("output before the first input")
		case output:
			continue
		default:
			begun, err = w.play(text, &out, begun)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, number+1, err)
		}
	}
	return out.Bytes(), nil
}

// play plays one line and writes it with its output.
func (w *world) play(text string, out *bytes.Buffer, begun bool) (bool, error) {
	fmt.Fprintln(out, text)
	l, err := parse(text)
	if err != nil || l.verb == "" {
		return begun, err
	}
	if err := w.input(l); err != nil {
		return begun, fmt.Errorf("%s: %w", l.verb, err)
	}
	w.print(out)
	return true, nil
}

// input carries out one line.
func (w *world) input(l line) error {
	if l.verb == "node" {
		return w.add(l)
	}
	if set, ok := w.settings()[l.verb]; ok && l.node == "" {
		return set(&l.args)
	}
	s, err := w.station(l.node)
	if err != nil {
		return err
	}
	if set, ok := w.conditions()[l.verb]; ok {
		return set(s, &l.args)
	}
	w.told = true
	if act, ok := w.acts()[l.verb]; ok {
		return act(s, &l.args)
	}
	effects, err := s.node.Do(w.now, l.verb, &l.args)
	if err == nil {
		err = l.args.Err()
	}
	w.perform(s, effects)
	return err
}

// add makes a node.
func (w *world) add(l line) error {
	if _, ok := w.find(l.node); ok {
		return errors.New("there already")
	}
	if l.node == clientName || len(w.stations) > 0 && (l.node == "" || w.stations[0].name == "") {
		return errors.New("several nodes need names of their own")
	}
	node, err := w.protocol(&l.args)
	if err == nil {
		err = l.args.Err()
	}
	w.stations = append(w.stations, newStation(l.node, node))
	return err
}

// station returns the node that a line is for.
func (w *world) station(name string) (*station, error) {
	if s, ok := w.find(name); ok {
		return s, nil
	}
	if name == "" {
		return nil, errors.New("for which node?")
	}
	return nil, fmt.Errorf("no node %q", name)
}

func (w *world) find(name string) (*station, bool) {
	for _, s := range w.stations {
		if s.name == name {
			return s, true
		}
	}
	return nil, false
}
