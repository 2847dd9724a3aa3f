// SPDX-License-Identifier: Apache-2.0

package netlab_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/go-fhrp/fhrp/internal/netlab"
	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

func TestDoKeepsTheNamespaceToItself(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1", "n2"}})
	outside := namespace(t)
	var inside [2]string
	for i, name := range []string{"n1", "n2"} {
		h := lab.Host(name)
		if err := h.Do(func() error { inside[i] = namespace(t); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if inside[0] == inside[1] || inside[0] == outside || inside[1] == outside {
		t.Errorf("namespaces: %v of the hosts, %v of the process", inside, outside)
	}
	// Many goroutines at once use many threads: none may be left in a host.
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			_ = lab.Host("n1").Do(func() error { return nil })
			if got := namespace(t); got != outside {
				t.Errorf("namespace after Do: %v, want %v", got, outside)
			}
		})
	}
	wg.Wait()
}

func TestDoReturnsTheErrorOfTheFunction(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	want := errors.New("reason")
	if err := lab.Host("n1").Do(func() error { return want }); !errors.Is(err, want) {
		t.Errorf("Do: %v", err)
	}
	t.Run("end of the goroutine", func(t *testing.T) {
		_ = lab.Host("n1").Do(func() error { t.SkipNow(); return nil })
		t.Error("Do returned from a function that did not")
	})
}

func TestGo(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	release, got := make(chan struct{}), make(chan string, 1)
	done := lab.Host("n1").Go(func() {
		got <- namespace(t)
		<-release
	})
	if ns := <-got; ns == namespace(t) {
		t.Error("Go stays in the namespace of the process")
	}
	select {
	case <-done:
		t.Error("done before the function returned")
	default:
	}
	close(release)
	<-done
}

func TestStart(t *testing.T) {
	if !netlabtest.Enter(t) {
		return
	}
	sh := netlabtest.Program(t, "sh")
	lab := netlabtest.New(t, netlab.Config{Hosts: []string{"n1"}})
	h := lab.Host("n1")
	var want string
	if err := h.Do(func() error { want = namespace(t); return nil }); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cmd := exec.Command(sh, "-c", "readlink /proc/self/ns/net")
	cmd.Stdout = &out
	if err := h.Start(cmd); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(out.String()); got != want {
		t.Errorf("the process is in %v, the host is %v", got, want)
	}
	if err := h.Start(exec.Command("/nonexistent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Start of a program that is not there: %v", err)
	}
}
