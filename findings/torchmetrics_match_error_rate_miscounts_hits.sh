#!/usr/bin/env bash
# One would guess: match error rate and word information lost count hits from the alignment, as their authors
#   define them (Morris et al. 2004): hits are words that are aligned and equal.
# What happens: hits are taken as the longer side's length minus the edit distance. Where one word is left out and
#   another put in, that is one hit too few for each such pair: 3 of 4 words are right, and 2 are counted.
# Versions: torchmetrics 1.9.0, jiwer 4.0.0.
# Where it matters: a word that moved is such a pair. Of "a b c d" and "x a b c" 0.75 of the information is lost
#   by torchmetrics and 0.44 by the definition. Word error rate, which needs no hits, is the same in both.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torchmetrics==1.9.0 torch==2.13.0 jiwer==4.0.0
venv/bin/python - <<'PY'
from importlib.metadata import version

import jiwer
from torchmetrics.functional.text import match_error_rate, word_error_rate, word_information_lost


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("torchmetrics", version("torchmetrics"), "jiwer", version("jiwer"))
MOVED = "the cat sat on the mat", "cat sat on the mat now"
for right, said in (("a b c d", "a x c d"), ("a b c d", "x a b c"), MOVED):
    counts = jiwer.process_words(right, said)
    H, S, D, I = counts.hits, counts.substitutions, counts.deletions, counts.insertions
    defined = (S + D + I) / (H + S + D + I), 1 - (H / len(right.split())) * (H / len(said.split()))
    theirs = match_error_rate([said], [right]).item(), word_information_lost([said], [right]).item()
    print(f"{right!r} for {said!r}: hits {H}, substituted {S}, left out {D}, put in {I}")
    print(f"   match error rate: defined {defined[0]:.3f}, jiwer {counts.mer:.3f}, torchmetrics {theirs[0]:.3f}")
    print(f"   information lost: defined {defined[1]:.3f}, jiwer {counts.wil:.3f}, torchmetrics {theirs[1]:.3f}")
    still(abs(counts.mer - defined[0]) < 1e-6 and abs(counts.wil - defined[1]) < 1e-6, "jiwer differs")
    still(abs(word_error_rate([said], [right]).item() - counts.wer) < 1e-6, "the word error rates differ")
    missed = max(len(right.split()), len(said.split())) - (S + D + I)  # what torchmetrics takes for hits
    still(abs(theirs[1] - (1 - missed**2 / len(right.split()) / len(said.split()))) < 1e-6, "other hits")
    still((abs(theirs[0] - defined[0]) > 0.01) == (D > 0 and I > 0), "one left out and one put in are counted rightly")
PY
