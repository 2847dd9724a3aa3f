// SPDX-License-Identifier: Apache-2.0
"use strict";

// What is kept here is bounded, for the page stays open for days: the clusters by what the server knows, and the lines
// of the log by maxLines.
const maxLines = 300;
const clusters = new Map(); // by key: {view, section}
const clock = { ahead: 0 }; // of the server, in ms
let source = null;
let lastId = "";
let lost = "";

const byId = (id) => document.getElementById(id);

// make returns an element with text or children.
function make(name, attributes = {}, ...children) {
	const svg = ["svg", "rect", "polyline", "line"].includes(name);
	const e = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
	for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
	e.append(...children);
	return e;
}

const now = () => Date.now() + clock.ahead;
const timeOf = (at) => new Date(at).toLocaleTimeString([], { hour12: false }) + "." + String(new Date(at).getMilliseconds()).padStart(3, "0");

// colour is the class of a speaker: the same wherever it is shown in its cluster.
function colour(cluster, addr) {
	const i = cluster.speakers.findIndex((s) => s.addr === addr);
	return "h" + (i < 0 ? 7 : i % 8);
}

// spanText tells a span of the timeline.
function spanText(cluster, s) {
	const who = s.holders > 1 ? s.holders + " at once" : s.holder || "nobody";
	return who + " from " + timeOf(s.from);
}

// timeline draws who held the role in the window that is chosen.
function timeline(cluster) {
	const length = Number(byId("window").value) * 1000;
	const begin = now() - length;
	const last = cluster.timeline.slice(-3).map((s) => spanText(cluster, s)).join(", ");
	const svg = make("svg", { class: "timeline", viewBox: "0 0 1000 10", preserveAspectRatio: "none", role: "img",
		"aria-label": "Timeline of who is " + cluster.active + ": " + (last || "nobody yet") });
	cluster.timeline.forEach((s, i) => {
		const next = cluster.timeline[i + 1];
		const from = Math.max(s.from, begin);
		const to = next ? next.from : now();
		if (to <= from || !s.holder) return;
		const kind = s.holders > 1 ? "conflict" : colour(cluster, s.holder);
		const rect = make("rect", { class: kind, x: (1000 * (from - begin)) / length, y: 0, width: Math.max(1, (1000 * (to - from)) / length), height: 10 });
		const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
		title.textContent = spanText(cluster, s);
		rect.append(title);
		svg.append(rect);
	});
	return svg;
}

// sparkline draws margins; the line is where a backup takes over.
function sparkline(s) {
	const svg = make("svg", { class: "margins", viewBox: "0 -5 60 110", preserveAspectRatio: "none", role: "img",
		"aria-label": s.margins.length ? "Margins: the last " + s.last + ", the lowest " + s.least : "No margins yet" });
	const points = s.margins.map((m, i) => i + "," + (100 - Math.max(0, Math.min(100, m))));
	svg.append(make("line", { x1: 0, x2: 60, y1: 100, y2: 100 }), make("polyline", { points: points.join(" ") }));
	return svg;
}

const ago = (at) => Math.max(0, (now() - Date.parse(at)) / 1000).toFixed(1) + " s ago";

// row is a speaker in the table of its cluster.
function row(cluster, s) {
	const key = make("svg", { class: "key", "aria-hidden": "true", viewBox: "0 0 1 1" }, make("rect", { class: colour(cluster, s.addr), width: 1, height: 1 }));
	return make("tr", { class: s.active ? "active" : "" }, make("th", { scope: "row" }, key, s.addr), make("td", {}, s.state), make("td", {}, s.rank),
		make("td", {}, s.interval), make("td", {}, s.last), make("td", {}, s.least), make("td", {}, sparkline(s)),
		make("td", { "data-heard": s.heard }, ago(s.heard)), make("td", { class: "form" }, s.form));
}

function table(cluster) {
	const names = ["Speaker", "State", "Rank", "Interval", "Margin", "Lowest", "Margins", "Heard", "Form"];
	const head = make("tr", {}, ...names.map((n) => make("th", { scope: "col" }, n)));
	return make("div", { class: "wide" }, make("table", {}, make("caption", {}, cluster.addresses || "addresses are not told"),
		make("thead", {}, head), make("tbody", {}, ...cluster.speakers.map((s) => row(cluster, s)))));
}

// draw shows a cluster anew.
function draw(c) {
	const v = c.view;
	const list = (texts, name) => texts.map((t) => make("p", { class: name }, t));
	c.section.replaceChildren(make("h2", {}, v.key), ...list(v.findings, "finding"), table(v), timeline(v), ...list(v.claims, "form"));
}

// show takes what has changed.
function show(v) {
	clock.ahead = Date.parse(v.at) - Date.now();
	if (v.full) clusters.clear();
	for (const view of v.clusters) {
		const c = clusters.get(view.key) || { section: make("section", { "aria-label": view.key }) };
		c.view = view;
		clusters.set(view.key, c);
		draw(c);
	}
	const sections = [...clusters.keys()].sort((a, b) => a.localeCompare(b, "en", { numeric: true })).map((k) => clusters.get(k).section);
	if (v.full || sections.length !== byId("clusters").children.length) {
		byId("clusters").replaceChildren(...(sections.length ? sections : [make("p", {}, "Nothing was heard yet.")]));
	}
	byId("links").replaceChildren(...v.links.flatMap((l) => [make("dt", {}, l.name), make("dd", {}, l.free)]));
	const extra = (v.rejected ? ", " + v.rejected + " packets were rejected" : "") + (v.leftOut ? ", " + v.leftOut + " messages are not shown" : "");
	status("connected" + extra + lost, false);
}

function status(text, off) {
	if (byId("status").textContent === text) return;
	byId("status").textContent = text;
	byId("status").className = off ? "off" : "";
}

// log puts a line on top. data-late is how long after its event, in ms.
function log(kind, at, text, seq) {
	const late = Math.round(Date.now() - Date.parse(at));
	byId("log").prepend(make("li", { class: kind, "data-seq": seq, "data-late": late }, make("time", { datetime: at, title: new Date(at).toString() }, timeOf(at)), text));
	while (byId("log").children.length > maxLines) byId("log").lastChild.remove();
}

// connect opens the stream, where it was left if it was open before.
function connect() {
	source = new EventSource("events" + (lastId ? "?last=" + encodeURIComponent(lastId) : ""));
	source.addEventListener("view", (e) => show(JSON.parse(e.data)));
	source.addEventListener("log", (e) => {
		lastId = e.lastEventId;
		const v = JSON.parse(e.data);
		log(v.kind, v.at, v.cluster + ": " + v.text, v.seq);
	});
	source.addEventListener("lost", (e) => {
		lost = ", " + e.data + " events were lost at " + timeOf(Date.now());
		log("conflict", new Date().toISOString(), e.data + " events were lost", "");
	});
	source.onerror = () => {
		status("disconnected: what is shown is old", true);
		if (source.readyState === EventSource.CLOSED) setTimeout(connect, 3000);
	};
}

setInterval(() => {
	for (const e of document.querySelectorAll("[data-heard]")) e.textContent = ago(e.dataset.heard);
	for (const c of clusters.values()) c.section.querySelector("svg.timeline").replaceWith(timeline(c.view));
}, 1000);
byId("window").addEventListener("change", () => clusters.forEach(draw));
connect();
