#!/usr/bin/env bash
# One would guess: labels without a prefix are names of types: ORG, PER and EVENT are each one entity, or all
#   are refused.
# What happens: the first letter is taken for the prefix. ORG is an O, outside, and counts for nothing; EVENT
#   is an E, the end of a VENT; PER is an entity ER. A perfect ORG tagger scores 0. One warning says that ORG
#   'seems not to be NE tag'.
# Versions: seqeval 1.2.2.
# Where it matters: data sets whose labels have no BIO prefix, and the aggregated output of a pipeline.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check numpy==2.4.6 seqeval==1.2.2
venv/bin/python - <<'PY'
import warnings
from importlib.metadata import version

from seqeval.metrics import f1_score
from seqeval.metrics.sequence_labeling import get_entities


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


warnings.simplefilter("ignore")
print("seqeval", version("seqeval"))
for label, read_as in {"ORG": [], "PER": ["ER"], "EVENT": ["VENT"], "LOC": ["OC"]}.items():
    found = [kind for kind, _, _ in get_entities(["O", label, "O"])]
    score = f1_score([["O", label, "O"]], [["O", label, "O"]])
    print(f"{label}: entities {found}, F1 of a perfect answer {score:.1f}")
    still(found == read_as, f"{label} is read as {found}")
    still(score == (1.0 if read_as else 0.0), f"a perfect {label} scores {score}")
PY
