#!/usr/bin/env bash
# One would guess: `keras.optimizers.Muon` moves the projections of attention, the matrices that Muon was made for: after
#   a step what was added to each has singular values near one another.
# What happens: it leaves every weight that has not exactly two axes to AdamW, and all four kernels of
#   `keras.layers.MultiHeadAttention` have three, (width, heads, size) or (heads, size, width). Of a Transformer's block
#   only the two dense layers are moved by Muon; not a word is said. The same numbers as one matrix, in a `Dense` of the
#   same size, are moved by it. So is it with `GroupQueryAttention` and every `EinsumDense` that cuts into heads.
# Versions: keras 3.15.1, tensorflow 2.21.0.
# Where it matters: comparing Muon with AdamW on a Transformer: most of its matrices had AdamW in both arms.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check keras==3.15.1 tensorflow==2.21.0 numpy==2.4.6
cat >step.py <<'PY'
import keras
import numpy as np

keras.utils.set_random_seed(0)
x = keras.random.normal((8, 10, 16))
for name, layer in (
    ("MultiHeadAttention", keras.layers.MultiHeadAttention(4, 4)),
    ("GroupQueryAttention", keras.layers.GroupQueryAttention(4, 4, 2)),
    ("Dense", keras.layers.Dense(16)),
):
    inputs = keras.Input((10, 16))
    model = keras.Model(inputs, layer(inputs, inputs) if name != "Dense" else layer(inputs))
    before = {v.path: v.numpy() for v in model.trainable_variables}
    model.compile(keras.optimizers.Muon(0.01, weight_decay=None, adam_weight_decay=None), "mse")
    model.fit(x, keras.ops.roll(x, 1, axis=1), batch_size=8, verbose=0)
    for v in model.trainable_variables:
        if "kernel" not in v.path:
            continue
        moved = v.numpy() - before[v.path]
        matrix = moved.reshape(-1, 16) if "output" in v.path else moved.reshape(16, -1)
        values = np.linalg.svd(matrix, compute_uv=False)
        alike = "alike" if values[-1] > 0.3 * values[0] else "not alike"
        print(f"{name} {'/'.join(v.path.split('/')[1:])} {v.shape}: singular values of the step {alike}")
PY
export TF_CPP_MIN_LOG_LEVEL=3
echo "keras $(venv/bin/pip show keras 2>/dev/null | sed -n 's/^Version: //p')"
said=$(KERAS_BACKEND=tensorflow venv/bin/python step.py 2>/dev/null)
echo "$said"
of_attention=$(grep -c "^[MG].*: singular values of the step not alike$" <<<"$said" || true)
of_dense=$(grep -c "^Dense kernel (16, 16): singular values of the step alike$" <<<"$said" || true)
if [ "$of_attention" != 8 ] || [ "$of_dense" != 1 ] || [ "$(wc -l <<<"$said")" != 9 ]; then
  echo "CHANGED: attention's kernels are moved as matrices, or a dense layer's is not"
  exit 1
fi
