// SPDX-License-Identifier: Apache-2.0

// Package manual makes the manual pages of programs, in the language mdoc(7) of BSD and of man-db, of what there is anyway: the
// comment of the package, and what the program prints about its options when it is asked for help.
//
//	go generate ./examples/...      # makes the pages anew; their tests say when that is due
package manual

import (
	"cmp"
	"errors"
	"fmt"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// Date is that of the pages: they are about a version of the module.
const Date = "November 21, 2026"

// Page is the manual page of a program.
type Page struct {
	Name    string   // of the program
	Comment string   // of its package, which begins with "Command" and the name
	Help    string   // what it prints about its options, as package flag or in lines "--option=VALUE (-o) text"
	SeeAlso []string // other programs with a page
}

// Hold writes the page of the program in a folder to the file that is named after it, with the section 8, or compares it with
// that. The error says how to make it anew.
func Hold(dir, name, help string, write bool) error {
	text, err := packageComment(dir)
	if err != nil {
		return err
	}
	page := Page{Name: name, Comment: text, Help: help, SeeAlso: []string{"carpd", "director", "metrics", "observe", "realserver", "vrrpd"}}
	want, err := page.Format()
	if err != nil {
		return err
	}
	file := filepath.Join(dir, name+".8")
	if write {
		return os.WriteFile(file, []byte(want), 0o644)
	}
	have, err := os.ReadFile(file)
	if err != nil || string(have) != want {
		return cmp.Or(err, fmt.Errorf("%s is stale: go generate, in its folder", file))
	}
	return nil
}

// packageComment returns the comment of the package in a folder.
func packageComment(dir string) (string, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return "", err
	}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			return "", err
		}
		if file.Doc != nil {
			return file.Doc.Text(), nil
		}
	}
	return "", fmt.Errorf("%s: no package comment", dir)
}

// Format returns the page in mdoc.
func (p *Page) Format() (string, error) {
	doc := new(comment.Parser).Parse(p.Comment)
	if len(doc.Content) < 2 {
		return "", errors.New("the comment has less than a sentence and a synopsis")
	}
	first, ok := doc.Content[0].(*comment.Paragraph)
	synopsis, code := doc.Content[1].(*comment.Code)
	if !ok || !code {
		return "", errors.New("the comment doesn't begin with a sentence and a synopsis")
	}
	options := parseHelp(p.Help)
	if len(options) == 0 {
		return "", errors.New("no options in the help")
	}
	lead, rest, _ := strings.Cut(plain(first.Text), ". ")
	lead = strings.TrimPrefix(strings.TrimSuffix(lead, "."), "Command "+p.Name+" ")
	var w writer
	w.line(".\\\" SPDX-License-Identifier: Apache-2.0")
	w.line(".\\\" Made by go generate of the comment of the package and the options of the program.")
	w.line(".Dd %s\n.Dt %s 8\n.Os\n.Sh NAME\n.Nm %s\n.Nd %s\n.Sh SYNOPSIS", Date, strings.ToUpper(p.Name), p.Name, escape(strings.SplitN(lead, ": ", 2)[0]))
	w.synopsis(p.Name, synopsis.Text)
	w.line(".Sh DESCRIPTION")
	w.text("The program " + lead + ". " + rest)
	w.blocks(doc.Content[2:])
	w.line(".Sh OPTIONS")
	w.options(options)
	w.seeAlso(p.Name, p.SeeAlso)
	return w.String(), nil
}
