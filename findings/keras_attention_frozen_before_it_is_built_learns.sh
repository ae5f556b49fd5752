#!/usr/bin/env bash
# One would guess: a layer made with trainable=False, or frozen before it is first called, does not learn. The layer
#   says so itself: its trainable_weights are none.
# What happens: MultiHeadAttention, Bidirectional and TimeDistributed make or build layers inside, which do not
#   hear of it. The model around them counts the inner weights as its own, and fit changes them. Frozen after it
#   is built, nothing moves; Dense and LSTM stay frozen either way.
# Versions: keras 3.15.1, jax 0.10.2.
# Where it matters: an attention that was to be kept as it is, as in comparing what a part learns, is trained with
#   the rest. summary() of the layer and layer.trainable say the opposite; model.trainable_weights tells.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2 numpy==2.4.6
KERAS_BACKEND=jax KERAS_HOME="$tmp/keras" venv/bin/python - <<'PY' 2>errors.txt || { cat errors.txt; exit 1; }
import jax
import keras
import numpy as np
from keras import layers


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


def trained(layer, late):
    """What the layer says learns, what the model says, and how many arrays one epoch changes."""
    x = keras.Input((5, 12))
    y = layer(x, x) if isinstance(layer, layers.MultiHeadAttention) else layer(x)
    if late:
        layer.trainable = False
    model = keras.Model(x, y)
    before = [np.array(w) for w in layer.get_weights()]
    inputs = np.random.default_rng(0).normal(size=(8, 5, 12))
    model.compile("sgd", "mse")
    model.fit(inputs, np.ones(model(inputs).shape), verbose=0)
    moved = sum(not np.array_equal(a, b) for a, b in zip(before, layer.get_weights(), strict=True))
    return len(layer.trainable_weights), len(model.trainable_weights), moved


print("keras", keras.__version__, "jax", jax.__version__)
kinds = {"Dense": lambda **how: layers.Dense(3, **how), "LSTM": lambda **how: layers.LSTM(3, **how),
         "MultiHeadAttention": lambda **how: layers.MultiHeadAttention(3, 4, **how),
         "Bidirectional": lambda **how: layers.Bidirectional(layers.LSTM(3), **how),
         "TimeDistributed": lambda **how: layers.TimeDistributed(layers.Dense(3), **how)}
for name, kind in kinds.items():
    early, late = trained(kind(trainable=False), late=False), trained(kind(), late=True)
    print(f"{name:19} made frozen: layer says {early[0]} learn, model {early[1]}, {early[2]} moved; "
          f"frozen when built: {late[0]}, {late[1]}, {late[2]} moved")
    still(early[0] == 0 and late == (0, 0, 0), f"{name} frozen late")
    still((early[1] > 0 and early[2] > 0) == (name not in ("Dense", "LSTM")), f"{name} made frozen")
PY
