// SPDX-License-Identifier: Apache-2.0

package netif

import (
	"errors"
	"fmt"
	"os"
	"time"
	"unsafe"

	xbpf "golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/bpf"
	"github.com/go-fhrp/fhrp/internal/rtsock"
)

// bpfPath is the device that gives each who opens it a descriptor of his own.
const bpfPath = "/dev/bpf"

const (
	// packetBuffer is for some thousand advertisements. The kernel has two of them for a descriptor.
	packetBuffer = 256 << 10

	// claimBuffer is for some hundred frames.
	claimBuffer = 64 << 10

	// maxFrames bounds what a descriptor gives at once: a flood must not keep the loop from its timers.
	maxFrames = 1024
)

// A bpfDevice is a descriptor of bpf(4) that sees frames that come in by a link.
type bpfDevice struct {
	fd    int
	ready bool
	buf   []byte        // as long as the kernel's: a read must ask for all of it
	left  []byte        // of what was read, not handed over yet
	at    time.Time     // when it was read
	clock time.Duration // the same by the clock of the stamps
}

// ifreq is struct ifreq as BIOCSETIF takes it: 32 octets, of which it reads the name.
type ifreq struct {
	name [unix.IFNAMSIZ]byte
	_    [16]byte
}

// openDescriptor opens the device.
func openDescriptor(mode int) (int, error) {
	fd, err := unix.Open(bpfPath, mode|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: bpfPath, Err: err}
	}
	return fd, nil
}

// mayOpen returns why the device can't be opened, which is for want of privileges in most cases.
func (*port) mayOpen() error {
	fd, err := openDescriptor(unix.O_RDWR)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

// openBPF returns a descriptor that sees the frames that a filter lets through, and can send.
func openBPF(l *rtsock.Link, filter []xbpf.Instruction, size int) (*bpfDevice, error) {
	fd, err := openDescriptor(unix.O_RDWR)
	if err != nil {
		return nil, err
	}
	d := &bpfDevice{fd: fd}
	if err := d.setUp(l, filter, size); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return d, nil
}

// setUp makes a new descriptor one of a link. It sees nothing before the filter is set. The size of the buffer can't be
// set afterwards, and the kernel may make it smaller.
func (d *bpfDevice) setUp(l *rtsock.Link, filter []xbpf.Instruction, size int) error {
	length := uint32(size)
	if err := ioctl(d.fd, "BIOCSBLEN", unix.BIOCSBLEN, unsafe.Pointer(&length)); err != nil {
		return err
	}
	d.buf = make([]byte, length)
	if err := setNumbers(d.fd, []number{
		{"BIOCSTSTAMP", unix.BIOCSTSTAMP, unix.BPF_T_NANOTIME_MONOTONIC},
		{"BIOCIMMEDIATE", unix.BIOCIMMEDIATE, 1},
		{"BIOCSDIRECTION", unix.BIOCSDIRECTION, directionIn},
	}); err != nil {
		return err
	}
	return bindDevice(d.fd, l, filter)
}

// directionIn is BPF_D_IN: frames that this host sends are not seen, by whichever descriptor they are sent.
const directionIn = 0

// bindDevice sets the filter of a descriptor and makes it one of a link. Frames that are sent by it have the MAC address
// in their header for a source, and not that of the link.
func bindDevice(fd int, l *rtsock.Link, filter []xbpf.Instruction) error {
	if err := setFilter(fd, filter); err != nil {
		return err
	}
	var request ifreq
	copy(request.name[:maxName], l.Name)
	if err := ioctl(fd, "BIOCSETIF", unix.BIOCSETIF, unsafe.Pointer(&request)); err != nil {
		return err
	}
	var kind uint32
	if err := ioctl(fd, "BIOCGDLT", unix.BIOCGDLT, unsafe.Pointer(&kind)); err != nil {
		return err
	}
	if kind != unix.DLT_EN10MB {
		return fmt.Errorf("no Ethernet, but data link type %d: %w", kind, errors.ErrUnsupported)
	}
	return setNumbers(fd, []number{{"BIOCSHDRCMPLT", unix.BIOCSHDRCMPLT, 1}})
}

// setFilter sets the filter of a descriptor.
func setFilter(fd int, filter []xbpf.Instruction) error {
	assembled, err := xbpf.Assemble(filter)
	if err != nil {
		return err
	}
	instructions := make([]unix.BpfInsn, len(assembled))
	for i, in := range assembled {
		instructions[i] = unix.BpfInsn{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	program := unix.BpfProgram{Len: uint32(len(instructions)), Insns: unsafe.SliceData(instructions)}
	return ioctl(fd, "BIOCSETF", unix.BIOCSETF, unsafe.Pointer(&program))
}

// listen opens a descriptor that wait looks at.
func (n *network) listen(l *rtsock.Link, filter []xbpf.Instruction, size int) (*bpfDevice, error) {
	d, err := openBPF(l, filter, size)
	if err != nil {
		return nil, err
	}
	if err := n.poll.add(d.fd, &d.ready); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// unlisten closes a descriptor, if there is one.
func (n *network) unlisten(d *bpfDevice) {
	if d != nil {
		n.poll.remove(d.fd)
		d.close()
	}
}

// drain hands over frames that have arrived, within bounds: more is true if some may be left.
func (d *bpfDevice) drain(f func(frame []byte, at time.Time)) (more bool, err error) {
	for range maxFrames {
		r, rest, ok := bpf.Next(d.left)
		d.left = rest
		if ok {
			f(r.Frame, bpf.Arrival(d.at, d.clock, r.Stamp))
			continue
		}
		if ok, err := d.fill(); !ok {
			return false, err
		}
	}
	return true, nil
}

// fill reads what there is. It is not ok if there is nothing.
func (d *bpfDevice) fill() (ok bool, err error) {
	n, err := unix.Read(d.fd, d.buf)
	switch {
	case errors.Is(err, unix.EINTR):
		return true, nil
	case errors.Is(err, unix.EAGAIN) || err == nil && n == 0:
		return false, nil
	case err != nil:
		return false, os.NewSyscallError("read", err)
	}
	var clock unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &clock) // with zero for a clock, frames arrived when they are read
	d.left, d.at, d.clock = d.buf[:n], time.Now(), time.Duration(clock.Nano())
	return true, nil
}

// send sends a frame.
func (d *bpfDevice) send(frame []byte) error { return writeFrame(d.fd, frame) }

// writeFrame sends a frame, which is for one write to do.
func writeFrame(fd int, frame []byte) error {
	for {
		if _, err := unix.Write(fd, frame); !errors.Is(err, unix.EINTR) {
			return os.NewSyscallError("write", err)
		}
	}
}

// close closes the descriptor.
func (d *bpfDevice) close() { unix.Close(d.fd) }
