#!/usr/bin/env bash
# One would guess: spaCy reads BIO tags the same way everywhere: Doc(ents=tags) takes them and finds the
#   entities.
# What happens: Example.from_dict(doc, {'entities': tags}) takes the same list for BILUO. There B-PER I-PER
#   has no end and a lone B-LOC is not whole, so every entity is dropped. No error, no warning.
# Versions: spacy 3.8.18. spacy.training.iob_to_biluo first is the cure.
# Where it matters: training or scoring spaCy on CoNLL data: a training set of no entities, and a model that
#   learns to say nothing.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check spacy==3.8.18
venv/bin/python - <<'PY'
from importlib.metadata import version

import spacy
from spacy.tokens import Doc
from spacy.training import Example, iob_to_biluo


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("spacy", version("spacy"))
vocab = spacy.blank("en").vocab
words = ["Ada", "Lovelace", "wrote", "from", "London"]
tags = ["B-PER", "I-PER", "O", "O", "B-LOC"]
wanted = ["Ada Lovelace", "London"]


def entities(doc):
    return [span.text for span in doc.ents]


in_doc = entities(Doc(vocab, words=words, ents=tags))
in_example = entities(Example.from_dict(Doc(vocab, words=words), {"entities": tags}).reference)
cured = entities(Example.from_dict(Doc(vocab, words=words), {"entities": iob_to_biluo(tags)}).reference)
print("Doc:                 ", in_doc)
print("Example:             ", in_example)
print("Example, iob_to_biluo:", cured)
still(in_doc == wanted, "Doc no longer reads BIO")
still(in_example == [], "Example finds entities in BIO tags")
still(cured == wanted, "iob_to_biluo is no cure")
PY
