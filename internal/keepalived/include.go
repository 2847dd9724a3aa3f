// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// includeLine returns the file pattern of an include line and the letter after "include", 0 if there is none.
func includeLine(s string) (pattern string, check byte, ok bool) {
	s, ok = strings.CutPrefix(s, "include")
	if !ok || s == "" {
		return "", 0, false
	}
	if strings.IndexByte("rmwba", s[0]) >= 0 {
		check, s = s[0], s[1:]
	}
	pattern = strings.TrimLeft(s, blanks)
	return pattern, check, pattern != s
}

// include puts the files that t includes before what is still to be read. Without a letter keepalived goes on when there is
// nothing to include; r, m, w, b and a tell when that is an error.
func (l *lexer) include(t text, pattern string, check byte) {
	if strings.Contains(pattern, "{") {
		l.fail(t, "include", errors.ErrUnsupported, "brace patterns are not supported")
		return
	}
	names, err := l.find(t, pattern)
	if l.included += 1 + len(names); l.included > maxFiles {
		l.stop(t, "too many files")
		return
	}
	if err == nil && len(names) == 0 && (check == 'w' || check == 'a') {
		err = fs.ErrNotExist
	}
	if err != nil {
		l.report.add((&file{name: pattern, from: t}).failure(err))
		return
	}
	depth := l.depth() + 1
	if len(names) > 0 && depth > maxIncludes {
		l.fail(t, "include", ErrLimit, "files include each other too deeply")
		return
	}
	for _, name := range slices.Backward(names) {
		l.files = append(l.files, &file{name: name, from: t, depth: depth, check: check})
	}
}

// find returns the names of the files that pattern names. A relative pattern starts at the directory of the file that t is in. A
// pattern without wildcards is returned as it is, the file need not exist.
func (l *lexer) find(t text, pattern string) ([]string, error) {
	if !path.IsAbs(pattern) {
		pattern = path.Join(path.Dir(t.file), pattern)
	}
	pattern = path.Clean(pattern)
	if !fs.ValidPath(fsName(pattern)) {
		return nil, fs.ErrInvalid
	}
	if !strings.ContainsAny(pattern, "*?[") {
		return []string{pattern}, nil
	}
	names, err := fs.Glob(l.source.FS, fsName(pattern))
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return matchesHidden(fsName(pattern), name) })
	if path.IsAbs(pattern) {
		for i := range names {
			names[i] = "/" + names[i]
		}
	}
	return names, nil
}

// matchesHidden reports whether a wildcard of pattern stands for the leading dot of an element of name: glob(3) does not match such
// names, which keeps the swap files of editors out, package path does.
func matchesHidden(pattern, name string) bool {
	patterns := strings.Split(pattern, "/")
	for i, element := range strings.Split(name, "/") {
		if strings.HasPrefix(element, ".") && i < len(patterns) && !strings.HasPrefix(patterns[i], ".") {
			return true
		}
	}
	return false
}
