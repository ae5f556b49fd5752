#!/usr/bin/env bash
# One would guess: a parser told its columns (fields=['form', 'tag']) gives a token for each line that has
#   them.
# What happens: a line whose first column is the token '#' is taken for a comment, tab and tag and all. The
#   token is gone, without a warning. With a number first, as in true CoNLL-U, the same token stays.
# Versions: conllu 6.0.0.
# Where it matters: entity data in word-first columns, as CoNLL-2003 has them: labels no longer line up with
#   the text.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check conllu==6.0.0
venv/bin/python - <<'PY'
from importlib.metadata import version

import conllu


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("conllu", version("conllu"))
rows = [("Room", "O"), ("#", "O"), ("five", "O")]
word_first = "".join(f"{form}\t{tag}\n" for form, tag in rows) + "\n"
number_first = "".join(f"{i}\t{form}\t{tag}\n" for i, (form, tag) in enumerate(rows, 1)) + "\n"
lost = [token["form"] for token in conllu.parse(word_first, fields=["form", "tag"])[0]]
kept = [token["form"] for token in conllu.parse(number_first, fields=["id", "form", "tag"])[0]]
print("word first:  ", lost)
print("number first:", kept)
still(lost == ["Room", "five"], "the token # is kept in word-first columns")
still(kept == ["Room", "#", "five"], "the token # is lost in number-first columns")
PY
