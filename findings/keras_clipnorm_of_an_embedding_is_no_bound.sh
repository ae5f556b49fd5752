#!/usr/bin/env bash
# One would guess: with clipnorm=1.0, or global_clipnorm=1.0, no gradient that is applied is longer than 1.
# What happens: on TensorFlow an embedding's gradient comes as one row for each token of the batch. The norm is taken
#   of these rows, before those of one token are added up. A token that stands n times and asks for the same each time
#   moves its vector by √n instead of 1. No warning; on JAX, and on TensorFlow with the gradient made dense, it is 1.
# Versions: keras 3.15.1, tensorflow 2.21.0, jax 0.10.2.
# Where it matters: every model that reads tokens and clips, as Transformers do; padding and commas stand hundreds of
#   times in a batch.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check keras==3.15.1 tensorflow==2.21.0 jax==0.10.2 numpy==2.4.6
cat >step.py <<'PY'
import sys

import keras
import numpy as np


class Rows(keras.layers.Layer):
    """An embedding as a lookup by hand in a weight, whose gradient is dense."""

    def build(self, shape):
        self.table = self.add_weight(shape=(5, 3))

    def call(self, ids):
        return keras.ops.matmul(keras.ops.one_hot(ids, 5), self.table)


for name in ("clipnorm", "global_clipnorm"):
    for kind, layer in (("Embedding", keras.layers.Embedding(5, 3)), ("one-hot", Rows())):
        model = keras.Sequential([keras.Input((16,), dtype="int32"), layer])
        before = model.get_weights()[0].copy()
        loss = lambda y, said: keras.ops.sum(said)  # noqa: E731
        model.compile(keras.optimizers.SGD(1.0, **{name: 1.0}), loss)  # the step is the clipped gradient itself
        ids = np.full((1, 16), 2, "int32")  # one token, sixteen times
        model.fit(ids, np.zeros((1, 16, 3)), epochs=1, verbose=0)
        length = float(np.linalg.norm(model.get_weights()[0] - before))
        print(f"{keras.backend.backend()} {name} {kind} {length:.3f}")
PY
export TF_CPP_MIN_LOG_LEVEL=3
echo "keras $(venv/bin/pip show keras 2>/dev/null | sed -n 's/^Version: //p')"
said=$(KERAS_BACKEND=tensorflow venv/bin/python step.py 2>/dev/null; KERAS_BACKEND=jax venv/bin/python step.py 2>/dev/null)
echo "$said"
wanted="tensorflow clipnorm Embedding 4.000
tensorflow clipnorm one-hot 1.000
tensorflow global_clipnorm Embedding 4.000
tensorflow global_clipnorm one-hot 1.000
jax clipnorm Embedding 1.000
jax clipnorm one-hot 1.000
jax global_clipnorm Embedding 1.000
jax global_clipnorm one-hot 1.000"
if [ "$said" != "$wanted" ]; then
  echo "CHANGED: an embedding's clipped gradient is bounded, or the lengths are others"
  exit 1
fi
