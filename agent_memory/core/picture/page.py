"""The style and the script of the page, which is one file and asks nothing of any network."""

from __future__ import annotations

STYLE = """
*{box-sizing:border-box}
html{color-scheme:light dark}
body{margin:0;background:var(--paper);color:var(--ink);line-height:1.45;
font:15px/1.45 ui-sans-serif,system-ui,-apple-system,"Segoe UI",sans-serif}
body{display:grid;grid-template:"head side" auto "stage side" 1fr/minmax(0,1fr) 360px;height:100vh;
height:100dvh}
header{grid-area:head;padding:18px 24px 0}
h1{font-size:20px;margin:0;overflow-wrap:anywhere}
h2{font-size:16px;margin:0 0 2px;overflow-wrap:anywhere}
p{margin:0}
.soft{color:var(--quiet);font-size:13px}
#stage{grid-area:stage;position:relative;min-height:0;overflow:hidden}
#stage svg{position:absolute;inset:0;width:100%;height:100%;overflow:visible;cursor:grab;
touch-action:none;user-select:none;-webkit-user-select:none;outline-offset:-4px}
#stage svg.held{cursor:grabbing}
.zoom{position:absolute;right:16px;bottom:16px;display:flex;gap:6px}
button,input{font:inherit;color:inherit}
.zoom button{width:36px;height:36px;border-radius:9px;border:1px solid var(--guide);
background:var(--disc);cursor:pointer;font-size:17px;line-height:1}
aside{grid-area:side;border-left:1px solid var(--guide);background:var(--disc);display:flex;
flex-direction:column;min-height:0}
.find{padding:18px 20px 10px}
.find input{width:100%;padding:9px 12px;border-radius:9px;border:1px solid var(--line);
background:var(--paper)}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;padding:0 20px 12px;margin:0;list-style:none;
font-size:13px}
.legend li{display:flex;align-items:center;gap:6px}
.legend svg{width:20px;height:20px}
#card{padding:14px 20px;border-top:1px solid var(--guide);border-bottom:1px solid var(--guide);
min-height:168px;max-height:46vh;overflow:auto}
#card dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 12px;margin:8px 0 0;
font-size:13px}
#card dt{color:var(--quiet)}
#card dd{margin:0;overflow-wrap:anywhere}
#card button{border:0;background:none;padding:0;text-align:left;cursor:pointer;
text-decoration:underline;text-decoration-color:var(--line);text-underline-offset:3px}
#card .lost{color:var(--broken)}
#card dd div{padding:1px 0}
#files{flex:1;overflow:auto;margin:0;padding:8px 10px 16px;list-style:none;min-height:120px}
#files button{display:grid;grid-template-columns:20px minmax(0,1fr) auto;gap:0 8px;width:100%;
border:0;background:none;text-align:left;padding:5px 10px;border-radius:8px;cursor:pointer;
align-items:center}
#files button:hover,#files .on{background:var(--guide)}
#files svg{width:20px;height:20px}
#files span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
#files .snip{grid-column:2/4;white-space:normal;overflow-wrap:anywhere}
mark{background:var(--over);color:#1d1400;border-radius:3px;padding:0 1px}
:focus-visible{outline:3px solid var(--fine);outline-offset:2px}
.node{cursor:pointer;outline:none}
.node:focus-visible .disc{stroke:var(--ink);stroke-width:4;stroke-dasharray:none}
.node,.edge{transition:opacity .12s}
.far .node:not(.index):not(.on):not(.hit) .label{display:none}
.far .node.on .label,.far .node.hit .label{font-size:calc(12.5px*var(--large,1))}
.seeking .node:not(.hit),.seeking .edge{opacity:.16}
.seeking .hit .disc{stroke:var(--ink);stroke-width:3}
.seeking .hit .label{font-weight:650}
.showing .node:not(.on):not(.near){opacity:.2}
.showing .edge{opacity:.07}
.showing .node.near,.showing .node.on{opacity:1}
.showing .edge.on{opacity:1;stroke-opacity:1;stroke-width:2}
.showing .on .label{font-weight:650}
.pinned .node.pin .disc{stroke:var(--ink);stroke-width:3}
@media(prefers-reduced-motion:reduce){.node,.edge{transition:none}}
@media(max-width:820px){
body{display:block;height:auto}
header{padding:16px 18px 4px}
#stage{height:min(100vw,70vh)}
#stage svg{touch-action:pan-y}
aside{border-left:0;border-top:1px solid var(--guide)}
.zoom button{width:44px;height:44px}
#card{max-height:none}
#files{overflow:visible}
#files button{padding:9px 10px}
}
"""

SCRIPT = r"""
"use strict";
(() => {
const root = document.documentElement;
addEventListener("error", event => { root.dataset.error = event.message; });
const data = JSON.parse(document.getElementById("data").textContent);
const nodes = data.nodes, svg = document.querySelector("#stage svg");
const card = document.getElementById("card"), files = document.getElementById("files");
const find = document.getElementById("find"), told = document.getElementById("told");
const marks = [], edges = [...svg.querySelectorAll(".edge")], rows = [];
for (const mark of svg.querySelectorAll(".node")) marks[mark.dataset.node] = mark;
let pinned = -1, query = "";

function make(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
function count(number, noun) {
  return number.toLocaleString("en") + " " + noun + (number === 1 ? "" : "s");
}
function sample(state) {
  return document.querySelector("#legend-" + state + " svg").cloneNode(true);
}

// -- the picture: what a node has to do with

function show(number) {
  svg.classList.toggle("showing", number >= 0);
  for (const mark of marks) mark.classList.remove("on", "near");
  for (const edge of edges) {
    const ends = [Number(edge.dataset.from), Number(edge.dataset.to)];
    const on = ends.includes(number);
    edge.classList.toggle("on", on);
    if (on) for (const end of ends) marks[end].classList.add("near");
  }
  if (number >= 0) marks[number].classList.add("on");
  rows.forEach((row, at) => row.firstChild.classList.toggle("on", at === number));
  describe(number);
}
function pin(number) {
  pinned = pinned === number ? -1 : number;
  marks.forEach((mark, at) => {
    mark.classList.toggle("pin", at === pinned);
    mark.setAttribute("aria-pressed", at === pinned);
  });
  svg.classList.toggle("pinned", pinned >= 0);
  root.dataset.pinned = pinned;
  show(pinned);
}
function describe(number) {
  card.replaceChildren();
  const node = nodes[number];
  if (!node) {
    card.append(make("p", "soft", data.hint));
    return;
  }
  card.append(make("h2", "", node.title));
  if (node.path !== node.title) card.append(make("p", "soft", node.path));
  const list = make("dl");
  const row = (name, ...what) => {
    const value = make("dd");
    value.append(...what);
    list.append(make("dt", "", name), value);
  };
  row("state", node.stateText);
  if (node.lines || node.bytes) {
    row("size", count(node.lines, "line") + ", " + count(node.bytes, "byte"));
  }
  if (node.out.length) row("links to", ...node.out.map(link => linked(link, link.to)));
  if (node.in.length) row("linked from", ...node.in.map(link => linked(link, link.from)));
  card.append(list);
}
function linked(link, to) {
  const line = make("div", link.lost ? "lost" : "");
  if (to >= 0) {
    const button = make("button", "", link.text);
    button.type = "button";
    button.addEventListener("click", () => { if (pinned !== to) pin(to); });
    line.append(button);
  } else line.append(link.text);
  line.append(make("span", "soft", " " + link.note));
  return line;
}
marks.forEach((mark, number) => {
  mark.addEventListener("pointerenter", () => { if (pinned < 0) show(number); });
  mark.addEventListener("pointerleave", () => { if (pinned < 0) show(-1); });
  mark.addEventListener("focus", () => { if (pinned < 0) show(number); });
  mark.addEventListener("blur", () => { if (pinned < 0) show(-1); });
  mark.addEventListener("click", () => { if (!moved) pin(number); });
  mark.addEventListener("keydown", event => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pin(number); }
  });
});
addEventListener("keydown", event => {
  if (event.key === "Escape") {
    if (pinned >= 0) pin(pinned); else { find.value = ""; search(); }
  } else if (event.key === "/" && document.activeElement !== find) {
    event.preventDefault();
    find.focus();
  }
});

// -- the list and the search

nodes.forEach((node, number) => {
  const item = make("li"), button = make("button");
  button.type = "button";
  button.append(sample(node.state), make("span", "", node.title));
  button.append(make("span", "soft", node.lines ? node.lines.toLocaleString("en") : ""));
  button.title = node.path;
  button.addEventListener("click", () => pin(number));
  item.append(button);
  files.append(item);
  rows.push(item);
});
function snippet(node) {
  const at = node.text.toLowerCase().indexOf(query);
  if (at < 0) return null;
  const from = Math.max(0, at - 40), end = at + query.length;
  const made = make("span", "soft snip");
  made.append((from ? "…" : "") + node.text.slice(from, at));
  made.append(make("mark", "", node.text.slice(at, end)), node.text.slice(end, end + 60) + "…");
  return made;
}
function search() {
  query = find.value.trim().toLowerCase();
  let found = 0;
  svg.classList.toggle("seeking", query !== "");
  nodes.forEach((node, number) => {
    const named = (node.title + "\n" + node.path).toLowerCase().includes(query);
    const text = query && !named ? snippet(node) : null;
    const hit = query !== "" && (named || text !== null);
    found += hit;
    marks[number].classList.toggle("hit", hit);
    rows[number].hidden = query !== "" && !hit;
    rows[number].querySelector(".snip")?.remove();
    if (text) rows[number].firstChild.append(text);
  });
  told.textContent = query ? count(found, "file") + " found" : "";
  root.dataset.found = query ? found : "";
}
find.addEventListener("input", () => { if (pinned >= 0) pin(pinned); search(); });

// -- pan and zoom: the view box moves, the picture stays as it is

const whole = svg.getAttribute("viewBox").split(" ").map(Number);
let box = [...whole], home = whole[2], bare = false, moved = false;
const held = new Map();
function look() {
  svg.setAttribute("viewBox", box.join(" "));
  const scale = Math.min(svg.clientWidth / box[2], svg.clientHeight / box[3]);
  svg.classList.toggle("far", scale < 0.55 || (bare && box[2] > home * 0.75));
  svg.style.setProperty("--large", Math.min(2.4, 1 / scale));
}
function zoom(factor, x, y) {
  const width = Math.min(whole[2] * 6, Math.max(whole[2] / 20, box[2] * factor));
  const share = width / box[2];
  box = [x - (x - box[0]) * share, y - (y - box[1]) * share, width, box[3] * share];
  look();
}
function place(event) {
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
}
function step(factor) { zoom(factor, box[0] + box[2] / 2, box[1] + box[3] / 2); }
function pan(x, y) { box[0] += x * box[2]; box[1] += y * box[3]; look(); }
// Where labels would be too small to read, the circles alone have the room.
function circles() {
  const discs = [...svg.querySelectorAll(".disc")].map(disc => disc.getBBox());
  const x = Math.min(...discs.map(disc => disc.x)), y = Math.min(...discs.map(disc => disc.y));
  const right = Math.max(...discs.map(disc => disc.x + disc.width));
  const bottom = Math.max(...discs.map(disc => disc.y + disc.height));
  return [x - 24, y - 24, right - x + 48, bottom - y + 48];
}
function reset() {
  bare = false;
  const [x, y, width, height] = whole;
  const grow = Math.min(svg.clientWidth / width, svg.clientHeight / height) / 1.4;
  box = [...whole];
  if (grow > 1) {  // a few files need not fill the window
    box = [x - width * (grow - 1) / 2, y - height * (grow - 1) / 2, width * grow, height * grow];
  }
  look();
  if (!svg.classList.contains("far")) return;
  bare = true;
  box = circles();
  home = box[2];
  look();
}
svg.addEventListener("wheel", event => {
  event.preventDefault();
  const at = place(event);
  zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) / 300), at.x, at.y);
}, {passive: false});
svg.addEventListener("pointerdown", event => {
  if (!held.size) moved = false;
  held.set(event.pointerId, event);
});
addEventListener("pointermove", event => {
  const before = held.get(event.pointerId);
  if (!before) return;
  if (Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY) < 3) return;
  moved = true;
  svg.classList.add("held");
  const from = place(before), to = place(event);
  if (held.size === 1) {
    box[0] += from.x - to.x;
    box[1] += from.y - to.y;
    look();
  } else {
    const other = [...held.values()].find(touch => touch.pointerId !== event.pointerId);
    const rest = place(other), gap = point => Math.hypot(point.x - rest.x, point.y - rest.y);
    zoom(gap(from) / Math.max(1, gap(to)), rest.x, rest.y);
  }
  held.set(event.pointerId, event);
});
for (const name of ["pointerup", "pointercancel"]) {
  addEventListener(name, event => {
    held.delete(event.pointerId);
    svg.classList.remove("held");
  });
}
svg.addEventListener("click", event => {
  if (!moved && !event.target.closest(".node") && pinned >= 0) pin(pinned);
});
svg.addEventListener("keydown", event => {
  const keys = {
    "+": () => step(0.8), "=": () => step(0.8), "-": () => step(1.25), "0": reset,
    ArrowLeft: () => pan(-0.1, 0), ArrowRight: () => pan(0.1, 0),
    ArrowUp: () => pan(0, -0.1), ArrowDown: () => pan(0, 0.1),
  };
  if (keys[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    keys[event.key]();
  }
});
document.getElementById("nearer").addEventListener("click", () => step(0.8));
document.getElementById("further").addEventListener("click", () => step(1.25));
document.getElementById("all").addEventListener("click", reset);
addEventListener("resize", reset);

// -- what the address asks for: #q=word searches, #file=path pins

function asked() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  find.value = wanted.get("q") || "";
  search();
  const number = nodes.findIndex(node => node.path === wanted.get("file"));
  if (number >= 0 && number !== pinned) pin(number);
}
addEventListener("hashchange", asked);
describe(-1);
reset();
asked();
root.dataset.ready = "yes";
})();
"""
