// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	bindSetting   = "net/ipv4/ip_nonlocal_bind"
	memorySetting = "net/ipv4/tcp_rmem"
)

// fakeSysctls returns settings that are files of their own.
func fakeSysctls(t *testing.T) *Sysctls {
	t.Helper()
	s := &Sysctls{dir: t.TempDir()}
	setFake(t, s, bindSetting, "0\n")
	setFake(t, s, memorySetting, "4096\t131072\t6291456\n")
	return s
}

// setFake sets a setting as somebody else does.
func setFake(t *testing.T, s *Sysctls, name, value string) {
	t.Helper()
	path := filepath.Join(s.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(value), 0o644); err != nil {
		t.Fatal(err)
	}
}

// wantFake checks the value of a setting.
func wantFake(t *testing.T, s *Sysctls, name, want string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(name)))
	if got := strings.TrimSpace(string(b)); err != nil || got != want {
		t.Errorf("%s is %q, want %q (%v)", name, got, want, err)
	}
}

// apply applies settings that can be.
func apply(t *testing.T, s *Sysctls, settings ...Setting) (restore func()) {
	t.Helper()
	f, err := s.Apply(settings...)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if err := f(); err != nil {
			t.Error(err)
		}
	}
}

func TestSysctlsApplyAndRestore(t *testing.T) {
	s := fakeSysctls(t)
	restore := apply(t, s, Setting{bindSetting, "1"}, Setting{memorySetting, "4096 131072 6291456"})
	wantFake(t, s, bindSetting, "1")
	wantFake(t, s, memorySetting, "4096\t131072\t6291456") // had the value
	restore()
	wantFake(t, s, bindSetting, "0")
	if len(s.held) != 0 {
		t.Errorf("still held: %v", s.held)
	}
	setFake(t, s, bindSetting, "1\n")
	restore()
	wantFake(t, s, bindSetting, "1")
}

func TestSysctlsSeveralUsers(t *testing.T) {
	s := fakeSysctls(t)
	first := apply(t, s, Setting{bindSetting, "1"})
	second := apply(t, s, Setting{bindSetting, "1"}, Setting{bindSetting, "1"})
	first()
	first()
	wantFake(t, s, bindSetting, "1")

	_, err := s.Apply(Setting{bindSetting, "2"})
	want := &SettingError{Setting{bindSetting, "2"}, "1", ErrSettingHeld}
	if e, _ := errors.AsType[*SettingError](err); e == nil || *e != *want {
		t.Errorf("error %v, want %v", err, want)
	}

	second()
	wantFake(t, s, bindSetting, "0")
}

// TestSysctlsFormer wants the value to be put back told, whoever holds the setting.
func TestSysctlsFormer(t *testing.T) {
	s := fakeSysctls(t)
	for range 2 {
		if got, err := s.former(bindSetting); got != "0" || err != nil {
			t.Errorf("former value %q, %v", got, err)
		}
		defer apply(t, s, Setting{bindSetting, "1"})()
	}
	if _, err := s.former("net/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// TestSysctlsOthersDecide changes a setting while it is held: the next user sets it again, and one that was changed
// stays as it is.
func TestSysctlsOthersDecide(t *testing.T) {
	s := fakeSysctls(t)
	first := apply(t, s, Setting{bindSetting, "1"})
	setFake(t, s, bindSetting, "0\n")
	second := apply(t, s, Setting{bindSetting, "1"})
	wantFake(t, s, bindSetting, "1")
	setFake(t, s, bindSetting, "7\n")
	second()
	first()
	wantFake(t, s, bindSetting, "7")
}

// TestSysctlsAllOrNothing wants everything as it was if something can't be set, and told all that can't.
func TestSysctlsAllOrNothing(t *testing.T) {
	s := fakeSysctls(t)
	_, err := s.Apply(Setting{bindSetting, "1"}, Setting{"net/ipv4/none", "1"}, Setting{"kernel/panic", "1"}, Setting{"net/../kernel/panic", "1"})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	for _, name := range []string{"net/ipv4/none", "netif: kernel/panic", "net/../kernel/panic"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("error says nothing of %s: %v", name, err)
		}
	}
	wantFake(t, s, bindSetting, "0")
	if len(s.held) != 0 {
		t.Errorf("still held: %v", s.held)
	}
}

func TestSysctlsVerify(t *testing.T) {
	s := fakeSysctls(t)
	if err := s.Verify(Setting{bindSetting, "0"}, Setting{memorySetting, "4096 131072 6291456"}); err != nil {
		t.Error(err)
	}
	err := s.Verify(Setting{bindSetting, "1"}, Setting{memorySetting, "1 2 3"})
	if !errors.Is(err, ErrSettingDiffers) {
		t.Errorf("error %v", err)
	}
	want := `netif: net/ipv4/ip_nonlocal_bind is 0, wanted 1: value differs; fix: sysctl -w net/ipv4/ip_nonlocal_bind=1
netif: net/ipv4/tcp_rmem is 4096	131072	6291456, wanted 1 2 3: value differs; fix: sysctl -w 'net/ipv4/tcp_rmem=1 2 3'`
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func TestSysctlsVerifyOnly(t *testing.T) {
	s := fakeSysctls(t)
	s.VerifyOnly = true
	restore := apply(t, s, Setting{bindSetting, "0"})
	if _, err := s.Apply(Setting{memorySetting, "1 2 3"}); !errors.Is(err, ErrSettingDiffers) {
		t.Errorf("error %v", err)
	}
	setFake(t, s, bindSetting, "1\n")
	if _, err := s.Apply(Setting{bindSetting, "0"}); !errors.Is(err, ErrSettingDiffers) {
		t.Errorf("error %v", err)
	}
	restore()
	wantFake(t, s, bindSetting, "1")
}

// TestSettingErrorReadOnly wants what a container meets to count as a matter of permission.
func TestSettingErrorReadOnly(t *testing.T) {
	err := error(&SettingError{Setting{bindSetting, "1"}, "0", syscall.EROFS})
	if !errors.Is(err, os.ErrPermission) || !errors.Is(err, syscall.EROFS) {
		t.Errorf("error %v", err)
	}
	if errors.Is(&SettingError{Err: syscall.EINVAL}, os.ErrPermission) {
		t.Error("an invalid value is no matter of permission")
	}
}
