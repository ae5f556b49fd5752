"use strict";
// The table anew every 20 seconds, in its place: what is scrolled or focused stays so. Without an answer it says since
// when it is old.
const EVERY = 20000;
const [gone, pause, renewed] = ["#gone", "#pause", "#renewed"].map((name) => document.querySelector(name));
const headers = { Accept: "text/html", "X-XSRFToken": renewed.dataset.proof };
let paused = false, last = document.querySelector("[data-anew=now]").textContent;

async function renew() {
  try {
    const answer = await fetch(location.href, { headers });
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    const parts = [...document.querySelectorAll("[data-anew]")].map(
      (part) => [part, found.querySelector(`[data-anew=${part.dataset.anew}]`)]);
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    if (parts.some(([, anew]) => !anew)) throw new Error("you are logged out; load the page again");
    for (const [part, anew] of parts) if (part.innerHTML !== anew.innerHTML) part.replaceChildren(...anew.childNodes);
    last = document.querySelector("[data-anew=now]").textContent;
    gone.textContent = "";
  } catch (error) {
    const why = error instanceof TypeError ? "the server does not answer" : error.message;
    const said = `This is as it was at ${last}: ${why}. It is tried again.`;
    if (gone.textContent !== said) gone.textContent = said;
  }
}

renewed.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.textContent = paused ? "Go on" : "Pause";
  if (!paused) renew();
});
setInterval(() => paused || document.hidden || renew(), EVERY);
document.addEventListener("visibilitychange", () => paused || document.hidden || renew());
