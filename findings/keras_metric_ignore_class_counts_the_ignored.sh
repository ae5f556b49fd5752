#!/usr/bin/env bash
# One would guess: SparseCategoricalCrossentropy(ignore_class=0) leaves the class out, as a metric as well as a loss.
# What happens: the loss divides by the tokens that count. The metric counts each ignored token as one that is
#   predicted without error, so it falls with the share of padding.
# Versions: keras 3.15.1, jax 0.10.2. The same on TensorFlow and on PyTorch.
# Where it matters: a language model's perplexity, exp of the metric: a model that guesses one word of three has
#   2.3, not 3, and the same model looks better on a batch with more padding.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2 numpy==2.4.6
KERAS_BACKEND=jax venv/bin/python - <<'PY'
from importlib.metadata import version

import keras
import numpy as np


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


for package in ("keras", "jax"):
    print(package, version(package))
PAD = 0


def perplexities(name, tokens):
    """What the loss, the metric and the metric with weights make of a model that gives each of 3 words a third."""
    tokens = np.array(tokens)
    logits = np.zeros((*tokens.shape, 3), dtype="float32")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=PAD)(tokens, logits)
    metric = keras.metrics.SparseCategoricalCrossentropy(from_logits=True, ignore_class=PAD)
    metric.update_state(tokens, logits)
    weighted = keras.metrics.SparseCategoricalCrossentropy(from_logits=True)
    weighted.update_state(tokens, logits, sample_weight=tokens != PAD)
    found = [round(float(np.exp(value)), 3) for value in (loss, metric.result(), weighted.result())]
    print(f"{name}: perplexity by the loss {found[0]}, by the metric {found[1]}, by weights {found[2]}")
    return found


full = perplexities("no padding      ", [[1, 2, 1, 2], [2, 1, 2, 1]])
quarter = perplexities("a quarter of pad", [[1, 2, PAD, PAD], [2, 1, 2, 1]])
half = perplexities("a half of pad   ", [[1, 2, PAD, PAD], [2, 1, PAD, PAD]])
still(full == [3.0, 3.0, 3.0], "they differ without padding")
still(quarter[0] == quarter[2] == half[0] == half[2] == 3.0, "the loss or the weights count the padding")
still(quarter[1] == 2.28 and half[1] == 1.732, "the metric leaves the ignored class out")
PY
