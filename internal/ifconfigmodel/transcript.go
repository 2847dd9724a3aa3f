// SPDX-License-Identifier: Apache-2.0

package ifconfigmodel

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Transcript is a section of the recordings: commands that were run one after the other on one host.
type Transcript struct {
	Name  string // of the section
	CARP  bool   // the kernel had carp(4)
	Steps []Step
}

// A Step is a command that was recorded, or something that must have happened between two of them and wasn't.
type Step struct {
	Line       int    // in the file
	Unrecorded string // what happened; empty if it is a command. See README.md beside the recordings.
	Note       string // by who recorded it
	Argv       []string
	Want       Result
	Errno      string // the name of the error, if there was one: EINVAL
}

// ReadTranscripts reads all recordings of a folder.
func ReadTranscripts(dir fs.FS) ([]Transcript, error) {
	names, err := fs.Glob(dir, "*.txt")
	if err != nil {
		return nil, err
	}
	var list []Transcript
	for _, name := range names {
		t, err := readFile(dir, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		list = append(list, t)
	}
	return list, nil
}

// readFile reads the recordings of one section.
func readFile(dir fs.FS, name string) (Transcript, error) {
	f, err := dir.Open(name)
	if err != nil {
		return Transcript{}, err
	}
	defer f.Close()
	return readTranscript(f)
}

// readTranscript reads the recordings of one section. The first octet of a line says what the line is.
func readTranscript(r io.Reader) (t Transcript, err error) {
	note := ""
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		if lines.Text() == "" {
			continue
		}
		kind, text := lines.Text()[0], strings.TrimPrefix(lines.Text()[1:], " ")
		switch kind {
		case '#':
			t.Name = text
		case ';':
			note = text
		case '~':
			if text == "carp" {
				t.CARP = true
			} else {
				t.Steps = append(t.Steps, Step{Line: n, Unrecorded: text})
			}
		case '$':
			t.Steps = append(t.Steps, Step{Line: n, Note: note, Argv: words(text)})
			note = ""
		default:
			if err := t.answer(kind, text); err != nil {
				return t, fmt.Errorf("line %d: %w", n, err)
			}
		}
	}
	return t, lines.Err()
}

// answer takes a line of what the last command answered.
func (t *Transcript) answer(kind byte, text string) error {
	if len(t.Steps) == 0 {
		return fmt.Errorf("an answer without a command")
	}
	s := &t.Steps[len(t.Steps)-1]
	var err error
	switch kind {
	case '>':
		s.Want.Stdout += text + "\n"
	case '!':
		s.Want.Stderr += text + "\n"
	case '=':
		var status string
		status, s.Errno, _ = strings.Cut(text, " ")
		s.Want.Exit, err = strconv.Atoi(status)
	default:
		err = fmt.Errorf("unknown kind %q", kind)
	}
	return err
}

// words splits a command line. A word that is empty is written as two quotes.
func words(line string) []string {
	list := strings.Split(line, " ")
	for n, w := range list {
		if w == `""` {
			list[n] = ""
		}
	}
	return list
}

// Happen has something happen that was not recorded: "run ifconfig f-stack-0 up", "wait 2.5" (seconds), "neighbour
// 2001:db8::1", "peer 1 100" (vhid and advskew).
func (m *Model) Happen(event string) error {
	w := words(event)
	switch {
	case w[0] == "run" && len(w) > 1:
		if r := m.Run(w[1:]...); r.Exit != 0 {
			return fmt.Errorf("%s: %s", event, r.Stderr)
		}
		return nil
	case w[0] == "wait" && len(w) == 2:
		seconds, err := strconv.ParseFloat(w[1], 64)
		m.Pass(time.Duration(seconds * float64(time.Second)))
		return err
	case w[0] == "neighbour" && len(w) == 2:
		a, err := netip.ParseAddr(w[1])
		m.Neighbour(a)
		return err
	case w[0] == "peer" && len(w) == 3:
		numbers, err := integers(w[1:])
		if err == nil {
			m.Peer(numbers[0], numbers[1])
		}
		return err
	}
	return fmt.Errorf("unknown event %q", event)
}

func integers(text []string) (list []int, err error) {
	for t := range slices.Values(text) {
		n, err := strconv.Atoi(t)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, nil
}
