/* Pictures of attention, drawn as SVG; each comes with a table of the same numbers. */
"use strict";

const SMALLEST = 0.85; // of the 15 pixels that letters have in a picture: to be read from the back of a room
const opened = new Set(); // captions of the tables that stand open, which a new picture keeps open

function element(tag, attributes = {}, ...children) {
  const drawn = ["svg", "g", "rect", "line", "path", "text"].includes(tag);
  const made = drawn ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function svg(width, height, label, ...children) {
  const picture = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, ...children);
  picture.style.maxWidth = `${1.6 * width}px`; // letters stay letters where there are few words
  picture.style.minWidth = `${SMALLEST * width}px`; // and where there are many
  picture.style.setProperty("--tall", `${SMALLEST * height}px`);
  return picture;
}

function word(text, x, y, chosen, more = {}) {
  return element("text", { x, y, class: chosen ? "chosen" : "", ...more }, text);
}

const widest = (labels) => 10.5 * Math.max(...labels.map((label) => label.length)) + 12;

/* Rows are queries, columns keys: the more is filled, the more the row looks there. `mask` crosses out what is hidden. */
function matrix(weights, queries, keys, chosen, label, mask) {
  const size = 28, left = widest(queries), top = widest(keys), drawn = [];
  keys.forEach((key, s) => {
    const x = left + size * s + 19;
    drawn.push(word(key, x, top - 5, false, { transform: `rotate(-90 ${x} ${top - 5})` }));
  });
  queries.forEach((query, t) => {
    const y = top + size * t;
    drawn.push(word(query, left - 6, y + 19, t === chosen, { "text-anchor": "end" }));
    keys.forEach((_, s) => {
      const x = left + size * s, place = { x, y, width: size, height: size };
      drawn.push(element("rect", { ...place, class: "cell", "fill-opacity": (weights[t][s] ?? 0).toFixed(3) }));
      drawn.push(element("rect", { ...place, class: "frame" }));
      if (mask && !mask(t, s)) {
        drawn.push(element("line", { x1: x, y1: y, x2: x + size, y2: y + size, class: "not" }));
        drawn.push(element("line", { x1: x, y1: y + size, x2: x + size, y2: y, class: "not" }));
      }
    });
  });
  if (chosen >= 0 && chosen < queries.length)
    drawn.push(element("rect", { x: left, y: top + size * chosen, width: size * keys.length, height: size, class: "row" }));
  return svg(left + size * keys.length + 4, top + size * queries.length + 4, label, ...drawn);
}

/* Words that look at one another, in a column. Arcs on the left look back, those on the right ahead; a stroke beside
   a word is its look at itself. An arc is as thick as the weight. */
function selfArcs(weights, words, chosen, label) {
  const step = 26, reach = 90, column = widest(words), from = reach + 6, to = from + column, lines = [], over = [];
  const place = (i) => step * i + 18;
  words.forEach((text, t) => {
    over.push(word(text, (from + to) / 2, place(t) + 5, t === chosen, { "text-anchor": "middle" }));
    words.forEach((_, s) => {
      const weight = weights[t][s] ?? 0, own = t === chosen, edge = s < t ? from : to;
      if (weight < 0.03) return; // not to be seen, and many
      const radii = `${Math.min(reach, 12 + 10 * Math.abs(t - s))} ${(step * Math.abs(t - s)) / 2}`;
      const path = s === t ? `M${to} ${place(t)} h14` : `M${edge} ${place(t)} A${radii} 0 0 1 ${edge} ${place(s)}`;
      const look = { "stroke-width": (10 * weight).toFixed(2), "stroke-opacity": own ? 0.95 : 0.75 };
      (own ? over : lines).push(element("path", { d: path, class: own ? "arc chosen" : "arc", ...look }));
    });
  });
  return svg(to + from, step * words.length + 10, label, ...lines, ...over);
}

/* Queries on the left, keys on the right; a line is as thick as the weight. Where a word is chosen, its own stand out. */
function arcs(weights, queries, keys, chosen, label) {
  const step = 26, left = widest(queries), width = left + 170 + widest(keys), from = left + 4, to = left + 166;
  const rows = Math.max(queries.length, keys.length), lines = [], over = [];
  const place = (i, count) => step * (i + (rows - count) / 2) + 18;
  queries.forEach((query, t) => {
    over.push(word(query, left - 4, place(t, queries.length) + 5, t === chosen, { "text-anchor": "end" }));
    keys.forEach((_, s) => {
      const weight = weights[t][s] ?? 0, own = t === chosen;
      if (weight < 0.03) return; // not to be seen, and many
      const y = place(t, queries.length), z = place(s, keys.length), middle = (from + to) / 2;
      const path = `M${from} ${y} C${middle} ${y} ${middle} ${z} ${to} ${z}`;
      const look = { "stroke-width": (10 * weight).toFixed(2), "stroke-opacity": own ? 0.95 : 0.75 };
      (own ? over : lines).push(element("path", { d: path, class: own ? "arc chosen" : "arc", ...look }));
    });
  });
  keys.forEach((key, s) => over.push(word(key, to + 6, place(s, keys.length) + 5, false)));
  return svg(width, step * rows + 10, label, ...lines, ...over);
}

function table(weights, queries, keys, caption, show = (weight) => (weight ?? 0).toFixed(2)) {
  const head = element("tr", {}, ...["from", ...keys].map((key) => element("th", { scope: "col" }, key)));
  const body = queries.map((query, t) => {
    const cells = keys.map((_, s) => element("td", {}, show(weights[t][s], t, s)));
    return element("tr", {}, element("th", { scope: "row" }, query), ...cells);
  });
  return element("table", {}, element("caption", {}, caption), head, ...body);
}

/* A picture and, for those who do not see it, its table. The table is made when it is opened: there are many. */
function figure(caption, picture, makeTable) {
  const details = element("details", {}, element("summary", { "aria-label": `Table: ${caption}` }, "as a table"));
  details.addEventListener("toggle", () => {
    if (details.isConnected) opened[details.open ? "add" : "delete"](caption);
    if (!details.open || details.querySelector("table")) return;
    const region = { class: "scroll", tabindex: 0, role: "region", "aria-label": caption };
    details.append(element("div", region, makeTable()));
  });
  details.open = opened.has(caption);
  const box = element("div", { class: "picture" }, picture);
  return element("figure", { style: `--need: ${picture.style.minWidth}` }, element("figcaption", {}, caption), box, details);
}
