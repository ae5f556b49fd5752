#!/usr/bin/env bash
# One would guess: save(x.T) writes x.T: the shape says so, and it holds for every other array.
# What happens: the NumPy writer copies the view's memory as it lies, row by row of the array beneath, under
#   the view's shape. For a square array the shape is the same, so the file holds x: the transposition is
#   undone without a word. A slice with a step loses its values to its neighbours.
# Versions: safetensors 0.8.0, numpy 2.4.6. numpy.ascontiguousarray first is the cure.
# Where it matters: carrying weights between PyTorch, which stores a Dense kernel transposed, and Keras:
#   query, key, value and output kernels are square.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check numpy==2.4.6 safetensors==0.8.0
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from safetensors.numpy import load, save


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("safetensors", version("safetensors"), "numpy", np.__version__)
kernel = np.arange(4, dtype="float32").reshape(2, 2)
back = load(save({"kernel": kernel.T}))["kernel"]
print("saved", kernel.T.tolist(), "read", back.tolist())
still(np.array_equal(back, kernel), "a square transposed view is no longer written untransposed")
wide = np.arange(6, dtype="float32").reshape(2, 3)
back = load(save({"wide": wide[:, ::2]}))["wide"]
print("saved", wide[:, ::2].tolist(), "read", back.tolist())
still(back.tolist() == [[0.0, 1.0], [2.0, 3.0]], "a strided view is no longer written from its neighbours")
cured = load(save({"kernel": np.ascontiguousarray(kernel.T)}))["kernel"]
still(np.array_equal(cured, kernel.T), "ascontiguousarray is no cure")
print("after ascontiguousarray", cured.tolist())
PY
