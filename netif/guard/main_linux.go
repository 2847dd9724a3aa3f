// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-fhrp/fhrp/internal/quietlog"
)

// inGuard reports whether this process is a guard.
func inGuard() bool { return os.Getenv(marker) != "" }

// keepGuard does all that a guard process does, and ends it.
func keepGuard() {
	log, flush := quietlog.Detach(slog.New(slog.NewTextHandler(os.Stderr, nil)).With("guard", os.Getpid()))
	err := runGuard(log)
	if err != nil {
		log.Error("guard ended", slog.Any("error", err))
	}
	flush(time.Second)
	if err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

func runGuard(log *slog.Logger) error {
	withdraw()
	w, r, err := newWatch(log)
	if err != nil {
		return err
	}
	protect() // what newWatch has made, too
	if _, err := unix.Write(wireFD, r.append(nil)); err != nil {
		return os.NewSyscallError("write", err)
	}
	return w.run()
}

// withdraw takes this process out of what it has been started in.
func withdraw() {
	signal.Ignore(unix.SIGHUP, unix.SIGINT, unix.SIGTERM, unix.SIGPIPE, unix.SIGABRT, unix.SIGUSR1, unix.SIGUSR2)
	closeInherited()
	_ = os.Chdir("/") // else it holds a file system that is to be unmounted
	// For those who read lists of processes. The name of the process is that of its first thread.
	_ = os.WriteFile(fmt.Sprintf("/proc/self/task/%d/comm", os.Getpid()), []byte("fhrp-guard"), 0)
}

// closeInherited closes the descriptors that were open when this process was started, but its own. They are the ones
// that are not closed on execution: those that packages of this process have opened since are.
func closeInherited() {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return
	}
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil || fd <= pidfdFD {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			unix.Close(fd)
		}
	}
}

// protect keeps this process in memory, as far as it may. Memory is locked as it is used: to lock all that a Go program
// has mapped would take many times as much.
func protect() {
	_ = unix.Mlockall(unix.MCL_CURRENT | unix.MCL_ONFAULT)
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("-1000"), 0)
}
