// SPDX-License-Identifier: Apache-2.0

package keepalived

import "slices"

const (
	maxDirectives = 1 << 19
	maxDepth      = 16 // blocks in each other; keepalived has use for six
)

// Parse reads the file that source names, and the files that it includes. It returns what could be read even if there are errors:
// each is an [*Error], and [errors.Join] joins them.
func Parse(source Source) (*Tree, error) {
	r := &report{}
	directives := parse(source, r)
	return &Tree{Directives: directives, Warnings: r.warnings}, r.err()
}

func parse(source Source, r *report) []Directive {
	p := &parser{lexer: newLexer(source, r)}
	return p.block(nil)
}

// parser turns tokens into directives.
type parser struct {
	*lexer
	depth    int
	count    int
	unclosed bool // reported once, for the innermost block
}

// block reads up to the brace that closes the block of owner, or up to the end if that is nil.
func (p *parser) block(owner *Directive) []Directive {
	directives := []Directive{}
	var last *Directive // the directive that a block may belong to
	for {
		tok, ok := p.next()
		switch {
		case !ok:
			p.checkClosed(owner)
			return directives
		case tok.kind == tokenClose && owner != nil:
			return directives
		case tok.kind == tokenClose:
			p.fail(tok.text, "", ErrSyntax, "a } closes no block")
		case tok.kind == tokenOpen:
			p.open(tok, owner, last)
			last = nil
		default:
			if p.count++; p.count > maxDirectives {
				p.stop(tok.text, "too many directives")
				continue
			}
			directives = append(directives, p.directive(tok, owner, last))
			last = &directives[len(directives)-1]
		}
	}
}

// directive makes a directive. It might be part of a password if it is in a block that holds some, in a line with one, or in the
// line after a directive that lacks its password.
func (p *parser) directive(tok token, owner, before *Directive) Directive {
	d := Directive{Name: tok.words[0], Args: tok.words[1:], File: tok.file, Line: tok.line}
	d.secret = owner.holdsSecrets() ||
		tok.secret && !knownAnywhere(d.Name) ||
		before != nil && len(before.Args) == 0 && slices.Contains(secretNames, before.Name)
	return d
}

// open reads a block, that of last unless that is nil.
func (p *parser) open(tok token, owner, last *Directive) {
	if p.depth++; p.depth > maxDepth {
		p.stop(tok.text, "too many blocks in each other")
		return
	}
	defer func() { p.depth-- }()
	if last != nil {
		last.Block = p.block(last)
		return
	}
	p.fail(tok.text, "", ErrSyntax, "the block belongs to no directive")
	stray := Directive{File: tok.file, Line: tok.line, secret: owner.holdsSecrets()}
	p.block(&stray)
}

// checkClosed reports at the end of the text that the block of owner is not closed.
func (p *parser) checkClosed(owner *Directive) {
	if owner == nil || p.unclosed || p.stopped {
		return
	}
	p.unclosed = true
	p.report.add(&Error{
		File: owner.File, Line: owner.Line, Directive: owner.title(), Reason: "the block is not closed", Err: ErrSyntax,
	})
}
