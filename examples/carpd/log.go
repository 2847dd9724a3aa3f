// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"log/syslog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-fhrp/fhrp/internal/quietlog"
)

// logger writes lines as ucarp does, to standard error and to syslog. It is safe
// for concurrent use.
type logger struct {
	debug bool

	queue *quietlog.Queue // of lines to be written, nil to have them written at once

	mu  sync.Mutex
	w   io.Writer
	sys *syslog.Writer // nil for none
}

// newLogger opens syslog, unless the facility is none. A host without syslog is no
// error: it logs to w only.
func newLogger(w io.Writer, s *settings) *logger {
	l := &logger{w: w, debug: s.debug}
	facility, ok := facilityOf(s.facility)
	if !ok {
		return l
	}
	sys, err := syslog.New(facility|syslog.LOG_INFO, "carpd")
	if err != nil {
		l.write(slog.LevelDebug, fmt.Sprintf("no syslog: %v", err))
		return l
	}
	l.sys = sys
	return l
}

// close closes syslog, unless a line is still being written that nobody takes.
func (l *logger) close() error {
	l.flush()
	if !l.mu.TryLock() {
		return nil
	}
	defer l.mu.Unlock()
	if l.sys == nil {
		return nil
	}
	sys := l.sys
	l.sys = nil
	return sys.Close()
}

// detach has nobody wait for lines to be written.
func (l *logger) detach() { l.queue = &quietlog.Queue{} }

// flush waits until lines are written, but not for ever.
func (l *logger) flush() {
	if l.queue != nil {
		l.queue.Flush(time.Second)
	}
}

// write writes a line.
func (l *logger) write(level slog.Level, line string) {
	now := time.Now()
	switch {
	case level < slog.LevelInfo && !l.debug:
	case l.queue == nil:
		l.put(now, level, line)
	default:
		l.queue.Do(func(dropped int) {
			if dropped > 0 {
				line += fmt.Sprintf(" (%d lines before this one were dropped: nobody took them)", dropped)
			}
			l.put(now, level, line)
		})
	}
}

// put writes a line, however long that takes.
func (l *logger) put(now time.Time, level slog.Level, line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	name, send := "[DEBUG]", (*syslog.Writer).Debug
	switch {
	case level >= slog.LevelError:
		name, send = "[ERROR]", (*syslog.Writer).Err
	case level >= slog.LevelWarn:
		name, send = "[WARNING]", (*syslog.Writer).Warning
	case level >= slog.LevelInfo:
		name, send = "[INFO]", (*syslog.Writer).Info
	}
	fmt.Fprintf(l.w, "%s: %s %s\n", now.Format("2006-01-02T15:04:05.000000"), name, line)
	if l.sys != nil {
		_ = send(l.sys, name+" "+line) // the line is on standard error
	}
}

// slog returns what the packages log to.
func (l *logger) slog() *slog.Logger { return slog.New(&handler{log: l}) }

// handler is a slog.Handler for the lines of packages: the message, and its
// attributes as slog.TextHandler has them.
type handler struct {
	log  *logger
	more func(slog.Handler) slog.Handler // attributes and groups; nil for none
}

// Enabled implements [slog.Handler].
func (h *handler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo || h.log.debug
}

// Handle implements [slog.Handler].
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	var b bytes.Buffer
	var text slog.Handler = slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: onlyAttributes})
	if h.more != nil {
		text = h.more(text)
	}
	if err := text.Handle(ctx, r); err != nil {
		return err
	}
	h.log.write(r.Level, strings.TrimSpace(r.Message+" "+b.String()))
	return nil
}

// onlyAttributes leaves out what a line has anyway.
func onlyAttributes(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && slices.Contains([]string{slog.TimeKey, slog.LevelKey, slog.MessageKey}, a.Key) {
		return slog.Attr{}
	}
	return a
}

// WithAttrs implements [slog.Handler].
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.with(func(text slog.Handler) slog.Handler { return text.WithAttrs(attrs) })
}

// WithGroup implements [slog.Handler].
func (h *handler) WithGroup(name string) slog.Handler {
	return h.with(func(text slog.Handler) slog.Handler { return text.WithGroup(name) })
}

func (h *handler) with(f func(slog.Handler) slog.Handler) slog.Handler {
	before := h.more
	return &handler{log: h.log, more: func(text slog.Handler) slog.Handler {
		if before != nil {
			text = before(text)
		}
		return f(text)
	}}
}

// facilities are those of syslog(3), by the names that ucarp knows.
func facilities() map[string]syslog.Priority {
	return map[string]syslog.Priority{
		"auth": syslog.LOG_AUTH, "authpriv": syslog.LOG_AUTHPRIV, "cron": syslog.LOG_CRON, "daemon": syslog.LOG_DAEMON,
		"ftp": syslog.LOG_FTP, "kern": syslog.LOG_KERN, "lpr": syslog.LOG_LPR, "mail": syslog.LOG_MAIL, "news": syslog.LOG_NEWS,
		"security": syslog.LOG_AUTH, "syslog": syslog.LOG_SYSLOG, "user": syslog.LOG_USER, "uucp": syslog.LOG_UUCP,
		"local0": syslog.LOG_LOCAL0, "local1": syslog.LOG_LOCAL1, "local2": syslog.LOG_LOCAL2, "local3": syslog.LOG_LOCAL3,
		"local4": syslog.LOG_LOCAL4, "local5": syslog.LOG_LOCAL5, "local6": syslog.LOG_LOCAL6, "local7": syslog.LOG_LOCAL7,
	}
}

// facilityOf returns the facility of a name, in whatever case.
func facilityOf(name string) (syslog.Priority, bool) {
	p, ok := facilities()[strings.ToLower(name)]
	return p, ok
}

// facilityNames lists them.
func facilityNames() string {
	var names []string
	for name := range facilities() {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
