#!/usr/bin/env bash
# One would guess: a text has ROUGE 1 against itself, in any language, and 0 against one that shares no word with it.
# What happens: rouge-score cuts at all that is not a to z or 0 to 9. Of Russian or Chinese nothing is left, and a text has 0
#   against itself. Accented letters are gaps: "été" and "ôté" are both "t", and equal; "Zoë" and "Zoé" too.
# Versions: rouge-score 0.1.2.
# Where it matters: it is the scorer behind KerasHub's RougeN and RougeL and behind `evaluate`. A summary in French is scored
#   by its letters without accents, one in Greek or Hindi has 0 whatever it says. A `tokenizer` of one's own helps.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check rouge-score==0.1.2 absl-py==2.3.1 nltk==3.9.2 numpy==2.4.6 six==1.17.0
venv/bin/python - <<'PY' 2>&1 | grep -v absl
from importlib.metadata import version

from rouge_score import rouge_scorer


class BySpaces:
    def tokenize(self, text):
        return text.lower().split()


print("rouge-score", version("rouge-score"))
PAIRS = {("We go to Africa", "We go to Africa"): (1, 1), ("Мы едем в Африку", "Мы едем в Африку"): (0, 1)}
PAIRS |= {("我们 去 非洲", "我们 去 非洲"): (0, 1), ("été", "ôté"): (1, 0), ("Zoë left", "Zoé left"): (1, 0.5)}
for pair, wanted in PAIRS.items():
    scorers = [rouge_scorer.RougeScorer(["rouge1"], **how) for how in ({}, {"tokenizer": BySpaces()})]
    found = tuple(scorer.score(*pair)["rouge1"].fmeasure for scorer in scorers)
    print(f"{pair[0]!r} and {pair[1]!r}: {found[0]:.1f}; cut at spaces {found[1]:.1f}")
    if found != wanted:
        raise SystemExit("CHANGED: letters beyond a to z count")
PY
