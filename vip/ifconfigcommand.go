// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"syscall"
)

// ifconfigPath is where FreeBSD has ifconfig(8). A search for it could find another program.
const ifconfigPath = "/sbin/ifconfig"

// A CommandError says that a command failed which a [Device] of FreeBSD ran, or that it printed what can't be
// understood. An [AddrError] wraps it, or it is the error of List. It is safe for concurrent use.
//
// A Device of FreeBSD runs ifconfig(8). It was run against a model of FreeBSD 13's ifconfig that is made from
// recordings, and never on a booted FreeBSD.
type CommandError struct {
	Args   []string // the command line: the absolute path of the program and its arguments. No shell sees it.
	Output string   // what it wrote to standard error

	// Err is the cause: the errno that the output names, which may match [os.ErrPermission] or [ErrNoDevice]; what
	// could not be understood; the error of the context; or else what package os/exec says.
	Err error
}

// Error returns the command line, the cause and the output.
func (e *CommandError) Error() string {
	text := strings.Join(e.Args, " ") + ": " + e.Err.Error()
	if e.Output != "" {
		text += " (" + strings.ReplaceAll(e.Output, "\n", "; ") + ")"
	}
	return text
}

// Unwrap returns the cause.
func (e *CommandError) Unwrap() error { return e.Err }

// A runner runs ifconfig with arguments and waits for its end. The error says that it could not be run, or that its
// exit status is not 0.
type runner func(ctx context.Context, args []string) (stdout, stderr string, err error)

// runProgram returns a runner of the program with that path. The program gets no environment but the locale: messages
// are to be in English, and IFCONFIG_FORMAT, by which the format of addresses can be changed, is not to reach it.
func runProgram(path string) runner {
	return func(ctx context.Context, args []string) (string, string, error) {
		var stdout, stderr bytes.Buffer
		cmd := exec.CommandContext(ctx, path, args...)
		cmd.Env = []string{"LC_ALL=C"}
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		return stdout.String(), stderr.String(), err
	}
}

// command runs ifconfig for the device and returns what it printed. An error that isn't the context's is a
// CommandError.
func (i *ifconfig) command(ctx context.Context, words ...string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	args := slices.Concat([]string{i.device}, words)
	stdout, stderr, err := i.run(ctx, args)
	if err == nil {
		return stdout, nil
	}
	switch reason := reasonOf(stderr); {
	case ctx.Err() != nil:
		err = ctx.Err()
	case reason != 0:
		err = reason
	}
	return "", i.commandError(args, stderr, err)
}

// commandError returns the error of a command.
func (i *ifconfig) commandError(args []string, output string, err error) error {
	return &CommandError{Args: slices.Concat([]string{ifconfigPath}, args), Output: strings.TrimSpace(output), Err: err}
}

// The words below are the only ones that ifconfig is ever given, each form as it was recorded on FreeBSD 13. Every part
// of one is needed. Without its address, -alias removes the first address of the interface, and so does an address
// without alias, which takes the default route along. Without a family, an address is one of IPv4. Without its length, a
// prefix is of the length that ifconfig thinks best. With its address behind it, -alias does not work for IPv6.
func aliasWords(p netip.Prefix) []string { return []string{family(p), p.String(), "alias"} }

func aliasNoDADWords(p netip.Prefix) []string {
	return []string{family(p), p.String(), wordNoDAD, "alias"}
}

func unaliasWords(p netip.Prefix) []string { return []string{family(p), p.String(), "-alias"} }

func restoreDADWords() []string { return []string{"inet6", "-" + wordNoDAD} }

// wordNoDAD has addresses used without duplicate address detection.
const wordNoDAD = "no_dad"

// family returns the word for the family of an address.
func family(p netip.Prefix) string {
	if p.Addr().Is4() {
		return "inet"
	}
	return "inet6"
}

// validInterface returns why a string can't be given to ifconfig as the name of an interface: one that begins with a
// dash would be an option.
func validInterface(name string) error {
	if err := validName(name); err != nil {
		return err
	}
	strange := func(r rune) bool { return r <= ' ' || r > '~' }
	if name[0] == '-' || strings.ContainsFunc(name, strange) {
		return fmt.Errorf("name %q: not printable ASCII, or it begins with a dash", name)
	}
	return nil
}

// A reason is a message of ifconfig and the errno that it stands for.
type reason struct {
	text  string
	errno syscall.Errno
}

// reasons are the messages at the end of a line of ifconfig: its own for two errors, else those of strerror(3).
var reasons = []reason{
	{"permission denied", syscall.EPERM},
	{"no such interface", syscall.ENODEV},
	{"Operation not permitted", syscall.EPERM},
	{"Permission denied", syscall.EACCES},
	{"Device not configured", syscall.ENODEV},
	{"Can't assign requested address", syscall.EADDRNOTAVAIL},
	{"Cannot allocate memory", syscall.ENOMEM},
	{"File exists", syscall.EEXIST},
	{"Invalid argument", syscall.EINVAL},
	{"No buffer space available", syscall.ENOBUFS},
	{"Operation not supported", syscall.EOPNOTSUPP},
	{"Protocol not supported", syscall.EPROTONOSUPPORT},
}

// reasonOf returns the errno that the output of ifconfig names, 0 if it names none.
func reasonOf(stderr string) syscall.Errno {
	for line := range strings.Lines(stderr) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "ifconfig: interface ") && strings.HasSuffix(line, " does not exist") {
			return syscall.ENODEV
		}
		for _, r := range reasons {
			if strings.HasSuffix(line, ": "+r.text) {
				return r.errno
			}
		}
	}
	return 0
}
