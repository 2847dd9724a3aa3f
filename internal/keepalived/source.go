// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// What one reading takes in at most. The largest configurations keepalived is run with have some ten thousand instances.
const (
	maxFile     = 8 << 20  // octets of one file
	maxSize     = 64 << 20 // octets of all files
	maxFiles    = 4096     // files, each counted as often as it is included, and lines that include some
	maxIncludes = 16       // files that include each other
)

// Source says where a configuration is read from. The zero value is not usable: FS and File are needed. Safe for concurrent use if
// FS is.
type Source struct {
	// FS is where File, and the files that it includes, are opened. An absolute name is looked up without its leading slash: use
	// os.DirFS("/") together with an absolute File.
	FS fs.FS
	// File is the name of the configuration file, slash-separated.
	File string
	// ID is keepalived's option -i: a line that starts with @NAME counts only if NAME is ID, one that starts with @^NAME only if
	// it is not.
	ID string
	// Env returns the value of a variable of the environment, "" if there is none, for ${_ENV NAME}, as in
	// file:${_ENV CREDENTIALS_DIRECTORY}/key. nil: that is an error.
	Env func(name string) string
}

// file is an open configuration file, or one that waits for its turn.
type file struct {
	name   string
	from   text // the line that includes it; of no file for the first one
	depth  int  // how many files have to be left to come back to the first one
	check  byte // the letter after include, which tells what is an error; 0: nothing is
	opened bool
	rest   string
	line   int
}

// next returns the next line without its line end, and false at the end of the file.
func (f *file) next() (string, bool) {
	if f.rest == "" {
		return "", false
	}
	line, rest, _ := strings.Cut(f.rest, "\n")
	f.rest, f.line = rest, f.line+1
	return strings.TrimRight(line, "\r"), true
}

// required reports whether it is an error that the file can't be read because of err.
func (f *file) required(err error) bool {
	switch {
	case errors.Is(err, ErrLimit):
		return true
	case errors.Is(err, fs.ErrNotExist):
		return f.check == 'm' || f.check == 'w' || f.check == 'a'
	}
	return f.check != 0
}

// failure says why the file can't be read, at the line that includes it.
func (f *file) failure(err error) *Error {
	reason := err.Error()
	var perr *fs.PathError
	if errors.As(err, &perr) {
		reason = perr.Err.Error() // the name is said anyway
	}
	if errors.Is(err, ErrLimit) {
		reason = fmt.Sprintf("larger than %d octets", maxFile)
	}
	if f.from.file == "" {
		return &Error{File: f.name, Reason: reason, Err: err}
	}
	return &Error{File: f.from.file, Line: f.from.line, Directive: "include", Value: f.name, Reason: reason, Err: err}
}

// read returns what the file of that name holds.
func (s *Source) read(name string) (string, error) {
	if s.FS == nil || name == "" {
		return "", errNoSource
	}
	if !fs.ValidPath(fsName(name)) {
		return "", fs.ErrInvalid
	}
	info, err := fs.Stat(s.FS, fsName(name)) // before it is opened: opening a named pipe waits for a writer
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Mode()&0o111 != 0 {
		return "", errNotConfig
	}
	f, err := s.FS.Open(fsName(name))
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		return "", ErrLimit
	}
	return string(text), err
}

var (
	errNoSource  = errors.New("the Source has no FS or no File")
	errNotConfig = errors.New("not a regular non-executable file")
)

// fsName turns a file name into one of package io/fs.
func fsName(name string) string {
	name = strings.TrimPrefix(path.Clean(name), "/")
	if name == "" {
		return "."
	}
	return name
}
