// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// ErrNoNumber is what the error of a check by [File] matches if there is no number in the file.
var ErrNoNumber = errors.New("no number")

// maxFile is how much of a file is read, in octets.
const maxFile = 128

// Exists returns a check that there is something by that name in the file system. Symbolic links are followed. The error
// matches [os.ErrNotExist] if there is not.
func Exists(path string) func(context.Context) error {
	return func(context.Context) error {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("check: %w", err)
		}
		return nil
	}
}

// File returns a check that yields the number that stands in a regular file, as keepalived's track_file: the first word, an
// integer of 32 bits, decimal, hexadecimal after 0x, or octal after 0. What follows is ignored, and so is what lies beyond
// the first 128 octets.
//
// Unlike there it is an error, not 0, if the file is missing ([os.ErrNotExist]) or has no number ([ErrNoNumber]): a file
// that is being written is empty for a moment. Better put another one in its place, by rename(2).
func File(path string) func(context.Context) (int, error) {
	return func(context.Context) (int, error) {
		text, err := head(path)
		if err != nil {
			return 0, fmt.Errorf("check: %w", err)
		}
		n, err := number(text)
		if err != nil {
			return 0, fmt.Errorf("check: %s: %w", path, err)
		}
		return n, nil
	}
}

// head returns the beginning of a file.
func head(path string) (string, error) {
	// A FIFO that nobody writes to must not block.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s: not a regular file", path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile))
	return string(text), err
}

// number returns the number that a text begins with.
func number(text string) (int, error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return 0, fmt.Errorf("%w: empty", ErrNoNumber)
	}
	n, err := strconv.ParseInt(words[0], 0, 32)
	if errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("%w of 32 bits: %q", ErrNoNumber, words[0])
	}
	if err != nil {
		return 0, fmt.Errorf("%w: %q", ErrNoNumber, words[0])
	}
	return int(n), nil
}
