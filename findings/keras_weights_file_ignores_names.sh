#!/usr/bin/env bash
# One would guess: layers that the author named get back the weights saved under their names.
# What happens: a .weights.h5 file finds layers by class and place in the model. Two named layers of one shape
#   that changed places exchange their weights, and nothing is said.
# Versions: keras 3.15.1, jax 0.10.2.
# Where it matters: a model tidied up between saving and loading: query and key, or two blocks, built in
#   another order.
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


def build(*names):
    inputs = keras.Input((3,))
    heads = {name: keras.layers.Dense(3, name=name)(inputs) for name in names}
    return keras.Model(inputs, list(heads.values()))


saved, read = build("query", "key"), build("key", "query")
saved.get_layer("query").kernel.assign(np.full((3, 3), 1.0))
saved.get_layer("key").kernel.assign(np.full((3, 3), 2.0))
saved.save_weights("pair.weights.h5")
read.load_weights("pair.weights.h5")
found = {}
for name in ("query", "key"):
    found[name] = float(read.get_layer(name).kernel[0][0])
    print(f"{name}: saved {float(saved.get_layer(name).kernel[0][0])}, read {found[name]}")
still(found == {"query": 2.0, "key": 1.0}, "layers are found by name")
PY
