// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/go-fhrp/fhrp/internal/netlab/netlabtest"
)

// A browser is a headless Chromium, told what to do by the DevTools protocol through
// a pair of pipes.
type browser struct {
	t       *testing.T
	to      io.Writer
	from    *bufio.Reader
	session string
	id      int
	said    *bytes.Buffer // on standard error
}

// startBrowser starts Chromium with an empty profile and one tab.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	cmd := exec.Command(netlabtest.Program(t, "chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--remote-debugging-pipe", "--window-size=1000,640", "--user-data-dir="+t.TempDir(), "about:blank")
	cmd.Env = append(os.Environ(), "TZ=UTC")
	b := &browser{t: t, said: &bytes.Buffer{}}
	cmd.Stderr = b.said
	readCommands, commands := pipe(t)
	answers, writeAnswers := pipe(t)
	cmd.ExtraFiles = []*os.File{readCommands, writeAnswers} // 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = readCommands.Close(), writeAnswers.Close()
	b.to, b.from = commands, bufio.NewReader(answers)
	t.Cleanup(func() { b.end(cmd) })
	if err := answers.SetReadDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	b.attach()
	return b
}

// pipe returns the ends of a pipe that are closed when the test ends.
func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = r.Close(), w.Close() })
	return r, w
}

// end has the browser end by itself, with all its processes, so that the profile can go.
func (b *browser) end(cmd *exec.Cmd) {
	kill := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	b.session = ""
	_ = b.write("Browser.close", nil)
	if err := cmd.Wait(); err != nil && !b.t.Failed() {
		b.t.Logf("chromium: %v", err)
	}
}

// attach opens a tab.
func (b *browser) attach() {
	b.t.Helper()
	var target struct {
		TargetID string `json:"targetId"`
	}
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct {
		SessionID string `json:"sessionId"`
	}
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
}

// write sends a command.
func (b *browser) write(method string, params any) error {
	b.id++
	m := map[string]any{"id": b.id, "method": method}
	if params != nil {
		m["params"] = params
	}
	if b.session != "" {
		m["sessionId"] = b.session
	}
	text, err := json.Marshal(m)
	if err == nil {
		_, err = b.to.Write(append(text, 0))
	}
	return err
}

// answer waits for what the last command gave. Events, which nobody asked for, are left.
func (b *browser) answer(result any) error {
	for {
		text, err := b.from.ReadBytes(0)
		if err != nil {
			return err
		}
		var m struct {
			ID     int             `json:"id"`
			Result json.RawMessage `json:"result"`
			Error  *struct {
				Message string `json:"message"`
			} `json:"error"`
		}
		if err := json.Unmarshal(text[:len(text)-1], &m); err != nil {
			return err
		}
		switch {
		case m.ID != b.id:
		case m.Error != nil:
			return errors.New(m.Error.Message)
		case result != nil:
			return json.Unmarshal(m.Result, result)
		default:
			return nil
		}
	}
}

// call sends a command and waits for its result.
func (b *browser) call(method string, params, result any) {
	b.t.Helper()
	err := b.write(method, params)
	if err == nil {
		err = b.answer(result)
	}
	if err != nil {
		b.t.Fatalf("%s: %v\n%s", method, err, b.said)
	}
}

// eval stores the value of an expression of the page.
func (b *browser) eval(expression string, value any) {
	b.t.Helper()
	var got struct {
		Result struct {
			Value json.RawMessage `json:"value"`
		} `json:"result"`
		Exception *struct {
			Text string `json:"text"`
		} `json:"exceptionDetails"`
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &got)
	if got.Exception != nil {
		b.t.Fatalf("%s: %s", expression, got.Exception.Text)
	}
	if err := json.Unmarshal(got.Result.Value, value); err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
}

// await waits until an expression of the page is true.
func (b *browser) await(format string, args ...any) {
	b.t.Helper()
	expression := fmt.Sprintf(format, args...)
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		ok := false
		if b.eval(expression, &ok); ok {
			return
		}
		if time.Now().After(end) {
			text := ""
			b.eval("document.body.innerText", &text)
			b.t.Fatalf("not true in a minute: %s\n%s", expression, text)
		}
	}
}

// screenshot returns a picture of the window.
func (b *browser) screenshot() []byte {
	b.t.Helper()
	var picture struct {
		Data []byte `json:"data"`
	}
	b.call("Page.captureScreenshot", map[string]any{"format": "png"}, &picture)
	return picture.Data
}
