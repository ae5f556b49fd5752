#!/usr/bin/env bash
# One would guess: the alternative text that a notebook stores with an image is in every page made of it.
# What happens: the templates classic and basic write it. The default, lab, and the slides write 'No
#   description has been provided for this image' over an image that has one.
# Versions: nbconvert 7.17.2, nbformat 5.11.1.
# Where it matters: readers who hear the page: a figure described with care is announced as not described.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check nbconvert==7.17.2 nbformat==5.11.1
venv/bin/python - <<'PY'
import re
from importlib.metadata import version

from nbconvert import HTMLExporter, SlidesExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("nbconvert", version("nbconvert"))
pixel = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
         "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
described = {"image/png": {"alt": "weights of head 1"}}
output = new_output("display_data", data={"image/png": pixel}, metadata=described)
notebook = new_notebook(cells=[new_code_cell("figure", outputs=[output])])
for name, exporter, kept in [("lab", HTMLExporter(template_name="lab"), False),
                             ("slides", SlidesExporter(), False),
                             ("classic", HTMLExporter(template_name="classic"), True),
                             ("basic", HTMLExporter(template_name="basic"), True)]:
    page, _ = exporter.from_notebook_node(notebook)
    alt = re.search(r'<img alt="([^"]*)"', page)[1]
    print(f"{name}: alt={alt!r}")
    wanted = "weights of head 1" if kept else "No description has been provided for this image"
    still(alt == wanted, f"{name} writes {alt!r}")
PY
