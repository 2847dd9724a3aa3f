// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
)

// Pattern is what a page is searched for. The zero value is for no search.
type Pattern struct {
	Expr    string // as package regexp has it; "": none
	Without bool   // regex_no_match: the page must not have it
	Min     int    // regex_min_offset: it begins there or later
	Max     int    // regex_max_offset: it begins there or before; -1: anywhere
}

// patternFlags is what options of PCRE mean to package regexp.
var patternFlags = map[string]syntax.Flags{
	"caseless": syntax.FoldCase, "dotall": syntax.DotNL, "multiline": 0, "ungreedy": syntax.NonGreedy, "dollar_endonly": 0,
	// Those that have no influence on what is found.
	"auto_callout": 0, "dupnames": 0, "never_backslash_c": 0, "never_ucp": 0, "never_utf": 0, "no_auto_capture": 0,
	"no_auto_possess": 0, "no_dotstar_anchor": 0, "no_start_optimize": 0, "use_offset_limit": 0, "utf": 0,
}

// patternDraft is a pattern that is being read.
type patternDraft struct {
	Pattern
	at      *Directive
	options []string
}

// read reads a directive of url about a pattern.
func (p *patternDraft) read(b *balancer, d *Directive) bool {
	switch d.Name {
	case "regex":
		p.at = d
		p.Expr, _ = b.one(d, "a regular expression")
	case "regex_no_match":
		b.atMost(d, 0)
		p.Without = true
	case "regex_options":
		p.options = append(p.options, d.Args...)
	case "regex_min_offset":
		setNumber(b.report, d, &p.Min, 0, maxCount)
	case "regex_max_offset":
		setNumber(b.report, d, &p.Max, 0, maxCount)
	case "regex_stack": // package regexp needs none
	default:
		return false
	}
	return true
}

// pattern returns what was read, translated from PCRE. What can't be is noted, and not searched for.
func (b *balancer) pattern(p *patternDraft) Pattern {
	if p.Expr == "" {
		return Pattern{}
	}
	expr, err := translatePattern(p.Expr, p.options)
	if err != nil {
		b.note(p.at, Unsupported, "%v: the page is not searched", err)
		return Pattern{}
	}
	p.Expr = expr
	return p.Pattern
}

// translatePattern returns a pattern of PCRE as package regexp has it.
func translatePattern(pattern string, options []string) (string, error) {
	flags, end := syntax.Perl, true
	for _, o := range options {
		f, ok := patternFlags[o]
		if !ok {
			return "", fmt.Errorf("the option %q has no counterpart", o)
		}
		flags |= f
		switch o {
		case "multiline":
			flags &^= syntax.OneLine
		case "dollar_endonly":
			end = false
		}
	}
	tree, err := syntax.Parse(pattern, flags)
	if err != nil {
		var problem *syntax.Error
		if errors.As(err, &problem) {
			err = errors.New(problem.Code.String() + ": " + strings.ToValidUTF8(problem.Expr, "?"))
		}
		return "", err
	}
	if end {
		endBeforeNewline(tree)
	}
	return tree.String(), nil
}

// endBeforeNewline has $ match before a last line feed too, as PCRE does.
func endBeforeNewline(r *syntax.Regexp) {
	for _, sub := range r.Sub {
		endBeforeNewline(sub)
	}
	if r.Op != syntax.OpEndText || r.Flags&syntax.WasDollar == 0 {
		return
	}
	feed := &syntax.Regexp{Op: syntax.OpLiteral, Rune: []rune{'\n'}}
	feed.Rune0[0] = '\n'
	maybe := &syntax.Regexp{Op: syntax.OpQuest, Sub: []*syntax.Regexp{feed}}
	last := &syntax.Regexp{Op: syntax.OpEndText}
	*r = syntax.Regexp{Op: syntax.OpConcat, Sub: []*syntax.Regexp{maybe, last}}
}
