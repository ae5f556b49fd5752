#!/usr/bin/env bash
# One would guess: `MultiHeadAttention(2, 4, kernel_initializer=GlorotUniform(seed=1))` draws its kernels reproducibly, one after
#   the other, as a layer without a seed does after `set_random_seed`.
# What happens: all of one shape are drawn with that seed anew: the kernels of queries, keys and values are the same numbers.
#   Each word's score with itself is a sum of squares, and the value that it gives away is its own query. So it is with
#   GroupQueryAttention's keys and values. A `SeedGenerator` as the seed, which is there to give other numbers at each draw,
#   gives the three kernels the same ones. No warning.
# Versions: keras 3.15.1, tensorflow 2.21.0, jax 0.10.2.
# Where it matters: whoever seeds a layer to make a run repeatable changes what it starts from: every word begins by
#   looking at itself most. Leave the seed away, and call `keras.utils.set_random_seed` before.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check keras==3.15.1 tensorflow==2.21.0 jax==0.10.2 numpy==2.4.6
cat >kernels.py <<'PY'
import keras
import numpy as np

texts = np.random.default_rng(0).normal(size=(50, 6, 32)).astype("float32")  # (B, T, D)


def drawn(name, **how):
    """Whether three kernels are one, and how much a word looks at itself of 6, the mean over heads and words."""
    layer = keras.layers.MultiHeadAttention(2, 16, use_bias=False, **how)
    scores = layer(texts, texts, return_attention_scores=True)[1]
    query, key, value = (keras.ops.convert_to_numpy(weight) for weight in layer.trainable_weights[:3])
    itself = np.diagonal(keras.ops.convert_to_numpy(scores), axis1=2, axis2=3).mean()
    same = (query == key).all() and (query == value).all()
    print(f"{keras.backend.backend()}, {name}: the three kernels are one: {same}; itself above 0.4: {itself > 0.4}")


keras.utils.set_random_seed(1)
drawn("no seed")
drawn("seed=1", kernel_initializer=keras.initializers.GlorotUniform(seed=1))
drawn("a SeedGenerator", kernel_initializer=keras.initializers.GlorotUniform(seed=keras.random.SeedGenerator(1)))
PY
export TF_CPP_MIN_LOG_LEVEL=3
echo "keras $(venv/bin/pip show keras 2>/dev/null | sed -n 's/^Version: //p')"
said=$(for backend in tensorflow jax; do KERAS_BACKEND=$backend venv/bin/python kernels.py 2>/dev/null; done)
echo "$said"
wanted=""
for backend in tensorflow jax; do
  wanted+="$backend, no seed: the three kernels are one: False; itself above 0.4: False"$'\n'
  wanted+="$backend, seed=1: the three kernels are one: True; itself above 0.4: True"$'\n'
  wanted+="$backend, a SeedGenerator: the three kernels are one: True; itself above 0.4: True"$'\n'
done
if [ "$said"$'\n' != "$wanted" ]; then
  echo "CHANGED: a seeded layer draws its kernels apart, or the numbers are others"
  exit 1
fi
