// SPDX-License-Identifier: Apache-2.0

//go:build unix

package handover

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// kind is what a message says.
type kind uint8

// The messages.
const (
	ask     kind = iota + 1 // the new process is ready
	bequest                 // the legacy
	taken                   // the receipt: the new process has taken over
	refused                 // why it can't
)

// version is that of the messages.
const version = 1

// maxPayload is more than ten thousand virtual routers leave.
const maxPayload = 64 << 20

// headLen is the length of what is before the payload: magic, version, kind, length.
const headLen = 4 + 1 + 1 + 4

// magic begins each message.
const magic = "fhrp"

// ErrVersion says that the other process speaks in a way that this one doesn't know.
var ErrVersion = errors.New("version of the hand-over is unknown")

// write sends a message.
func write(w io.Writer, k kind, payload []byte) error {
	if len(payload) > maxPayload {
		return fmt.Errorf("message of %d octets: allowed: %d", len(payload), maxPayload)
	}
	b := append(make([]byte, 0, headLen+len(payload)), magic...)
	b = append(b, version, byte(k))
	b = binary.BigEndian.AppendUint32(b, uint32(len(payload)))
	_, err := w.Write(append(b, payload...))
	return err
}

// read receives a message. It allocates as the payload comes, not as its length says.
func read(r io.Reader) (kind, []byte, error) {
	var head [headLen]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	if string(head[:4]) != magic {
		return 0, nil, fmt.Errorf("message begins with %q: allowed: %q", head[:4], magic)
	}
	if head[4] != version {
		return 0, nil, fmt.Errorf("message of version %d: allowed: %d: %w", head[4], version, ErrVersion)
	}
	n := binary.BigEndian.Uint32(head[6:])
	if n > maxPayload {
		return 0, nil, fmt.Errorf("message of %d octets: allowed: %d", n, maxPayload)
	}
	var payload bytes.Buffer
	if _, err := io.CopyN(&payload, r, int64(n)); err != nil {
		return 0, nil, err
	}
	return kind(head[5]), payload.Bytes(), nil
}
