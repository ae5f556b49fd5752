"""The page on which a saved model can be tried: HTML, style and script; what the model says is put in by the server."""

import html

from utils.tasks.shell.saved import TASKS

CSS = """
:root{color-scheme:light}
body{font:17px/1.6 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
label{display:block;margin:.8rem 0 .2rem;font-weight:600}
textarea,input{width:100%;box-sizing:border-box;font:inherit;padding:.5rem;border:1px solid #767676;border-radius:.3rem}
button{margin-top:.8rem;font:inherit;padding:.4rem 1.2rem}
#said{margin-top:1.2rem;min-height:4rem;overflow-wrap:anywhere}.bad{color:#a00}
"""
SCRIPT = """
"use strict";
const form = document.querySelector("form"), said = document.querySelector("#said");
let latest = 0; // an answer to an older question that comes late is not shown
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const asked = Object.fromEntries(new FormData(form)), mine = ++latest;
  said.textContent = "Working …";
  said.className = "";
  let shown = "", bad = "";
  try {
    const answer = await fetch("/predict", {
      method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({...asked, html: true}),
    });
    const text = await answer.text();
    try {
      const content = JSON.parse(text);
      shown = content.html;
      bad = content.error || (content.html === undefined ? `The server said nothing (${answer.status}).` : "");
    } catch { bad = `The server does not answer as it should (${answer.status}). Ask again.`; }
  } catch (error) { bad = "The server does not answer: " + error.message; }
  if (mine !== latest) return;
  said.className = bad ? "bad" : "";
  if (bad) said.textContent = bad;
  else said.innerHTML = shown;
});
"""
FIELDS = {  # in any language, from whichever side it is written
    "ner": '<label for="text">A text</label><textarea id="text" name="text" rows="5" dir="auto" required></textarea>',
    "translate": '<label for="text">A sentence</label>'
    '<textarea id="text" name="text" rows="3" dir="auto" required></textarea>',
    "qa": '<label for="question">A question</label><input id="question" name="question" dir="auto" required>'
    '<label for="context">The passage</label>'
    '<textarea id="context" name="context" rows="8" dir="auto" required></textarea>',
}
BUTTONS = {"ner": "Find names", "qa": "Find the answer", "translate": "Translate"}


def page(task: str) -> str:
    """The page for a task."""
    title = html.escape(TASKS[task].capitalize())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/page.css">'
        f'<script src="/page.js" defer></script></head><body><main><h1>{title}</h1><form>{FIELDS[task]}'
        f"<button>{BUTTONS[task]}</button></form><noscript><p>Allow JavaScript: the page asks the model with it.</p>"
        f'</noscript><div id="said" role="status" aria-live="polite"></div></main></body></html>'
    )
