// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Times of a stream.
const (
	streamPause  = 100 * time.Millisecond // at least, between two writes
	streamUpdate = 500 * time.Millisecond // between two views without an event
	streamAlive  = 15 * time.Second       // at most, without a word
	streamStall  = 30 * time.Second       // that a client may take for a write
	streamRetry  = time.Second            // that a browser waits before it connects again
)

// A stream is what one browser is sent: server-sent events "view", "log" and "lost".
// Nothing is queued for it. A client that is slow finds, when it is ready again, what
// the log still has, and is told how much that is short of.
type stream struct {
	page    *page
	seq     uint64 // of the last event sent
	resumed bool   // the client knows events up to that one
	version uint64 // of the last view sent
	viewed  bool   // one was sent
	spoken  time.Time
}

// stream serves the events that follow the one that the client knows.
func (p *page) stream(w http.ResponseWriter, r *http.Request) {
	select {
	case p.clients <- struct{}{}:
		defer func() { <-p.clients }()
	default:
		w.Header().Set("Retry-After", "10")
		http.Error(w, "too many streams are open", http.StatusServiceUnavailable)
		return
	}
	s := &stream{page: p}
	s.seq, s.resumed = p.known(r)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	control := http.NewResponseController(w)
	for {
		b, more := s.next(time.Now())
		if len(b) > 0 {
			if control.SetWriteDeadline(time.Now().Add(streamStall)) != nil {
				return
			}
			if _, err := w.Write(b); err != nil || control.Flush() != nil {
				return
			}
		}
		if !pause(r.Context().Done(), nil, streamPause) || !pause(r.Context().Done(), more, streamUpdate-streamPause) {
			return
		}
	}
}

// pause waits for a time, or until early is closed, and reports whether done isn't.
func pause(done, early <-chan struct{}, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-done:
		return false
	case <-early:
	case <-t.C:
	}
	return true
}

// known returns the last event that a client has, by what the browser says when it
// connects again or by the query.
func (p *page) known(r *http.Request) (seq uint64, ok bool) {
	id := r.Header.Get("Last-Event-ID")
	if id == "" {
		id = r.URL.Query().Get("last")
	}
	run, number, _ := strings.Cut(id, "-")
	seq, err := strconv.ParseUint(number, 10, 64)
	if run != p.run || err != nil {
		return 0, false
	}
	return seq, true
}

// next returns what there is to send, which may be nothing, and what is closed when
// there are more events.
func (s *stream) next(now time.Time) (b []byte, more <-chan struct{}) {
	var out bytes.Buffer
	if !s.viewed {
		fmt.Fprintf(&out, "retry: %d\n\n", streamRetry.Milliseconds())
	}
	list, lost, more := s.page.watch.after(s.seq)
	if lost > 0 && s.resumed {
		fmt.Fprintf(&out, "event: lost\ndata: %d\n\n", lost)
	}
	for i := range list {
		fmt.Fprintf(&out, "id: %s-%d\nevent: log\ndata: %s\n\n", s.page.run, list[i].Seq, encoded(&list[i]))
		s.seq = list[i].Seq
	}
	s.resumed = true
	if v, version := s.page.watch.view(s.version); !s.viewed || version != s.version {
		s.version, s.viewed = version, true
		fmt.Fprintf(&out, "event: view\ndata: %s\n\n", encoded(&v))
	}
	if out.Len() == 0 && now.Sub(s.spoken) >= streamAlive {
		out.WriteString(": alive\n\n")
	}
	if out.Len() > 0 {
		s.spoken = now
	}
	return out.Bytes(), more
}

// encoded is a value in JSON, which has no line breaks.
func encoded(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // the types have no value that can't be encoded
	}
	return b
}
