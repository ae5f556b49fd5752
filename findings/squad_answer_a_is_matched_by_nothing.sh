#!/usr/bin/env bash
# One would guess: an answer that says nothing has exact match and F1 0 where there is something to say.
# What happens: SQuAD's scores drop articles and punctuation before they compare. Of the answers "A", "The The" or
#   "..." nothing is left, so that "", or "the", is fully right, and "vitamin A" has F1 0 where "A" is asked for.
# Versions: torchmetrics 1.9.0, torch 2.13.0.
# Where it matters: answers that are a letter (blood group A, grade A, vitamin A, answer A of four): a model that
#   declines is right, and one that names the thing with it is wrong.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torchmetrics==1.9.0 torch==2.13.0
venv/bin/python - <<'PY'
from importlib.metadata import version

from torchmetrics.text import SQuAD

print("torchmetrics", version("torchmetrics"))
for said, asked, wanted in (
    ("", "A", (100, 100)),
    ("the", "A", (100, 100)),
    ("vitamin A", "A", (0, 0)),
    ("", "The The", (100, 100)),
    ("", "...", (100, 100)),
    ("", "O", (0, 0)),
    ("vitamin B", "B", (0, 200 / 3)),
):
    answer = {"id": "1", "answers": {"answer_start": [0], "text": [asked]}}
    scores = SQuAD()([{"id": "1", "prediction_text": said}], [answer])
    found = float(scores["exact_match"]), float(scores["f1"])
    print(f"asked for {asked!r}, said {said!r}: exact match {found[0]:.0f}, F1 {found[1]:.1f}")
    if max(abs(a - b) for a, b in zip(found, wanted)) > 0.01:
        raise SystemExit(f"CHANGED: {said!r} for {asked!r} has other scores")
PY
