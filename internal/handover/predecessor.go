// SPDX-License-Identifier: Apache-2.0

//go:build unix

package handover

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// maxFiles bounds how many files are inherited.
const maxFiles = 1 << 16

// Predecessor is the process that this one was started to replace. It is for one goroutine at a
// time.
type Predecessor struct {
	conn  net.Conn
	files []*os.File
}

// Open returns the process to replace, nil if there is none, by the arguments of this process
// without its name, and the others of them. What this process starts inherits nothing of it.
func Open(args []string) (p *Predecessor, rest []string, err error) {
	if len(args) == 0 || !strings.HasPrefix(args[0], Option) {
		return nil, args, nil
	}
	socket, files, err := parse(strings.TrimPrefix(args[0], Option))
	if err == nil {
		p, err = open(socket, files)
	}
	return p, args[1:], err
}

// open returns the process at the other end of a socket, with the files behind that.
func open(socket, files int) (_ *Predecessor, err error) {
	p := &Predecessor{}
	for i := range files {
		fd := socket + 1 + i
		syscall.CloseOnExec(fd)
		p.files = append(p.files, os.NewFile(uintptr(fd), "legacy "+strconv.Itoa(i)))
	}
	syscall.CloseOnExec(socket)
	file := os.NewFile(uintptr(socket), "predecessor")
	p.conn, err = net.FileConn(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// parse reads what follows Option.
func parse(value string) (socket, files int, err error) {
	first, second, _ := strings.Cut(value, ",")
	socket, err = strconv.Atoi(first)
	if err == nil {
		files, err = strconv.Atoi(second)
	}
	if err != nil || socket < firstFile || files < 0 || files > maxFiles {
		return 0, 0, fmt.Errorf("%s%q: allowed: two numbers", Option, value)
	}
	return socket, files, nil
}

// Files returns the files that were inherited.
func (p *Predecessor) Files() []*os.File { return p.files }

// Interrupt ends the wait of Ask, also if that hasn't begun, and nothing else: who has taken over by then
// says so. It is safe for concurrent use.
func (p *Predecessor) Interrupt() { _ = p.conn.SetReadDeadline(time.Unix(1, 0)) }

// Ask says that this process could take over, and returns the legacy when the predecessor gives
// it. The error tells that there will be none.
func (p *Predecessor) Ask() (legacy []byte, err error) {
	err = write(p.conn, ask, nil)
	k := bequest
	if err == nil {
		k, legacy, err = read(p.conn)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("predecessor: %w", err)
	case k != bequest:
		return nil, fmt.Errorf("predecessor: message of kind %d: allowed: %d", k, bequest)
	}
	return legacy, nil
}

// Taken says that this process has taken over. It is the last thing that is said: a predecessor that
// doesn't hear it has ended, or is about to end this process.
func (p *Predecessor) Taken(receipt []byte) { _ = write(p.conn, taken, receipt) }

// Refuse says why this process can't take over.
func (p *Predecessor) Refuse(err error) { _ = write(p.conn, refused, []byte(err.Error())) }

// Close closes what was inherited.
func (p *Predecessor) Close() error {
	var errs []error
	for _, f := range p.files {
		errs = append(errs, f.Close())
	}
	if p.files = nil; p.conn != nil {
		errs = append(errs, p.conn.Close())
	}
	return errors.Join(errs...)
}
