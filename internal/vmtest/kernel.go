// SPDX-License-Identifier: Apache-2.0

package vmtest

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// kernel is a kernel for guests, with its modules.
type kernel struct {
	dir     string
	files   map[string]string // modules by name
	builtin []string          // names of those that are part of the kernel
}

// openKernel finds the kernel in the user's folder for caches, as .ci/kernel left it there.
func openKernel() (*kernel, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	k := &kernel{dir: filepath.Join(cache, "fhrp", "kernel"), files: map[string]string{}}
	if _, err := os.Stat(k.image()); err != nil {
		return nil, err
	}
	builtin, err := os.ReadFile(filepath.Join(k.dir, "modules", "modules.builtin"))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(builtin)) {
		k.builtin = append(k.builtin, moduleName(strings.TrimSpace(line)))
	}
	return k, filepath.WalkDir(filepath.Join(k.dir, "modules"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.Contains(d.Name(), ".ko") {
			k.files[moduleName(path)] = path
		}
		return err
	})
}

// image returns the path of the kernel itself.
func (k *kernel) image() string { return filepath.Join(k.dir, "vmlinuz") }

// moduleName returns the name of the module in a file, which may be compressed. The kernel takes - and _ for the same.
func moduleName(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ".ko")
	return strings.ReplaceAll(name, "-", "_")
}

// load returns the modules of these names and those that they depend on, in the order to load them in.
func (k *kernel) load(names []string) ([][]byte, error) {
	var modules [][]byte
	done := map[string]bool{}
	var add func(name string) error
	add = func(name string) error {
		name = moduleName(name)
		if done[name] || slices.Contains(k.builtin, name) {
			return nil
		}
		done[name] = true
		content, err := k.read(name)
		if err != nil {
			return err
		}
		needed, err := depends(content)
		if err != nil {
			return fmt.Errorf("vmtest: module %s: %w", name, err)
		}
		for _, other := range needed {
			if err := add(other); err != nil {
				return err
			}
		}
		modules = append(modules, content)
		return nil
	}
	for _, name := range names {
		if err := add(name); err != nil {
			return nil, err
		}
	}
	return modules, nil
}

// read returns a module as insmod takes it.
func (k *kernel) read(name string) ([]byte, error) {
	path := k.files[name]
	switch filepath.Ext(path) {
	case "":
		return nil, fmt.Errorf("vmtest: the kernel in %s has no module %s", k.dir, name)
	case ".xz":
		return exec.Command("xz", "-dc", path).Output()
	case ".zst":
		return exec.Command("zstd", "-dcq", path).Output()
	}
	return os.ReadFile(path)
}

// depends returns the modules that must be loaded before this one: what its section .modinfo says in "depends=a,b".
func depends(module []byte) ([]string, error) {
	file, err := elf.NewFile(bytes.NewReader(module))
	if err != nil {
		return nil, err
	}
	section := file.Section(".modinfo")
	if section == nil {
		return nil, fmt.Errorf("no section .modinfo")
	}
	info, err := section.Data()
	if err != nil {
		return nil, err
	}
	for entry := range strings.SplitSeq(string(info), "\x00") {
		if list, ok := strings.CutPrefix(entry, "depends="); ok && list != "" {
			return strings.Split(list, ","), nil
		}
	}
	return nil, nil
}
