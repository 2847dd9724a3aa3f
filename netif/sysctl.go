// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// Why a setting does not have the value it is to have, beside what the system says. To be tested for with
// [errors.Is]; [errors.As] finds a [*SettingError], which has the rest.
var (
	// ErrSettingDiffers says that a setting has another value, and was not to be changed.
	ErrSettingDiffers = errors.New("value differs")

	// ErrSettingHeld says that another user of the same [Sysctls] holds the setting at another value.
	ErrSettingHeld = errors.New("held by another user")
)

// A Setting is a kernel setting of a network namespace, a sysctl, with the value that it is to have.
type Setting struct {
	// Name is the path of the setting below /proc/sys, which begins with net. It has slashes, as names of links
	// may have dots: net/ipv4/conf/eth0.7/arp_ignore. sysctl(8) knows it by this name, too.
	Name string

	// Want is the value in the kernel's words. How much white space is between numbers does not matter.
	Want string
}

// Command returns the command that sets it by hand.
func (s Setting) Command() string {
	assignment := s.Name + "=" + s.Want
	if strings.ContainsAny(assignment, " \t") {
		assignment = "'" + assignment + "'"
	}
	return "sysctl -w " + assignment
}

// validate returns why there can't be such a setting in a network namespace.
func (s Setting) validate() error {
	if !strings.HasPrefix(s.Name, "net/") || !fs.ValidPath(s.Name) {
		return errors.New("not the path of a setting of a network namespace")
	}
	return nil
}

// A SettingError says why a setting does not have the value it is to have. Where several don't, an error joins
// one for each.
type SettingError struct {
	Setting Setting
	Current string // the value that it has, empty if it could not be read
	Err     error  // the cause, see [Sysctls.Apply]
}

// Error returns the setting, both values, the cause, and the command that sets it by hand.
func (e *SettingError) Error() string {
	if e.Current == "" {
		return fmt.Sprintf("netif: %s: %v", e.Setting.Name, e.Err)
	}
	return fmt.Sprintf("netif: %s is %s, wanted %s: %v; fix: %s",
		e.Setting.Name, e.Current, e.Setting.Want, e.Err, e.Setting.Command())
}

// Unwrap returns the cause.
func (e *SettingError) Unwrap() error { return e.Err }

// Is reports that a read-only file system, which /proc/sys is in most containers, is a matter of permission.
func (e *SettingError) Is(target error) bool {
	return target == os.ErrPermission && errors.Is(e.Err, syscall.EROFS)
}

// Sysctls sets kernel settings for several users, and puts back what was there when the last one is done. The
// zero value is for use. It is safe for concurrent use, and must not be copied.
//
// The settings are those of the network namespace of the thread that calls Apply or Verify, which is to be the
// same one each time. Of a process that is killed they stay as they are.
type Sysctls struct {
	// VerifyOnly has Apply set nothing: a setting that differs is an error, as it is with Verify. It is not to be
	// changed after the first call.
	VerifyOnly bool

	mu   sync.Mutex
	dir  string // instead of /proc/sys, for tests
	held map[string]*heldSysctl
}

// Apply has each setting set to the value it is to have, and returns the function that ends this, in the reverse
// order. A setting that had the value already is left alone. If one can't be set, those that were set by this call
// are put back.
//
// Several users may apply the same setting, with the same value; it is put back after the last of them. It is not
// put back if somebody else has changed it meanwhile, or if it went with its link. restore may be called from any
// thread, and does nothing the second time.
//
// The error joins a [*SettingError] for each setting that failed. It matches [os.ErrPermission] if /proc/sys is
// read-only or the process lacks CAP_NET_ADMIN in the user namespace of the network namespace, [fs.ErrNotExist] if
// there is no such setting or link, [ErrSettingHeld], and with VerifyOnly [ErrSettingDiffers]. Where this is not
// Linux it matches [errors.ErrUnsupported].
func (s *Sysctls) Apply(settings ...Setting) (restore func() error, err error) {
	held, err := s.apply(settings)
	if err != nil {
		return nil, err
	}
	return sync.OnceValue(func() error { return s.release(held) }), nil
}

// apply is Apply; what it returns is for release.
func (s *Sysctls) apply(settings []Setting) ([]*heldSysctl, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var held []*heldSysctl
	var errs []error
	for _, setting := range settings {
		h, err := s.hold(setting)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		held = append(held, h)
	}
	if len(errs) > 0 {
		return nil, errors.Join(append(errs, s.releaseLocked(held))...)
	}
	return held, nil
}

// setAgain sets settings that are held, where somebody else has changed them. Those that went with their link are left
// out.
func (s *Sysctls) setAgain(held []*heldSysctl) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, h := range held {
		if err := h.set(!s.VerifyOnly); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Verify returns nil if each setting has the value it is to have. The error joins a [*SettingError] for each that
// has not, which matches [ErrSettingDiffers] or is that of Apply.
func (s *Sysctls) Verify(settings ...Setting) error {
	var errs []error
	for _, setting := range settings {
		h, err := s.open(setting, false)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, h.set(false))
		h.file.Close()
	}
	return errors.Join(errs...)
}

// hold counts a user of a setting, which it sets if need be.
func (s *Sysctls) hold(setting Setting) (*heldSysctl, error) {
	h := s.held[setting.Name]
	switch {
	case h == nil || h.gone():
		return s.add(setting)
	case !sameValue(h.Want, setting.Want):
		return nil, &SettingError{setting, h.Want, ErrSettingHeld}
	}
	if err := h.set(!s.VerifyOnly); err != nil {
		return nil, err
	}
	h.users++
	return h, nil
}

// add sets a setting for its first user.
func (s *Sysctls) add(setting Setting) (*heldSysctl, error) {
	h, err := s.open(setting, !s.VerifyOnly)
	if err != nil {
		return nil, err
	}
	if err := h.set(!s.VerifyOnly); err != nil {
		h.file.Close()
		return nil, err
	}
	if s.held == nil {
		s.held = make(map[string]*heldSysctl)
	}
	h.users = 1
	s.held[setting.Name] = h
	return h, nil
}

// release counts the users of settings less, and puts back those that have none any more.
func (s *Sysctls) release(held []*heldSysctl) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.releaseLocked(held)
}

func (s *Sysctls) releaseLocked(held []*heldSysctl) error {
	var errs []error
	for _, h := range slices.Backward(held) {
		if h.users--; h.users > 0 {
			continue
		}
		if s.held[h.Name] == h {
			delete(s.held, h.Name)
		}
		errs = append(errs, h.putBack())
	}
	return errors.Join(errs...)
}

// former returns the value that a setting had before it was held, or has if it is not.
func (s *Sysctls) former(name string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.held[name]; h != nil && !h.gone() {
		return h.former, nil
	}
	h, err := s.open(Setting{Name: name}, false)
	if err != nil {
		return "", err
	}
	defer h.file.Close()
	return h.former, nil
}

// holdsOtherwise reports whether a setting is held at another value.
func (s *Sysctls) holdsOtherwise(setting Setting) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.held[setting.Name]
	return h != nil && !h.gone() && !sameValue(h.Want, setting.Want)
}

// open opens a setting and reads its value. If it can't be written to it is opened for reading.
func (s *Sysctls) open(setting Setting, write bool) (*heldSysctl, error) {
	if err := setting.validate(); err != nil {
		return nil, &SettingError{Setting: setting, Err: err}
	}
	if s.dir == "" && runtime.GOOS != "linux" {
		return nil, &SettingError{Setting: setting, Err: fmt.Errorf("%s: %w", runtime.GOOS, errors.ErrUnsupported)}
	}
	h := &heldSysctl{Setting: setting}
	path := s.path(setting.Name)
	if write {
		h.file, h.readOnly = os.OpenFile(path, os.O_RDWR, 0)
	}
	var err error
	if h.file == nil {
		h.file, err = os.Open(path)
	}
	if err == nil {
		if h.former, err = h.read(); err != nil {
			h.file.Close()
		}
	}
	if err != nil {
		return nil, &SettingError{Setting: setting, Err: err}
	}
	return h, nil
}

// path returns where a setting or a folder of settings is.
func (s *Sysctls) path(name string) string {
	return filepath.Join(cmp.Or(s.dir, "/proc/sys"), filepath.FromSlash(name))
}

// exists reports whether there is a setting or a folder of settings.
func (s *Sysctls) exists(name string) bool {
	_, err := os.Stat(s.path(name))
	return err == nil
}
