// SPDX-License-Identifier: Apache-2.0

package legacy

import "strings"

// longest is what is told of another process's words at most, in octets.
const longest = 500

// Brief returns an error that says the beginning of what err does, which may have the words of another process in it: a number of
// any length, for one, that is no number of a part. It matches what err does.
func Brief(err error) error {
	if len(err.Error()) <= longest {
		return err
	}
	return brief{err}
}

type brief struct{ cause error }

func (b brief) Error() string { return strings.ToValidUTF8(b.cause.Error()[:longest], "") + "…" }
func (b brief) Unwrap() error { return b.cause }
