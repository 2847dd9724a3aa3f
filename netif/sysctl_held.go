// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// A heldSysctl is a setting that is held at a value. Its file stays open: it is that of one network namespace and
// one link, whatever namespace the thread is in and whichever link has the name by then.
type heldSysctl struct {
	Setting
	former   string
	users    int
	file     *os.File
	readOnly error // why the file can't be written to
}

// maxSysctl is more than the value of any setting this is for.
const maxSysctl = 4096

// read returns the value.
func (h *heldSysctl) read() (string, error) {
	b := make([]byte, maxSysctl)
	n, err := h.file.ReadAt(b, 0)
	if err != nil && err != io.EOF {
		return "", err
	}
	return strings.TrimSpace(string(b[:n])), nil
}

// gone reports whether the setting went with its link.
func (h *heldSysctl) gone() bool {
	_, err := h.read()
	return errors.Is(err, fs.ErrNotExist)
}

// set makes the value what it is to be, or if it must not be written to says that it is not.
func (h *heldSysctl) set(write bool) error {
	current, err := h.read()
	switch {
	case err == nil && sameValue(current, h.Want):
		return nil
	case err == nil && !write:
		err = ErrSettingDiffers
	case err == nil:
		err = h.write(h.Want)
	}
	if err != nil {
		return &SettingError{h.Setting, current, err}
	}
	return nil
}

// write sets the value and looks whether the kernel took it.
func (h *heldSysctl) write(value string) error {
	if h.readOnly != nil {
		return h.readOnly
	}
	if _, err := h.file.WriteAt([]byte(value+"\n"), 0); err != nil {
		return err
	}
	now, err := h.read()
	if err == nil && !sameValue(now, value) {
		err = errors.New("the kernel made it " + now)
	}
	return err
}

// putBack sets the former value, unless it is not ours any more.
func (h *heldSysctl) putBack() error {
	defer h.file.Close()
	if sameValue(h.former, h.Want) {
		return nil
	}
	current, err := h.read()
	if errors.Is(err, fs.ErrNotExist) || err == nil && !sameValue(current, h.Want) {
		return nil
	}
	if err == nil {
		err = h.write(h.former)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &SettingError{Setting{h.Name, h.former}, current, err}
	}
	return nil
}

// sameValue compares values, several numbers in one line included.
func sameValue(a, b string) bool { return slices.Equal(strings.Fields(a), strings.Fields(b)) }
