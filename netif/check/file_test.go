// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-fhrp/fhrp/netif/check"
)

// TestFileAsKeepalived holds what the number in a track_file may look like.
func TestFileAsKeepalived(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weight")
	for text, want := range map[string]int{
		"0": 0, "7\n": 7, "-20\n": -20, "+5": 5, "  12 \n": 12, "\n\n3": 3, "0x1f": 31, "010": 8, "-0x10": -16,
		"5 # by hand": 5, "5\nsecond line": 5,
		"2147483647": 2147483647, "-2147483648": -2147483648,
		"9 " + strings.Repeat("x", 1<<20): 9,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := check.File(path)(limited(t)); err != nil || got != want {
			t.Errorf("%.20q: %d, %v, want %d", text, got, err, want)
		}
	}
}

func TestFileWithoutNumber(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weight")
	for _, text := range []string{
		"", " \n", "x", "5x", "0x", "--5", "1.5", "2147483648", "-2147483649", "99999999999999999999", "\x00", "5\x00",
		strings.Repeat(" ", 1000) + "5",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := check.File(path)(limited(t))
		if !errors.Is(err, check.ErrNoNumber) || got != 0 || !strings.Contains(err.Error(), path) {
			t.Errorf("%.20q: %d, %v", text, got, err)
		}
	}
}

// TestFileMissing wants the error of the system, and the number when the file comes.
func TestFileMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weight")
	file := check.File(path)
	if _, err := file(limited(t)); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
	if err := os.WriteFile(path, []byte("4"), 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := file(limited(t)); n != 4 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := check.File(filepath.Dir(path))(limited(t)); err == nil {
		t.Error("a folder has a number")
	}
}

func TestExists(t *testing.T) {
	path := filepath.Join(t.TempDir(), "maintenance")
	exists := check.Exists(path)
	if err := exists(limited(t)); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := exists(limited(t)); err != nil {
		t.Error(err)
	}
	if err := check.Exists(filepath.Dir(path))(limited(t)); err != nil {
		t.Error(err)
	}
}
