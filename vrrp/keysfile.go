// SPDX-License-Identifier: Apache-2.0

package vrrp

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// maxSecretFile is more than a secret of 64 octets takes in any form, with a line
// end and some spaces.
const maxSecretFile = 256

// ErrSecretExposed is returned by [CheckSecretFile].
var ErrSecretExposed = errors.New("vrrp: the file of a secret is open to group or others")

// ReadSecret returns the secret in a file: the text of [ParseSecret], and line
// ends behind it. What a systemd unit was given by LoadCredential= or
// LoadCredentialEncrypted= (systemd.exec(5)) is read with
//
//	vrrp.ReadSecret(os.DirFS(os.Getenv("CREDENTIALS_DIRECTORY")), "vrrp51")
//
// Errors of the file system keep their cause, for [errors.Is] with
// [fs.ErrNotExist] and the like; a content that can't be is a [*ValueError], which
// doesn't show it.
func ReadSecret(fsys fs.FS, name string) (Secret, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return Secret{}, fmt.Errorf("vrrp: secret: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return Secret{}, fmt.Errorf("vrrp: secret in %s: %w", name, err)
	}
	if len(b) > maxSecretFile {
		return Secret{}, &ValueError{Name: "length of the file " + name, Value: "above 256 octets", Allowed: "a secret and line ends"}
	}
	secret, err := ParseSecret(strings.TrimRight(string(b), "\r\n"))
	if err != nil {
		return Secret{}, fmt.Errorf("vrrp: secret in %s: %w", name, err)
	}
	return secret, nil
}

// CheckSecretFile returns an error that is [ErrSecretExposed] if the permissions
// of a file let others than its owner read, write or execute it: something to
// warn of. Credentials of a unit with User= are, and harmless. Errors of the file
// system keep their cause.
func CheckSecretFile(fsys fs.FS, name string) error {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return fmt.Errorf("vrrp: secret: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%w: %s has mode %v, should have 0600", ErrSecretExposed, name, mode)
	}
	return nil
}
