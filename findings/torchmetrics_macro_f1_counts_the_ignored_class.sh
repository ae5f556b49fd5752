#!/usr/bin/env bash
# One would guess: `MulticlassF1Score(3, average="macro", ignore_index=0)` is the mean over the two classes that are left:
#   one mistake among two hundred tokens costs next to nothing.
# What happens: tokens whose label is 0 are left out; a prediction of 0 elsewhere brings the class back into the mean, with
#   F1 0. A tagger without mistakes has 1.0; let it miss one name, saying 0, and it has 0.665. Precision and recall too.
# Versions: torchmetrics 1.9.0, torch 2.13.0.
# Where it matters: tagging with O, or padding, as the ignored class: the score says whether the class was ever predicted
#   rather than how well the others are found, and jumps by a third or a fifth between two epochs. `average="none"` without
#   the ignored class's entry, and the mean of the rest, is what was meant.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torchmetrics==1.9.0 torch==2.13.0 numpy==2.4.6
venv/bin/python - <<'PY'
from importlib.metadata import version

import torch
from torchmetrics.classification import MulticlassF1Score, MulticlassPrecision, MulticlassRecall

print("torchmetrics", version("torchmetrics"))
labels = torch.tensor([0] * 300 + [1] * 100 + [2] * 100)
for said, wanted in ((None, 1.0), (2, 0.995), (0, 0.665)):
    found = labels.clone()
    if said is not None:
        found[300] = said  # of the first token of class 1
    name = "no mistake" if said is None else f"one 1 taken for {said}"
    scores = {kind: float(kind(3, average="macro", ignore_index=0)(found, labels))
              for kind in (MulticlassF1Score, MulticlassPrecision, MulticlassRecall)}
    each = MulticlassF1Score(3, average="none", ignore_index=0)(found, labels)
    print(f"{name}: macro", *(f"{kind.__name__[10:]} {score:.3f}" for kind, score in scores.items()),
          f"  mean of F1 of 1 and 2: {float(each[1:].mean()):.3f}")
    if abs(scores[MulticlassF1Score] - wanted) > 1e-3 or float(each[1:].mean()) < 0.99:
        raise SystemExit("CHANGED: the ignored class stays out of the mean")
PY
