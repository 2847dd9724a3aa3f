// SPDX-License-Identifier: Apache-2.0

//go:build unix

package instances

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/keepalived"
)

// pipe is a FIFO of the file system.
type pipe struct {
	path string
	fd   int
	made bool
}

// openFIFO opens a FIFO, which it makes where there is none: for reading as well, so that there need be no reader. What is there
// must be a FIFO of ours or of the one that it is to belong to, as somebody else might read, or have put another file there.
func openFIFO(spec keepalived.FIFO) (io.WriteCloser, error) {
	uid, gid, err := ownerOf(spec)
	if err != nil {
		return nil, err
	}
	p := &pipe{path: spec.Path, fd: -1}
	if err := unix.Mkfifo(spec.Path, 0o644); err == nil {
		p.made = true
		if err := os.Lchown(spec.Path, uid, gid); err != nil {
			return nil, errors.Join(err, p.Close())
		}
	} else if err != unix.EEXIST {
		return nil, os.NewSyscallError("mkfifo", err)
	}
	if p.fd, err = unix.Open(spec.Path, unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0); err != nil {
		return nil, errors.Join(os.NewSyscallError("open", err), p.Close())
	}
	var stat unix.Stat_t
	if err = unix.Fstat(p.fd, &stat); err == nil && (stat.Mode&unix.S_IFMT != unix.S_IFIFO || int(stat.Uid) != os.Getuid() && int(stat.Uid) != uid) {
		err = errors.New("it is there already, and not a pipe of ours")
	}
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// Write writes as much as there is room for.
func (p *pipe) Write(b []byte) (int, error) {
	for {
		n, err := unix.Write(p.fd, b)
		if err != unix.EINTR {
			return max(n, 0), os.NewSyscallError("write", err)
		}
	}
}

// Close removes the pipe if it was made here.
func (p *pipe) Close() error {
	var errs []error
	if p.made {
		errs = append(errs, os.Remove(p.path))
	}
	if p.fd >= 0 {
		errs = append(errs, os.NewSyscallError("close", unix.Close(p.fd)))
	}
	return errors.Join(errs...)
}

// ownerOf returns whom a pipe is to belong to, by number; -1 where that isn't said.
func ownerOf(spec keepalived.FIFO) (uid, gid int, err error) {
	uid, gid = -1, -1
	if spec.User != "" {
		u, err := user.Lookup(spec.User)
		if err != nil {
			if u, err = user.LookupId(spec.User); err != nil {
				return 0, 0, fmt.Errorf("user %s: %w", spec.User, err)
			}
		}
		uid, _ = strconv.Atoi(u.Uid) // a number on these systems
		gid, _ = strconv.Atoi(u.Gid)
	}
	if spec.Group != "" {
		g, err := user.LookupGroup(spec.Group)
		if err != nil {
			if g, err = user.LookupGroupId(spec.Group); err != nil {
				return 0, 0, fmt.Errorf("group %s: %w", spec.Group, err)
			}
		}
		gid, _ = strconv.Atoi(g.Gid)
	}
	return uid, gid, nil
}
