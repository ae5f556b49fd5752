"use strict";
// The notes' window shows the deck in frames; only the deck itself has clocks that run and keys of its own.
const SIZES = [40, 36, 30, 28, 26, 24, 22, 20, 18], CODE = [27, 24, 21]; // pixels of a slide 1280 wide

// A slide in the largest sizes in which it fits, code before text: another machine's typeface may be wider or narrower
// than the build estimated. Code has at least 21 pixels, and grows only where no more lines are wrapped for it.
function fit(slide) {
  const body = slide.querySelector(".body");
  if (slide.classList.contains("title")) return;
  const before = slide.style.display;
  slide.style.display = "block";
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
    if (wide > 1) formula.style.fontSize = `${1.2 / wide}em`;
  }
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

// A slide is as the screen is: wide, or upright on a phone, where wide ones would be too small to read.
function shape() {
  const upright = innerHeight > innerWidth && !/print-pdf|receiver/.test(location.search);
  return upright ? { width: 720, height: Math.min(1600, Math.max(960, Math.round((720 * innerHeight) / innerWidth))) }
    : { width: 1280, height: 720 };
}

function lay(size) {
  const { classList, style } = document.documentElement;
  classList.toggle("upright", size.width === 720);
  style.setProperty("--w", `${size.width}px`);
  style.setProperty("--h", `${size.height}px`);
  return size;
}

// Space and Enter on what the keyboard has reached press it, and do not turn the slide.
addEventListener("keydown", (event) => {
  if ([" ", "Enter"].includes(event.key) && event.target.closest?.("button, a, summary")) event.stopPropagation();
}, true);

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
