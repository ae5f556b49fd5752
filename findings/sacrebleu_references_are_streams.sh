#!/usr/bin/env bash
# One would guess: corpus_bleu takes a list of references for each sentence: [[ref of 1], [ref of 2], ...].
# What happens: the outer list is one of reference streams. A list for each sentence is read as many
#   references for sentence 1 alone: the other sentences are dropped without a word, and two sentences of
#   nonsense score 100.
# Versions: sacrebleu 2.6.0.
# Where it matters: any BLEU computed for a translation lesson, above all by people who come from NLTK, whose
#   corpus_bleu takes a list for each sentence.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check sacrebleu==2.6.0
venv/bin/python - <<'PY'
from importlib.metadata import version

from sacrebleu import corpus_bleu


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("sacrebleu", version("sacrebleu"))
references = ["the cat sat on the mat today", "a dog ran over the old bridge", "she reads a long book every night"]
answers = [references[0], "wrong words only", "nothing of this is right"]
right = corpus_bleu(answers, [references])
transposed = corpus_bleu(answers, [[reference] for reference in references])
print(f"one stream of three references: {right.score:.1f}, {right.sys_len} words scored")
print(f"three lists of one reference:   {transposed.score:.1f}, {transposed.sys_len} words scored")
still(right.score < 60 and right.sys_len == 15, "the stream of references")
still(round(transposed.score, 1) == 100.0 and transposed.sys_len == 7, "sentence 1 alone is no longer scored")
PY
