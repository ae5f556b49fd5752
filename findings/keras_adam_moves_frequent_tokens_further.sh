#!/usr/bin/env bash
# One would guess: Adam's first step moves a weight by the learning rate, however large its gradient is, and an embedding
#   learns the same on all backends.
# What happens: on TensorFlow an embedding's gradient comes as one part for each token of the batch. The second moment
#   adds up the squares of these parts, instead of squaring their sum. A token that stands n times and asks for the same
#   each time is moved by √n times the learning rate. No warning; on JAX and PyTorch, and on TensorFlow with the gradient
#   made dense, by the learning rate. So do Adam, AdamW, Nadam and RMSprop; PyTorch was tried by hand.
# Versions: keras 3.15.1, tensorflow 2.21.0, jax 0.10.2.
# Where it matters: every model with an `Embedding` that learns by `fit` on TensorFlow: its commonest tokens have a higher
#   learning rate, that grows with the batch, and a training does not carry over from one backend to another.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check keras==3.15.1 tensorflow==2.21.0 jax==0.10.2 numpy==2.4.6
cat >step.py <<'PY'
import keras
import numpy as np

RATE = 0.1


class Rows(keras.layers.Layer):
    """An embedding as a lookup by hand in a weight, whose gradient is dense."""

    def build(self, shape):
        self.table = self.add_weight(shape=(5, 3))

    def call(self, ids):
        return keras.ops.matmul(keras.ops.one_hot(ids, 5), self.table)


for kind in (keras.optimizers.Adam, keras.optimizers.AdamW, keras.optimizers.Nadam, keras.optimizers.RMSprop):
    for name, layer in (("Embedding", keras.layers.Embedding(5, 3)), ("one-hot", Rows())):
        model = keras.Sequential([keras.Input((17,), dtype="int32"), layer])
        before = model.get_weights()[0].copy()
        loss = lambda y, said: keras.ops.sum(said)  # noqa: E731
        model.compile(kind(RATE), loss)
        ids = np.array([[1] + 16 * [2]], "int32")  # one token once, another one sixteen times
        model.fit(ids, np.zeros((1, 17, 3)), epochs=1, verbose=0)
        moved = np.abs(model.get_weights()[0] - before).max(axis=1)
        print(f"{keras.backend.backend()} {kind.__name__} {name}: sixteen times the one {moved[2] / moved[1]:.1f}")
PY
export TF_CPP_MIN_LOG_LEVEL=3
echo "keras $(venv/bin/pip show keras 2>/dev/null | sed -n 's/^Version: //p')"
said=$(KERAS_BACKEND=tensorflow venv/bin/python step.py 2>/dev/null; KERAS_BACKEND=jax venv/bin/python step.py 2>/dev/null)
echo "$said"
wanted=""
for line in "tensorflow 4.0" "jax 1.0"; do
  for kind in Adam AdamW Nadam RMSprop; do
    wanted+="${line% *} $kind Embedding: sixteen times the one ${line#* }"$'\n'
    wanted+="${line% *} $kind one-hot: sixteen times the one 1.0"$'\n'
  done
done
if [ "$said"$'\n' != "$wanted" ]; then
  echo "CHANGED: an embedding's tokens move alike however often they stand there, or the numbers are others"
  exit 1
fi
