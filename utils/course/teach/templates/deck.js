"use strict";
// The notes' window shows the deck in frames; only the deck itself has clocks that run and keys of its own.
const SIZES = [40, 36, 30, 28, 26, 24, 22, 20, 18], CODE = [27, 24, 21]; // pixels of a slide 1280 wide

const scrolls = () => document.documentElement.classList.contains("scrolls");

// A slide in the largest sizes in which it fits, code before text: another machine's typeface may be wider or narrower
// than the build estimated. Code has at least 21 pixels, and grows only where no more lines are wrapped for it.
function fit(slide) {
  const body = slide.querySelector(".body");
  if (slide.classList.contains("title")) return;
  const before = slide.style.display;
  slide.style.display = "block";
  if (scrolls()) slide.firstElementChild.setAttribute("tabindex", 0);
  else slide.firstElementChild.removeAttribute("tabindex");
  const lines = [...body.querySelectorAll("pre .line")], wrapped = () => lines.filter((e) => e.clientHeight > 45).length;
  const set = (code, text) => {
    body.style.setProperty("--code", `${code}px`);
    body.style.setProperty("--text", `${text}px`);
  };
  const fits = () => body.scrollHeight <= body.clientHeight + 1 && body.scrollWidth <= body.clientWidth + 1
    && [...body.querySelectorAll("figure")].every((figure) => figure.clientHeight >= figure.dataset.need);
  set(21, 30);
  for (const formula of body.querySelectorAll("math[display=block]")) {
    formula.style.removeProperty("font-size");
    const wide = formula.scrollWidth / body.clientWidth;
    if (wide > 1) formula.style.fontSize = `${Math.max(scrolls() ? 0.8 : 0, 1.2 / wide)}em`;
  }
  if (scrolls()) return void (slide.style.display = before); // nothing else is made smaller: there is room below
  const atLeast = wrapped();
  const TEXT = body.querySelector("figure") ? SIZES.slice(2) : SIZES; // the figure large, not the text over it
  const sizes = TEXT.flatMap((text) => (text < 30 ? [21] : CODE).map((code) => [code, text]));
  sizes.some(([code, text]) => {
    set(code, text);
    return fits() && wrapped() <= atLeast;
  });
  slide.style.display = before;
}

function clock(box) {
  const shown = box.querySelector("output"), start = box.querySelector(".start"), told = box.querySelector(".told");
  let left = 60 * Number(box.dataset.minutes), ends = 0, timer = 0;
  const say = () => {
    shown.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    box.classList.toggle("over", left === 0);
    told.textContent = left === 0 ? "Time is up" : "";
    start.textContent = timer ? "Pause" : "Start";
  };
  const stop = () => { clearInterval(timer); timer = 0; };
  const tick = () => {
    left = Math.max(0, Math.round((ends - Date.now()) / 1000));
    if (left === 0) stop();
    say();
  };
  const add = (minutes) => {
    left = Math.max(0, left + 60 * minutes);
    ends += 60000 * minutes;
    say();
  };
  start.addEventListener("click", () => {
    if (timer) stop();
    else if (left) { ends = Date.now() + 1000 * left; timer = setInterval(tick, 250); }
    say();
  });
  box.querySelector(".less").addEventListener("click", () => add(-1));
  box.querySelector(".more").addEventListener("click", () => add(1));
  box.addEventListener("click", (event) => event.detail && document.activeElement.blur()); // the mouse leaves Space to the deck
}

// A slide is as the screen is: wide; upright on a phone; and where both would be too small to read, as when the page is
// magnified to 400 %, in letters of 18 pixels, and scrolled.
function shape() {
  const wide = { width: 1280, height: 720 }, high = innerHeight / innerWidth;
  if (/print-pdf|receiver/.test(location.search)) return wide;
  if (high > 1 && innerWidth >= 300) return { width: 720, height: Math.round(Math.min(1600, Math.max(960, 720 * high))) };
  if (Math.min(innerWidth / 1280, innerHeight / 720) >= 0.42) return wide;
  return { width: Math.round(innerWidth / 0.6), height: Math.round(innerHeight / 0.6), scrolls: true };
}

function lay(size) {
  const { classList, style } = document.documentElement;
  classList.toggle("upright", size.width === 720 && !size.scrolls);
  classList.toggle("scrolls", Boolean(size.scrolls));
  style.setProperty("--w", `${size.width}px`);
  style.setProperty("--h", `${size.height}px`);
  return size;
}

// Space and Enter on what the keyboard has reached press it, and do not turn the slide. Arrows scroll to its end first.
addEventListener("keydown", (event) => {
  if ([" ", "Enter"].includes(event.key) && event.target.closest?.("button, a, summary")) event.stopPropagation();
  if (event.key === "?" && !event.ctrlKey && !event.metaKey) { // reveal.js looks where it is on an American keyboard
    Reveal.toggleHelp();
    const help = document.querySelector(".r-overlay-help .r-overlay-content");
    help?.setAttribute("tabindex", 0); // where it is longer than the screen, arrows scroll it
    help?.focus();
    return event.stopPropagation();
  }
  const way = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!way || !scrolls() || Reveal.isOverview() || Reveal.isOverlayOpen()) return;
  const down = /Down|Up/.test(event.key), box = Reveal.getCurrentSlide().querySelector(down ? ".frame" : ".body");
  const [place, size] = down ? ["scrollTop", "clientHeight"] : ["scrollLeft", "clientWidth"], before = box[place];
  box[place] += 0.8 * way * box[size];
  if (box[place] !== before) event.stopPropagation();
}, true);

// Where an address names no slide, reveal.js shows another: that is said, until the slide is turned.
function address(hash) {
  const number = /^#\/(\d+)(\/\d+)*\/?$/.exec(hash)?.[1], count = Reveal.getTotalSlides();
  if (/print-pdf|receiver/.test(location.search) || /^(#\/?)?$/.test(hash) || Number(number) < count) return;
  document.querySelector(".astray").textContent = `No slide of this deck is at “${hash.slice(0, 40)}”: `
    + `its ${count} slides are #/0 to #/${count - 1}. This is #/${Reveal.getIndices().h}.`;
}

const asked = location.hash; // reveal.js writes its own over it
let laid = lay(shape());
Reveal.initialize({
  ...laid, margin: 0, minScale: 0.1, maxScale: 4, center: false, display: "block", scrollActivationWidth: 0, hash: true, transition: "none",
  backgroundTransition: "none", slideNumber: "c/t", pdfSeparateFragments: false, controlsTutorial: false,
  keyboard: { 67: () => Reveal.getCurrentSlide().querySelector(".clock .start")?.click() }, // C
  plugins: [RevealNotes],
}).then(() => {
  const slides = Reveal.getSlides();
  slides.forEach(fit);
  document.querySelectorAll(".clock").forEach(clock);
  Reveal.registerKeyboardShortcut("C", "Start or stop the clock");
  Reveal.on("slidechanged", () => { document.querySelector(".astray").textContent = ""; });
  addEventListener("hashchange", (event) => address(new URL(event.newURL).hash));
  address(asked);
  Reveal.on("fragmentshown", ({ fragment }) => { // what came at a click is seen
    const frame = fragment.closest(".frame"), below = fragment.getBoundingClientRect().bottom - innerHeight;
    if (scrolls() && below > 0) frame.scrollTop += Math.min(below / Reveal.getScale() + 40, fragment.offsetTop);
  });
  addEventListener("resize", () => {
    const size = shape();
    if (size.width === laid.width && Math.abs(size.height / laid.height - 1) < 0.2) return; // a phone's bars come and go
    laid = lay(size);
    Reveal.configure(laid);
    slides.forEach(fit);
  });
  for (const [event, size] of [["beforeprint", () => ({ width: 1280, height: 720 })], ["afterprint", () => laid]]) {
    addEventListener(event, () => { // paper is wide, whatever the screen is
      if (laid.width === 1280) return;
      lay(size());
      slides.forEach(fit);
    });
  }
  document.documentElement.dataset.ready = "yes";
});
