#!/usr/bin/env bash
# One would guess: use_causal_mask hides later places along the axis that is attended to.
# What happens: the mask is made from axis 1, whatever attention_axes says. Attending along axis 2 of inputs
#   with one row, nothing is hidden: each place sees what comes after it. Without attention_axes it is right.
# Versions: keras 3.15.1, jax 0.10.2 (tensorflow 2.21.0 the same).
# Where it matters: a decoder over inputs with one more axis, such as sentences in a document: it reads what
#   it is to predict.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2 numpy==2.4.6
KERAS_BACKEND=jax venv/bin/python - <<'PY'
import jax
import keras
import numpy as np


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("keras", keras.__version__, "jax", jax.__version__)
words = np.random.rand(1, 4, 8).astype("float32")


def future_weight(inputs, **settings):
    layer = keras.layers.MultiHeadAttention(num_heads=2, key_dim=4, **settings)
    _, weights = layer(inputs, inputs, use_causal_mask=True, return_attention_scores=True)
    return float(np.triu(np.array(weights).reshape(-1, 4, 4), k=1).max())


usual = future_weight(words)
along_axis_2 = future_weight(words[:, None], attention_axes=(2,))
print(f"largest weight on a later place: {usual:.3f} as usual, {along_axis_2:.3f} with attention_axes=(2,)")
still(usual == 0.0, "the usual causal mask lets the future through")
still(along_axis_2 > 0.1, "the causal mask follows attention_axes")
PY
