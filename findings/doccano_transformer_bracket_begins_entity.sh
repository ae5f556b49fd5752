#!/usr/bin/env bash
# One would guess: a token that ends where a span begins is outside it.
# What happens: the comparison is strict, so a token that touches the span from the left is taken in. For
#   '(Acme)' the bracket gets B-ORG and the name only I-ORG. With a space between them it is right.
# Versions: doccano-transformer 1.0.2 (its function create_bio_tags, which to_conll2003 calls).
# Where it matters: turning annotated spans into tags: brackets, quotation marks and hyphens become parts of
#   names.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps doccano-transformer==1.0.2
venv/bin/python - <<'PY'
from importlib.metadata import version

from doccano_transformer.utils import create_bio_tags, get_offsets


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


def tags_of(text, tokens, name):
    start = text.index(name)
    spans = [[start, start + len(name), "ORG"]]
    return list(zip(tokens, create_bio_tags(tokens, get_offsets(text, tokens), spans)))


print("doccano-transformer", version("doccano-transformer"))
touching = tags_of("at (Acme) now", ["at", "(", "Acme", ")", "now"], "Acme")
apart = tags_of("at ( Acme ) now", ["at", "(", "Acme", ")", "now"], "Acme")
print("(Acme)  ", touching)
print("( Acme )", apart)
still([tag for _, tag in touching] == ["O", "B-ORG", "I-ORG", "O", "O"], "the bracket is no longer B-ORG")
still([tag for _, tag in apart] == ["O", "O", "B-ORG", "O", "O"], "the tags with a space have changed")
PY
