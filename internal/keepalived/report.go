// SPDX-License-Identifier: Apache-2.0

package keepalived

import (
	"errors"
	"fmt"
)

// report collects what is to be said about a configuration.
type report struct {
	errs     []error
	warnings []Warning
}

// add adds an error; after maxErrors one more says that there are others.
func (r *report) add(e *Error) {
	switch {
	case len(r.errs) < maxErrors:
		r.errs = append(r.errs, e)
	case len(r.errs) == maxErrors:
		r.errs = append(r.errs, &Error{File: e.File, Line: e.Line, Reason: "too many errors, the others are not shown", Err: ErrLimit})
	}
}

// warn adds a warning. Their number is bounded by that of the directives.
func (r *report) warn(w Warning) { r.warnings = append(r.warnings, w) }

// err returns the errors joined, nil if there are none.
func (r *report) err() error { return errors.Join(r.errs...) }

// fail adds an error about a directive; value is shown unless it might be part of a password.
func (r *report) fail(d *Directive, cause error, value, reason, allowed string) {
	r.add(&Error{
		File: d.File, Line: d.Line, Directive: d.title(), Value: d.value(value), Reason: reason, Allowed: allowed, Err: cause,
	})
}

// note adds a warning about a directive.
func (r *report) note(d *Directive, kind WarningKind, format string, args ...any) {
	r.warn(Warning{Kind: kind, File: d.File, Line: d.Line, Directive: d.title(), Text: fmt.Sprintf(format, args...)})
}
