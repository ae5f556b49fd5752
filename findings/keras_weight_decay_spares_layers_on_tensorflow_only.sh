#!/usr/bin/env bash
# One would guess: `exclude_from_weight_decay(var_names=["norm"])` spares the same weights on every backend: those of a layer
#   called "norm_1" or none.
# What happens: on TensorFlow all of a weight's path is searched, "norm_1/gamma", and they are spared. On JAX and PyTorch only
#   its last part is, "gamma": the layer's name fits nothing, and all its weights decay, without a word. So the same lines
#   train another model on another backend.
# Versions: keras 3.15.1, tensorflow 2.21.0, jax 0.10.2, torch 2.13.0.
# Where it matters: the usual recipe for Transformers, which spares norms and biases. ["bias", "gamma", "beta"] is the same
#   on all of them, as is `var_list`, which takes the variables themselves.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check keras==3.15.1 tensorflow==2.21.0 jax==0.10.2 torch==2.13.0 numpy==2.4.6
cat >decay.py <<'PY'
import keras
import numpy as np


def decayed(**spared):
    """The paths of the weights that shrink in a step whose gradients are all zero."""
    norm, dense = keras.layers.LayerNormalization(name="norm_1"), keras.layers.Dense(2, name="head")
    model = keras.Sequential([keras.Input((3,)), norm, dense])
    for weight in model.trainable_variables:
        weight.assign(np.ones(weight.shape))
    optimizer = keras.optimizers.AdamW(0.1, weight_decay=0.1)
    optimizer.exclude_from_weight_decay(**spared)
    optimizer.build(model.trainable_variables)
    optimizer.apply([keras.ops.zeros(weight.shape) for weight in model.trainable_variables])
    shrunk = [weight for weight in model.trainable_variables if np.all(keras.ops.convert_to_numpy(weight) < 1)]
    return ["/".join(weight.path.split("/")[-2:]) for weight in shrunk]


backend = keras.backend.backend()
for names in (["norm"], ["norm_1"], ["bias", "LayerNorm"], ["bias", "gamma", "beta"]):
    print(f"{backend}, {' and '.join(names)} spared: these decay:", *decayed(var_names=names))
PY
export TF_CPP_MIN_LOG_LEVEL=3
echo "keras $(venv/bin/pip show keras 2>/dev/null | sed -n 's/^Version: //p')"
said=$(for backend in tensorflow jax torch; do KERAS_BACKEND=$backend venv/bin/python decay.py 2>/dev/null; done)
echo "$said"
wanted=""
for backend in tensorflow jax torch; do
  spared="norm_1/gamma norm_1/beta "
  if [ $backend = tensorflow ]; then spared=""; fi
  wanted+="$backend, norm spared: these decay: ${spared}head/kernel head/bias"$'\n'
  wanted+="$backend, norm_1 spared: these decay: ${spared}head/kernel head/bias"$'\n'
  wanted+="$backend, bias and LayerNorm spared: these decay: norm_1/gamma norm_1/beta head/kernel"$'\n'
  wanted+="$backend, bias and gamma and beta spared: these decay: head/kernel"$'\n'
done
if [ "$said"$'\n' != "$wanted" ]; then
  echo "CHANGED: layers' names are looked at alike on all backends, or the numbers are others"
  exit 1
fi
