// SPDX-License-Identifier: Apache-2.0

package jsonform

import "errors"

// Error is an error as its text. What is read is an error with this text, and matches
// no other.
type Error struct{ err *error }

// ErrorOf returns the form of a field.
func ErrorOf(field *error) Error { return Error{field} }

// IsZero reports whether there is no error, for the option omitzero.
func (e Error) IsZero() bool { return e.err == nil || *e.err == nil }

// MarshalText returns the text.
func (e Error) MarshalText() ([]byte, error) {
	if e.IsZero() {
		return nil, nil
	}
	return []byte((*e.err).Error()), nil
}

// UnmarshalText makes an error of a text, and none of an empty one.
func (e Error) UnmarshalText(text []byte) error {
	switch {
	case e.err == nil:
	case len(text) == 0:
		*e.err = nil
	default:
		*e.err = errors.New(string(text))
	}
	return nil
}
