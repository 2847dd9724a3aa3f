// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// screenshots has the pictures in testdata made anew.
var screenshots = flag.Bool("observe.screenshots", false, "write the screenshots of the page to testdata")

// router returns the address of a router by its last octet.
func router(last byte) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2, last}) }

// lan is a watch that is told what to hear.
type lan struct {
	t testing.TB
	*watch
}

// vrrp has the watch hear an advertisement of virtual router 51.
func (l *lan) vrrp(at time.Time, last byte, priority uint8) {
	l.frame(at, "eth0", vrrpFrame(l.t, router(last), 51, priority, vip1))
}

// day has two routers advertise every second, until end, for a day; the better one leaves
// every half hour, and its successor is slow now and then.
func (l *lan) day(end time.Time) {
	for s := -24 * 3600; s < 0; s++ {
		at := end.Add(time.Duration(s) * time.Second)
		switch phase := -s % 1800; {
		case phase == 240:
			l.vrrp(at, 1, 0)
		case phase < 240 && phase > 120:
			l.vrrp(at.Add(time.Duration(s*s%700)*time.Millisecond), 2, 100)
		default:
			l.vrrp(at.Add(time.Duration(s*s%97)*time.Millisecond), 1, 200)
		}
	}
}

// TestPageInChromium has a page open for a day of two routers, and looks whether it
// shows the next fail-over, resumes where it was when the connection is lost, holds
// no more than it should, and asks nobody else for anything. With FHRP_LONG=1 the
// fail-over must be seen within a second.
func TestPageInChromium(t *testing.T) {
	b := startBrowser(t)
	l := &lan{t, newWatch("eth0")}
	server := httptest.NewServer(newPage(l.watch, time.Now(), true).handler())
	defer server.Close()
	defer server.CloseClientConnections()
	b.call("Page.enable", nil, nil)
	b.call("Page.navigate", map[string]any{"url": server.URL}, nil)
	b.await(`document.readyState === "complete" && document.getElementById("status").textContent.startsWith("connected")`)

	begin := time.Now()
	l.day(begin)
	t.Logf("the day took %v", time.Since(begin))
	l.failover(b)
	checkBounds(t, b)
	checkMarkup(t, b, server.URL)
	checkResume(b, l, server)
	for _, scheme := range []string{"light", "dark"} {
		picture(b, scheme)
	}
}

// shown is the text of the newest line of the log.
const shown = `document.querySelector("#log li").textContent`

// failover has one router leave and the other come, several times, and looks when the page
// shows it.
func (l *lan) failover(b *browser) {
	b.t.Helper()
	var late []int
	for i := range 10 {
		from, to := byte(1+i%2), byte(2-i%2)
		before, _, _ := l.after(0)
		l.vrrp(time.Now(), from, 0)
		l.vrrp(time.Now(), to, 100)
		b.await(`Number(document.querySelector("#log li").dataset.seq) > %d && %s.includes("%v is Active")`, before[len(before)-1].Seq, shown, router(to))
		b.await(`document.querySelector("tr.active th").textContent === "%v"`, router(to))
		ms := 0
		b.eval(`Number(document.querySelector("#log li").dataset.late)`, &ms)
		late = append(late, ms)
	}
	slices.Sort(late)
	median := late[len(late)/2]
	b.t.Logf("a fail-over is shown %d ms after it happened: the median of %v", median, late)
	if os.Getenv("FHRP_LONG") == "1" && median > 1000 {
		b.t.Errorf("a fail-over is shown %d ms after it happened", median)
	}
}

// checkBounds looks how much the page holds after a day.
func checkBounds(t *testing.T, b *browser) {
	t.Helper()
	var lines, spans, points int
	b.eval(`document.querySelectorAll("#log li").length`, &lines)
	b.eval(`document.querySelectorAll("svg.timeline rect").length`, &spans)
	b.eval(`Math.max(...[...document.querySelectorAll("polyline")].map((p) => p.points.length))`, &points)
	if lines == 0 || lines > 300 || spans == 0 || spans > maxSpans || points == 0 || points > maxMargins {
		t.Errorf("%d lines, %d spans, %d margins", lines, spans, points)
	}
}

// checkMarkup looks for what those need who don't see the page, and for what it asked
// of others.
func checkMarkup(t *testing.T, b *browser, url string) {
	t.Helper()
	for what, expression := range map[string]string{
		"pictures without text":  `document.querySelectorAll("svg:not([aria-hidden]):not([aria-label])").length`,
		"headings without scope": `document.querySelectorAll("th:not([scope])").length`,
		"tables without caption": `document.querySelectorAll("table:not(:has(caption))").length`,
		"sections without name":  `document.querySelectorAll("section:not([aria-label]):not([aria-labelledby])").length`,
		"requests elsewhere":     `performance.getEntriesByType("resource").filter((e) => !e.name.startsWith("` + url + `/")).length`,
	} {
		n := -1
		if b.eval(expression, &n); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
}

// checkResume breaks the connection. Each event is shown once, also those in between.
func checkResume(b *browser, l *lan, server *httptest.Server) {
	b.t.Helper()
	server.CloseClientConnections()
	l.vrrp(time.Now(), 1, 0)
	l.vrrp(time.Now(), 3, 50)
	b.await(`%s.includes("192.0.2.3 is Active")`, shown)
	b.await(`document.getElementById("status").textContent.startsWith("connected")`)
	gaps := -1
	b.eval(`[...document.querySelectorAll("#log li")].filter((e, i, all) => i > 0 && Number(all[i-1].dataset.seq) !== Number(e.dataset.seq) + 1).length`, &gaps)
	if gaps != 0 {
		b.t.Errorf("%d gaps in the log", gaps)
	}
}

// picture looks whether the colours are those of a scheme, and keeps a screenshot.
func picture(b *browser, scheme string) {
	b.t.Helper()
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	want := map[string]string{"light": "rgb(255, 255, 255)", "dark": "rgb(22, 22, 22)"}[scheme]
	b.await(`getComputedStyle(document.body).backgroundColor === "%s"`, want)
	png := b.screenshot()
	if len(png) < 1000 {
		b.t.Errorf("screenshot of %d octets", len(png))
	}
	if *screenshots {
		if err := os.WriteFile(filepath.Join("testdata", "page-"+scheme+".png"), png, 0o644); err != nil {
			b.t.Error(err)
		}
	}
}
