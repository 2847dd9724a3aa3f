// SPDX-License-Identifier: Apache-2.0

package transcript

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
)

// settings are the inputs that are for no node.
func (w *world) settings() map[string]func(*Args) error {
	return map[string]func(*Args) error{
		"advance": w.setTime, "wait": w.wait,
		"delay": func(a *Args) error { w.delay = a.WordDuration(); return a.Err() },
		"work":  func(a *Args) error { return w.setWork(w.stations, a) },
		"cut":   func(a *Args) error { return w.setCuts(a, true) },
		"heal":  func(a *Args) error { return w.setCuts(a, false) },
		"lose":  w.lose, "client": w.setClient,
		"separate": func(a *Args) error { w.separate = true; return a.Err() },
	}
}

// conditions are the inputs that a node only notices later.
func (w *world) conditions() map[string]func(*station, *Args) error {
	return map[string]func(*station, *Args) error{
		"work": func(s *station, a *Args) error { return w.setWork([]*station{s}, a) },
		"fail": func(s *station, a *Args) error { s.failure = a.Word(); return a.Err() },
		"mend": func(s *station, a *Args) error { s.failure = ""; return a.Err() },
	}
}

// acts are the inputs that each node has, whatever its protocol.
func (w *world) acts() map[string]func(*station, *Args) error {
	return map[string]func(*station, *Args) error{
		"expire": func(s *station, a *Args) error { w.perform(s, s.node.Expire(w.now)); return a.Err() },
		"added":  w.added,
		"removed": func(s *station, a *Args) error {
			w.perform(s, s.node.Done(w.now, Remove, nil))
			return a.Err()
		},
		"claimed": func(s *station, a *Args) error {
			w.perform(s, s.node.Claimed(w.now, a.WordAddr()))
			return a.Err()
		},
		"crash":  func(s *station, a *Args) error { s.crash(w, a.Has("will")); return a.Err() },
		"freeze": func(s *station, a *Args) error { s.frozen = true; return a.Err() },
		"wake":   func(s *station, a *Args) error { return errors.Join(s.wake(w), a.Err()) },
	}
}

func (w *world) setTime(a *Args) error {
	w.told = true
	d := a.WordDuration()
	w.advance(w.now.Add(d))
	return a.Err()
}

func (w *world) setWork(who []*station, a *Args) error {
	w.works = true
	d := a.WordDuration()
	for _, s := range who {
		s.work = d
	}
	return a.Err()
}

func (w *world) wait(a *Args) error {
	w.told = true
	w.turn(w.now.Add(a.WordDuration()))
	return a.Err()
}

func (w *world) added(s *station, a *Args) error {
	var err error
	if text, ok := a.Value("error"); ok {
		err = errors.New(text)
	}
	w.perform(s, s.node.Done(w.now, Add, err))
	return a.Err()
}

// setCuts cuts or heals the ways between two nodes, between one and all others,
// or all ways.
func (w *world) setCuts(a *Args, cut bool) error {
	one, other := a.Word(), a.Word()
	for _, name := range []string{one, other} {
		if _, ok := w.find(name); !ok && name != "" && name != clientName {
			return fmt.Errorf("no node %q", name)
		}
	}
	if one == "" && cut {
		return errors.New("which node?")
	}
	names := []string{clientName}
	for _, s := range w.stations {
		names = append(names, s.name)
	}
	match := func(from, to string) bool {
		return (one == "" || from == one) && (other == "" || to == other)
	}
	for _, from := range names {
		for _, to := range names {
			if from != to && (match(from, to) || match(to, from)) {
				w.cuts[pair{from, to}] = cut
			}
		}
	}
	w.client.look(w)
	return a.Err()
}

// lose has the next packets from one node to another get lost.
func (w *world) lose(a *Args) error {
	from, to, times := a.Word(), a.Word(), a.Word()
	if _, err := w.station(from); err != nil {
		return err
	}
	if _, err := w.station(to); err != nil {
		return err
	}
	n := 1
	if times != "" {
		var err error
		if n, err = strconv.Atoi(times); err != nil || n < 1 {
			return fmt.Errorf("number of packets %q", times)
		}
	}
	w.losses[pair{from, to}] = n
	return a.Err()
}

func (w *world) setClient(a *Args) error {
	w.client = &client{addr: netip.Addr{}}
	w.client.addr = a.WordAddr()
	w.works = true
	w.client.look(w)
	return a.Err()
}
