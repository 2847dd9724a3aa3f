// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/go-fhrp/fhrp/internal/keepalived"
	"github.com/go-fhrp/fhrp/netif/check"
	"github.com/go-fhrp/fhrp/netif/track"
)

// How often is looked at what keepalived is told of by the kernel: links that are up, processes, files.
const (
	linkInterval    = 250 * time.Millisecond
	processInterval = time.Second
	fileInterval    = time.Second
)

// conditions are the trackers of a plan, made once each.
type conditions struct {
	made map[keepalived.Track]*condition // by kind and name
}

// condition is a tracker, and what it was made of.
type condition struct {
	spec    any
	tracker *track.Tracker
}

// spec returns what defines a condition: a Script, Process or File of the plan, or nothing but its name.
func (p *Plan) spec(t keepalived.Track) any {
	switch t.Kind {
	case keepalived.TrackScript:
		for _, s := range p.Scripts {
			if s.Name == t.Name {
				return s
			}
		}
	case keepalived.TrackProcess:
		for _, s := range p.Processes {
			if s.Name == t.Name {
				return s
			}
		}
	case keepalived.TrackFile:
		for _, s := range p.Files {
			if s.Name == t.Name {
				return s
			}
		}
	}
	return t.Name
}

// specs returns what defines the conditions of an instance.
func (p *Plan) specs(in Instance) []any {
	var list []any
	for _, t := range in.Tracks {
		list = append(list, p.spec(t))
	}
	return list
}

// tracks returns the conditions of an instance. One that is defined as before is the same one.
func (c *conditions) tracks(p *Plan, in Instance) ([]track.Track, error) {
	var list []track.Track
	for _, t := range in.Tracks {
		tracker, err := c.tracker(t, p.spec(t))
		if err != nil {
			return nil, fmt.Errorf("%v %s: %w", t.Kind, t.Name, err)
		}
		w := t.Weight
		list = append(list, track.Track{Tracker: tracker, Action: track.Action{Weight: w.Value, Reverse: w.Reverse, Fault: w.Value == 0}})
	}
	return list, nil
}

// tracker returns the tracker of a condition.
func (c *conditions) tracker(t keepalived.Track, spec any) (*track.Tracker, error) {
	key := keepalived.Track{Kind: t.Kind, Name: t.Name}
	if have := c.made[key]; have != nil && reflect.DeepEqual(have.spec, spec) {
		return have.tracker, nil
	}
	tracker, err := track.New(trackerConfig(t, spec))
	if err == nil {
		c.made[key] = &condition{spec, tracker}
	}
	return tracker, err
}

// trackerConfig translates the words of keepalived.
func trackerConfig(t keepalived.Track, spec any) track.Config {
	c := track.Config{Name: t.Kind.String() + " " + t.Name}
	switch s := spec.(type) {
	case keepalived.Script:
		c.Check, c.Interval, c.Timeout, c.Rise, c.Fall = command(s.Command), s.Interval, s.Timeout, s.Rise, s.Fall
		if s.InitFail {
			c.Initial = track.Down
		}
	case keepalived.Process:
		pc := check.ProcessConfig{Name: s.Argv[0], Min: s.Min, Max: s.Max}
		if s.Full {
			pc.Name, pc.Argv = "", s.Argv
		}
		c.Check, c.Interval = check.Process(pc), processInterval
	case keepalived.File:
		c.Number, c.Interval = number(s.Path), fileInterval
	default:
		c.Check, c.Interval = check.Link(t.Name), linkInterval
	}
	return c
}

// number returns a check that yields the number in a file, 0 without the file as in keepalived.
func number(path string) func(context.Context) (int, error) {
	read := check.File(path)
	return func(ctx context.Context) (int, error) {
		n, err := read(ctx)
		if errors.Is(err, fs.ErrNotExist) {
			return 0, nil
		}
		return n, err
	}
}

// command returns what runs a command of the file.
func command(c keepalived.Command) func(context.Context) error {
	c = locate(c)
	return check.Command(check.CommandConfig{Argv: c.Argv, User: c.User, Group: c.Group})
}

// searched are the folders in which programs are looked for that are named without one.
const searched = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// locate returns a command with the whole path of its program, as it is if that isn't found.
func locate(c keepalived.Command) keepalived.Command {
	if len(c.Argv) == 0 || strings.Contains(c.Argv[0], "/") {
		return c
	}
	for _, folder := range filepath.SplitList(searched) {
		path := filepath.Join(folder, c.Argv[0])
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			c.Argv = append([]string{path}, c.Argv[1:]...)
			break
		}
	}
	return c
}
