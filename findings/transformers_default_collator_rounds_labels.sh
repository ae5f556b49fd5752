#!/usr/bin/env bash
# One would guess: a batch of labels 1, 0.5 and 0.25 has these labels: what is stacked takes the widest type.
# What happens: default_data_collator looks at the first example alone. Is its label a whole number, all of the
#   batch become whole numbers, cut off, not rounded: 1, 0, 0. In another order they are floats. Nothing is said.
# Versions: transformers 5.24.0, NumPy 2.4.6. The same with return_tensors="pt", which is Trainer's.
# Where it matters: scores of likeness (0 to 5) or soft labels read from JSON, where 5 and 4.8 stand side by side:
#   which labels are learnt depends on which example a shuffle puts first. Other keys of the same batch are right.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check transformers==5.24.0 numpy==2.4.6
HF_HUB_OFFLINE=1 HF_HOME="$tmp/hf" venv/bin/python - <<'PY' 2>errors.txt || { cat errors.txt; exit 1; }
import json
from importlib.metadata import version

import numpy as np
from transformers import default_data_collator


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


def labels(rows):
    return default_data_collator(rows, return_tensors="np")["labels"]


print("transformers", version("transformers"), "numpy", version("numpy"))
rows = json.loads('[{"label": 1, "x": 1}, {"label": 0.5, "x": 0.5}, {"label": 0.25, "x": 0.25}]')
forwards, backwards = labels(rows), labels(rows[::-1])
print("labels 1, 0.5, 0.25:", forwards, forwards.dtype)
print("labels 0.25, 0.5, 1:", backwards, backwards.dtype)
still(forwards.tolist() == [1, 0, 0] and forwards.dtype.kind == "i", "labels behind a whole number are kept")
still(np.allclose(backwards, [0.25, 0.5, 1]), "labels behind a fraction are no longer floats")
other = default_data_collator(rows, return_tensors="np")["x"]
print("the same numbers under another key:", other, other.dtype)
still(np.allclose(other, [1, 0.5, 0.25]), "another key is no longer kept")
PY
