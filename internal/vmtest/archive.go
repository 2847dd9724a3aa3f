// SPDX-License-Identifier: Apache-2.0

package vmtest

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// archive is a file system for the kernel to start with, in the format newc of cpio(5). The zero value is for use.
type archive struct {
	data  bytes.Buffer
	names map[string]bool
}

// Kinds of files, as cpio has them.
const (
	kindDir  = 0o040000
	kindFile = 0o100000
)

// add adds a file, and the folders that it is in, if it isn't there yet.
func (a *archive) add(name string, content []byte, perm uint32) {
	if a.names[name] {
		return
	}
	a.mkdir(path.Dir(name))
	a.entry(name, kindFile|perm, content)
}

// mkdir adds a folder and those that it is in.
func (a *archive) mkdir(name string) {
	if name == "/" || a.names[name] {
		return
	}
	a.mkdir(path.Dir(name))
	a.entry(name, kindDir|0o755, nil)
}

// entry writes one entry. Names in the archive are relative to the root.
func (a *archive) entry(name string, mode uint32, content []byte) {
	if a.names == nil {
		a.names = map[string]bool{}
	}
	a.names[name] = true
	name = name[1:] + "\x00"
	// Magic, inode, mode, uid, gid, links, time, size, four device numbers, length of the name, checksum.
	fmt.Fprintf(&a.data, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		len(a.names), mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name), 0)
	a.data.WriteString(name)
	a.align()
	a.data.Write(content)
	a.align()
}

// align goes on to a multiple of four octets.
func (a *archive) align() { a.data.Write(make([]byte, -a.data.Len()&3)) }

// write writes the archive to a file.
func (a *archive) write(file string) error {
	a.entry("/TRAILER!!!", 0, nil)
	return os.WriteFile(file, a.data.Bytes(), 0o600)
}

// program adds a program under a name, and the libraries that it needs under the names that they have here.
func (a *archive) program(name, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	a.add(name, content, 0o755)
	if err := a.libraries(content); err != nil {
		return fmt.Errorf("vmtest: libraries of %s: %w", file, err)
	}
	return nil
}

// libraries adds what a program or library is linked with.
func (a *archive) libraries(content []byte) error {
	file, err := elf.NewFile(bytes.NewReader(content))
	if err != nil {
		return err
	}
	needed, err := file.ImportedLibraries()
	if err != nil {
		return err
	}
	interpreter, err := interpreterOf(file)
	if err != nil {
		return err
	}
	if interpreter != "" {
		needed = append(needed, interpreter)
	}
	for _, name := range needed {
		if err := a.library(name); err != nil {
			return err
		}
	}
	return nil
}

// library adds a library and what it needs itself.
func (a *archive) library(name string) error {
	for _, dir := range []string{"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"} {
		file := filepath.Join(dir, name)
		if filepath.IsAbs(name) {
			file = name
		}
		if a.names[file] {
			return nil
		}
		content, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		a.add(file, content, 0o755)
		return a.libraries(content)
	}
	return fmt.Errorf("%s: %w", name, fs.ErrNotExist)
}

// interpreterOf returns the path of the program that loads this one; static ones have none.
func interpreterOf(file *elf.File) (string, error) {
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP {
			b, err := io.ReadAll(p.Open())
			return string(bytes.TrimRight(b, "\x00")), err
		}
	}
	return "", nil
}
