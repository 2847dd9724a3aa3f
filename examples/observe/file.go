// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/go-fhrp/fhrp/internal/pcap"
)

// readFile takes the frames of a capture file. What came before an error is taken.
func (o *observer) readFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := o.read(f); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// read takes the frames of a capture, whose link is called "file".
func (o *observer) read(from io.Reader) error {
	r, err := pcap.NewReader(bufio.NewReader(from))
	if err != nil {
		return err
	}
	for {
		rec, err := r.Next()
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("the file is cut: %w", err)
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		o.frame(rec.At, fileLink, rec.Frame)
	}
}

// fileLink stands for the link in what is read from a file.
const fileLink = "file"
