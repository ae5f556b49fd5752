#!/usr/bin/env bash
# One would guess: normalising punctuation leaves the value of a number alone.
# What happens: a no-break space between two digits, the French mark of thousands, is replaced: by '.' in
#   English, by ',' in French and German. '10 000' becomes ten point nought in English, and in French too,
#   where the comma is the decimal one.
# Versions: sacremoses 0.2.0.
# Where it matters: cleaning a French-English corpus before training or scoring: the numbers of source and
#   reference no longer agree.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check sacremoses==0.2.0
venv/bin/python - <<'PY'
from importlib.metadata import version

from sacremoses import MosesPunctNormalizer


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("sacremoses", version("sacremoses"))
text = "10\u00a0000 people"
for lang, wanted in {"en": "10.000 people", "fr": "10,000 people", "de": "10,000 people"}.items():
    got = MosesPunctNormalizer(lang=lang).normalize(text)
    print(f"{lang}: {text!r} -> {got!r}")
    still(got == wanted, f"{lang} gives {got!r}")
PY
