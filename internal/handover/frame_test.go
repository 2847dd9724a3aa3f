// SPDX-License-Identifier: Apache-2.0

//go:build unix

package handover

import (
	"bytes"
	"errors"
	"testing"
)

func TestReadRefuses(t *testing.T) {
	for message, version := range map[string]bool{
		"": false, "fhrp": false, "FHRP\x01\x01\x00\x00\x00\x00": false, "fhrp\x02\x01\x00\x00\x00\x00": true,
		"fhrp\x01\x01\xff\xff\xff\xff": false, "fhrp\x01\x01\x00\x00\x00\x02x": false,
	} {
		if _, _, err := read(bytes.NewReader([]byte(message))); err == nil || errors.Is(err, ErrVersion) != version {
			t.Errorf("%q: %v", message, err)
		}
	}
	if err := write(&bytes.Buffer{}, ask, make([]byte, maxPayload+1)); err == nil {
		t.Error("too much is sent")
	}
}

// FuzzRead: what is read can be written, and nothing panics.
func FuzzRead(f *testing.F) {
	f.Add([]byte("fhrp\x01\x02\x00\x00\x00\x02xy"))
	f.Fuzz(func(t *testing.T, data []byte) {
		k, payload, err := read(bytes.NewReader(data))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := write(&b, k, payload); err != nil || !bytes.HasPrefix(data, b.Bytes()) {
			t.Errorf("%q became %q: %v", data, b.Bytes(), err)
		}
	})
}
