// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/go-fhrp/fhrp/netif/check"
)

func ExampleFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "weight")
	weight := check.File(path)

	_, err = weight(context.Background())
	fmt.Println(errors.Is(err, os.ErrNotExist))

	if err := os.WriteFile(path, []byte("-20\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(weight(context.Background()))
	// Output:
	// true
	// -20 <nil>
}

func ExampleExists() {
	err := check.Exists("/var/run/no-such-file")(context.Background())
	fmt.Println(errors.Is(err, os.ErrNotExist))
	// Output: true
}

// A look at an interface, from time to time.
func ExampleLink() {
	uplink := check.Link("eth1")
	for range 3 {
		if err := uplink(context.Background()); err != nil {
			fmt.Println(err)
		}
		time.Sleep(time.Second)
	}
}

// Two processes of haproxy, the old one and the new one of a reload, are fine; none and three are not.
func ExampleProcess() {
	haproxy := check.Process(check.ProcessConfig{Name: "haproxy", Max: 2})
	if err := haproxy(context.Background()); errors.Is(err, check.ErrCount) {
		fmt.Println(err)
	}
}

// A script of the administrator's, run by a user without privileges, who gives it half a second.
func ExampleCommand() {
	look := check.Command(check.CommandConfig{
		Argv: []string{"/usr/local/lib/checks/database", "--quick"},
		User: "nobody",
	})
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	if err := look(ctx); errors.Is(err, context.DeadlineExceeded) {
		fmt.Println("it takes too long:", err)
	}
}

func ExampleTCP() {
	dns := check.TCP(netip.MustParseAddrPort("[::1]:53"))
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := dns(ctx); err != nil {
		fmt.Println(err)
	}
}
