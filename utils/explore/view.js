/* What is seen and what can be done: one state, and one function that shows it. */
"use strict";

const find = (id) => document.getElementById(id);
const { num_layers: LAYERS, num_heads: HEADS } = explorer.data.config;
const RANGE = (count) => [...Array(count).keys()];
const NAMES = [
  ...RANGE(LAYERS).map((n) => `encoder/${n}/self`),
  ...RANGE(LAYERS).flatMap((n) => [`decoder/${n}/self`, `decoder/${n}/cross`]),
];
const state = { // of text, forced, settings and results: the last that the model could compute
  text: "", forced: [], chosen: { side: "target", index: 0 }, settings: null, now: null, before: null, spent: 0, trouble: "",
};
const pieces = (text) => explorer.source.encode(text).length - 1; // without the end
const USUAL = Math.max(...explorer.data.sentences.map(pieces)); // how long sentences are here
const waiting = new Set(); // what runs once the screen says that it is at work

// Reading the controls ----------------------------------------------------------------------------------------

function temperature() { // the slider is logarithmic: from a tenth to ten
  return 10 ** (find("temperature").value / 10);
}

function pads() {
  return Math.min(12, Math.max(0, Math.round(find("pads").valueAsNumber || 0)));
}

function options() {
  const off = [...find("heads").querySelectorAll("input")].filter((box) => !box.checked).map((box) => box.value);
  const on = Object.fromEntries(["lookAhead", "padding", "positions"].map((id) => [id, find(id).checked]));
  return { ...DEFAULTS, off, ...on, temperature: temperature(), pads: pads(), beam: Number(find("beam").value) };
}

const isChanged = (settings) => JSON.stringify(settings) !== JSON.stringify(DEFAULTS);

// Computing ----------------------------------------------------------------------------------------

/* Has the model read `changes.text` or say what is `changes.forced`; where it cannot, what was shown stays. */
function update(changes = {}) {
  const { text, forced, chosen } = { ...state, ...changes }, settings = options();
  find("degrees").textContent = settings.temperature.toFixed(1);
  find("temperature").setAttribute("aria-valuetext", find("degrees").textContent);
  const began = performance.now();
  try {
    const now = explorer.run(text, settings, forced);
    const before = isChanged(settings) || forced.length ? explorer.run(text) : null;
    Object.assign(state, { text, forced, chosen: { ...chosen }, settings, now, before, trouble: "" });
    state.spent = performance.now() - began;
    const fit = now.source.filter((id) => id === PAD).length;
    if (text && fit < find("pads").valueAsNumber) find("pads").value = fit; // no more than there is room for
    const count = labels(now)[chosen.side].length;
    state.chosen.index = Math.max(0, Math.min(chosen.index, count - 1));
  } catch (error) {
    if (!(error instanceof RangeError)) console.error(error);
    state.trouble = state.text ? `${error.message} Still shown: “${cut(state.text)}”.` : error.message;
    if (!state.now) Object.assign(state, { settings: DEFAULTS, now: explorer.run("") });
  }
  find("text").setAttribute("aria-invalid", state.trouble !== "");
  show();
}

const cut = (text) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/* Runs what may take long once a sign of it is on the screen: a page that stands still looks broken. What is asked again
   meanwhile runs once, with the controls as they are then. */
function working(run) {
  if (!waiting.size && Number(find("beam").value) === 1 && state.spent < 150) return run();
  waiting.delete(run);
  waiting.add(run);
  if (waiting.size > 1 || document.body.hasAttribute("aria-busy")) return;
  document.body.setAttribute("aria-busy", "true");
  tell();
  requestAnimationFrame(() => setTimeout(() => {
    const runs = [...waiting];
    waiting.clear();
    document.body.removeAttribute("aria-busy");
    runs.forEach((each) => each());
  }));
}

function labels(result) {
  return {
    source: result.source.map((id) => explorer.source.show(id)),
    target: ["start", ...result.tokens.map((id) => explorer.target.show(id))].slice(0, Math.max(1, result.steps.length)),
  };
}

function sides(name) { // whose queries look at whose keys
  const query = name.startsWith("encoder") ? "source" : "target";
  return { query, key: name.endsWith("cross") ? "source" : query };
}

// Showing ----------------------------------------------------------------------------------------

function show() {
  showWords("source");
  showWords("target");
  tell();
  showCompared();
  showChoices();
  showPictures();
  showFrom();
  showMasks();
  reachable();
}

function tell() {
  const said = document.body.hasAttribute("aria-busy") ? "Working …" : state.trouble || state.now.text || "Nothing was said.";
  const notes = state.trouble ? "" : remarks(state.now).join(" ");
  for (const [id, text] of [["status", said], ["note", notes]])
    if (find(id).textContent !== text) find(id).textContent = text; // read aloud only where it is news
}

/* A sign by itself: what is not drawn by its number, and what is written to the left without turning the line. */
function visible(sign) {
  const number = `U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  return /[\p{C}\p{Z}\p{M}\p{Variation_Selector}]/u.test(sign) ? number : `\u2068${sign}\u2069`;
}

/* What a translation does not say of itself. */
function remarks({ source, tokens, steps }) {
  const read = source.indexOf(END), said = [];
  if (read > USUAL)
    said.push(`It read ${read} pieces and said ${tokens.length}; the longest of the thirty sentences has ${USUAL}.`,
      "Of a sentence longer than those it has learnt from, a translator often leaves out a part, or makes one up.");
  if (source.includes(UNKNOWN)) {
    const signs = [...new Set(explorer.source.clean(state.text))].filter((sign) => sign !== " " && !explorer.source.ids.has(sign));
    said.push(`It has never seen ${signs.slice(0, 6).map(visible).join(" ")}${signs.length > 6 ? " …" : ""}: to it all these are one, �.`);
  }
  if (steps.length && steps.at(-1).id !== END) said.push(`It came to no end, and was stopped after ${tokens.length} pieces.`);
  return said;
}

/* New children, the focus where it was: what was under it is gone. */
function redraw(box, children) {
  const all = () => [...box.querySelectorAll("button, summary")];
  const at = all().findIndex((each) => each.parentElement.contains(document.activeElement));
  box.replaceChildren(...children);
  if (at >= 0) all()[Math.min(at, all().length - 1)]?.focus({ preventScroll: true });
}

function reachable() { // what scrolls sideways is reached by the keyboard
  for (const box of document.querySelectorAll(".picture")) {
    const scrolls = box.scrollWidth > box.clientWidth, caption = box.previousElementSibling.textContent;
    for (const [name, value] of Object.entries({ tabindex: 0, role: "group", "aria-label": `Picture: ${caption}` }))
      if (scrolls) box.setAttribute(name, value);
      else box.removeAttribute(name);
  }
}

function showWords(side) {
  const box = find(side), focused = box.contains(document.activeElement);
  box.replaceChildren(...labels(state.now)[side].map((label, index) => {
    const pressed = state.chosen.side === side && state.chosen.index === index;
    const rover = state.chosen.side === side ? pressed : index === 0; // Tab comes here once, arrows go on
    const button = element("button", { type: "button", "aria-pressed": pressed, tabindex: rover ? 0 : -1 }, label);
    if (side === "target" && index > 0 && index <= state.forced.length) {
      button.classList.add("forced");
      button.title = "you chose this";
    }
    button.addEventListener("click", () => choose(side, index));
    return button;
  }));
  if (focused) box.querySelector("[tabindex='0']")?.focus();
}

function choose(side, index) {
  state.chosen = { side, index };
  const name = find("name").value;
  if (sides(name).query !== side) // show a picture in which this word looks somewhere
    find("name").value = side === "source" ? `encoder/${name.split("/")[1]}/self` : `decoder/${name.split("/")[1]}/cross`;
  show();
}

function marked(text, other) { // words that the other does not have
  const known = new Set(other.split(" "));
  return text.split(" ").flatMap((part) => [known.has(part) ? part : element("mark", {}, part), " "]);
}

function showCompared() {
  const places = [find("compared"), find("again")]; // under the words, and once more beside the switches
  if (!state.before) return places.forEach((place) => place.replaceChildren());
  const side = (title, result, other, name) => {
    const sure = result.steps.reduce((sum, step) => sum + step.logP, 0);
    const mean = Math.exp(sure / Math.max(1, result.steps.length));
    const note = element("p", { class: "hint" }, `${result.tokens.length} pieces, each ${percent(mean)} likely on average`);
    return element("div", { class: name }, element("h3", {}, title), element("p", {}, ...marked(result.text, other.text)), note);
  };
  for (const place of places) {
    const pair = [side("before", state.before, state.now, "before"), side("now", state.now, state.before, "now")];
    place.replaceChildren(element("div", { class: "sides" }, ...pair));
  }
}

const percent = (p) => `${(100 * p).toFixed(p < 0.01 ? 3 : 1)} %`;

function showChoices() {
  const { steps } = state.now, at = state.chosen.side === "target" ? state.chosen.index : 0, step = steps[at];
  find("undo").hidden = !state.forced.length;
  find("after").textContent = step ? `After “${labels(state.now).target[at]}”. Choose another, and the model goes on from it.` : "";
  redraw(find("choices"), (step?.choices ?? []).map(({ id, logP }) => {
    const p = Math.exp(logP), name = explorer.target.show(id);
    const button = element("button", { type: "button", "aria-pressed": id === step.id, style: `--p: ${100 * p}%` });
    button.append(element("span", {}, name), element("span", {}, percent(p)));
    button.addEventListener("click", () => {
      update({ forced: [...state.now.tokens.slice(0, at), id], chosen: { side: "target", index: at + 1 } });
      find("choices").querySelector("button")?.focus();
    });
    return element("li", {}, button);
  }));
}

function showPictures() {
  const name = find("name").value, kind = find("kind").value, { query, key } = sides(name);
  const draw = (result, head, caption) => {
    const words = labels(result), weights = result.attention[name]?.[head];
    if (!weights) return "";
    const chosen = state.chosen.side === query ? state.chosen.index : -1;
    const label = `${caption}: ${kind} of ${weights.length} queries and ${weights[0].length} keys. Its numbers are in the table below.`;
    const drawn = kind === "matrix" ? matrix(weights, words[query], words[key], chosen, label)
      : query === key ? selfArcs(weights, words[query], chosen, label)
      : arcs(weights, words[query], words[key], chosen, label);
    return figure(caption, drawn, () => table(weights, words[query], words[key], caption));
  };
  const heads = find("head").value === "all" ? RANGE(HEADS) : [Number(find("head").value)];
  redraw(find("pictures"), heads.map((head) => {
    const off = state.settings.off.includes(`${name}/${head}`), title = `Head ${head}${off ? " (off)" : ""}`;
    const now = draw(state.now, head, state.before ? `${title}, now` : title);
    if (!state.before) return element("div", { class: "head" }, now);
    const pair = element("div", { class: "pair" }, draw(state.before, head, `Head ${head}, before`), now);
    return element("div", { class: "head" }, pair);
  }));
  find("pictures").classList.toggle("compared", state.before !== null);
  const needed = [...find("pictures").querySelectorAll("svg")].map((picture) => parseFloat(picture.style.minWidth));
  find("pictures").style.setProperty("--need", `${Math.max(0, ...needed)}px`);
  find("legend").textContent = !state.now.attention[name] ? ""
    : kind === "matrix"
    ? "Each row is a piece that looks, each column one that is looked at; a row's weights sum to 1."
    : query === key ? "Arcs on the left look back, on the right ahead; a stroke beside a piece is its look at itself. Thicker is more."
    : "From the left, what looks; on the right, what is looked at. The thicker a line, the greater the weight.";
}

function showFrom() {
  const { side, index } = state.chosen, words = labels(state.now);
  find("from-title").textContent = `Where each head looks from “${words[side][index] ?? ""}”`;
  const head = element("tr", {}, element("th", { scope: "col" }, "attention"),
    ...RANGE(HEADS).map((h) => element("th", { scope: "col" }, `head ${h}`)));
  const rows = NAMES.filter((name) => sides(name).query === side && state.now.attention[name]).map((name) => {
    const cells = state.now.attention[name].map((queries) => {
      const best = queries[index].map((weight, s) => [weight, s]).sort((a, b) => b[0] - a[0]).slice(0, 2);
      const told = best.filter(([weight]) => weight >= 0.005).map(([weight, s]) => `${words[sides(name).key][s]} ${weight.toFixed(2)}`);
      return element("td", {}, told.join(", "));
    });
    return element("tr", {}, element("th", { scope: "row" }, name), ...cells);
  });
  find("from").replaceChildren(head, ...rows);
}

function showMasks() {
  const words = labels(state.now), { padding, lookAhead } = state.settings, source = state.now.source;
  const paint = (caption, queries, keys, mask) => {
    const weights = queries.map((_, t) => keys.map((_, s) => (mask(t, s) ? 0.8 : 0)));
    const said = (_, t, s) => (mask(t, s) ? "may" : "may not");
    return figure(caption, matrix(weights, queries, keys, -1, caption, mask), () => table(weights, queries, keys, caption, said));
  };
  redraw(find("masks"), [
    paint("Source: padding", ["all"], words.source, (t, s) => !padding || source[s] !== PAD),
    paint("Target: look-ahead", words.target, words.target, (t, s) => !lookAhead || s <= t),
  ]);
}

// Beginning ----------------------------------------------------------------------------------------

function read(text) {
  find("text").value = find("sentences").value = text; // a text of one's own is none of the thirty
  if (sides(find("name").value).query === "source") find("name").value = `decoder/${LAYERS - 1}/cross`;
  update({ text, forced: [], chosen: { side: "target", index: 0 } });
}

const readTyped = () => read(find("text").value), readChosen = () => read(find("sentences").value), again = () => update();

function arrows(event) { // left and right, first and last, as in a row of radio buttons
  const buttons = [...event.currentTarget.children], at = buttons.indexOf(document.activeElement);
  const goal = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 };
  if (!(event.key in goal)) return;
  event.preventDefault();
  choose(event.currentTarget.id, Math.max(0, Math.min(buttons.length - 1, goal[event.key])));
}

function start() {
  const { sentences } = explorer.data;
  find("sentences").append(...sentences.map((text) => element("option", {}, text)));
  find("name").append(...NAMES.map((name) => element("option", {}, name)));
  find("name").value = `decoder/${LAYERS - 1}/cross`;
  find("head").append(...RANGE(HEADS).map((h) => element("option", {}, h)));
  const head = element("tr", {}, ...["attention", ...RANGE(HEADS)].map((name) => element("th", { scope: "col" }, name)));
  find("heads").append(head, ...NAMES.map((name) => element("tr", {}, element("th", { scope: "row" }, name),
    ...RANGE(HEADS).map((h) => {
      const box = element("input", { type: "checkbox", checked: "", value: `${name}/${h}`, "aria-label": `${name}, head ${h}` });
      return element("td", {}, box);
    }))));
  find("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    working(readTyped);
  });
  find("sentences").addEventListener("change", () => working(readChosen));
  find("undo").addEventListener("click", () => {
    update({ forced: [] });
    find("choices").querySelector("button")?.focus();
  });
  for (const side of ["source", "target"]) find(side).addEventListener("keydown", arrows);
  find("switches").addEventListener("input", () => {
    if (find("pads").valueAsNumber !== pads() && find("pads").value) find("pads").value = pads();
    working(again);
  });
  find("pads").addEventListener("change", () => { find("pads").value = pads(); });
  find("switches").addEventListener("submit", (event) => event.preventDefault());
  find("switches").addEventListener("reset", () => {
    state.forced = []; // and what the model says is its own again
    setTimeout(() => working(again)); // once the controls are as they were
  });
  for (const id of ["name", "head", "kind"]) find(id).addEventListener("change", () => {
    const { query } = sides(find("name").value);
    if (state.chosen.side !== query) state.chosen = { side: query, index: 0 };
    show();
  });
  addEventListener("resize", reachable);
  addEventListener("pageshow", () => { // a browser that comes back may have set controls as they were left
    find("sentences").value = state.text;
    if (JSON.stringify(options()) === JSON.stringify(state.settings)) show();
    else working(again);
  });
  read(sentences[0]);
}

start();
