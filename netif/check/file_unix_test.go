// SPDX-License-Identifier: Apache-2.0

//go:build unix

package check_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/go-fhrp/fhrp/netif/check"
)

// TestFileIsRegular wants what could block to be refused: a FIFO that nobody writes to, a device without end.
func TestFileIsRegular(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{fifo, "/dev/zero", "/"} {
		if _, err := check.File(path)(limited(t)); err == nil || !strings.Contains(err.Error(), path+": not a regular file") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestFilePermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	path := filepath.Join(t.TempDir(), "weight")
	if err := os.WriteFile(path, []byte("1"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := check.File(path)(limited(t)); !errors.Is(err, os.ErrPermission) {
		t.Errorf("error %v", err)
	}
}

// TestExistsDangling wants links followed.
func TestExistsDangling(t *testing.T) {
	path := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink("nowhere", path); err != nil {
		t.Fatal(err)
	}
	if err := check.Exists(path)(limited(t)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}
