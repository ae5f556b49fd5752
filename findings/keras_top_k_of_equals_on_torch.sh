#!/usr/bin/env bash
# One would guess: keras.ops.top_k gives of equal scores those with the lowest index first, as its argmax and its
#   argsort do, and the same on every backend.
# What happens: so it is on TensorFlow and JAX. On PyTorch others come, from the midst or the end, and the first of
#   the k may be another than argmax gives.
# Versions: keras 3.15.1, torch 2.13.0, jax 0.10.2.
# Where it matters: beams whose scores are level, sampling among the k likeliest of a fresh model, experts chosen by a
#   router that has learnt nothing yet: two backends say other words with the same weights.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check keras==3.15.1 torch==2.13.0 jax==0.10.2 numpy==2.4.6
cat >equals.py <<'PY'
import keras
import numpy as np

scores = np.zeros((1, 50), "float32")
best = keras.ops.convert_to_numpy(keras.ops.top_k(scores, 4)[1])[0].tolist()
first = int(keras.ops.argmax(scores[0]))
print(keras.backend.backend(), keras.__version__, "of 50 equals: top 4", best, "argmax", first)
raise SystemExit(best != [0, 1, 2, 3] if keras.backend.backend() == "jax" else best == [0, 1, 2, 3] or first != 0)
PY
for backend in jax torch; do
  KERAS_BACKEND=$backend venv/bin/python equals.py || { echo "CHANGED: on $backend others come first"; exit 1; }
done
