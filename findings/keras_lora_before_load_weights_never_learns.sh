#!/usr/bin/env bash
# One would guess: enable_lora and load_weights may come in either order: a file without LoRA factors leaves
#   them as they are.
# What happens: load_weights sets both factors to zero. Each one's gradient is a product with the other, so
#   they stay zero: the layer never learns. No error, no warning; the loss stands still. Load first, then
#   enable.
# Versions: keras 3.15.1, jax 0.10.2 (tensorflow 2.21.0 the same).
# Where it matters: fine-tuning a language model: build, add LoRA, load the pretrained weights.
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
keras.utils.set_random_seed(3)
texts, targets = np.random.rand(64, 3), np.random.rand(64, 2)


def build():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, use_bias=False)])


build().save_weights("pretrained.weights.h5")


def losses(lora_first):
    model = build()
    if lora_first:
        model.layers[0].enable_lora(2)
    model.load_weights("pretrained.weights.h5")
    if not lora_first:
        model.layers[0].enable_lora(2)
    model.compile(keras.optimizers.SGD(0.5), "mse")
    history = model.fit(texts, targets, epochs=30, shuffle=False, verbose=0).history["loss"]
    factors = [float(keras.ops.max(keras.ops.abs(weight))) for weight in model.layers[0].trainable_weights]
    print(f"lora {'before' if lora_first else 'after'} load_weights: loss {history[0]:.4f} -> {history[-1]:.4f}, "
          f"largest in each factor {np.round(factors, 3).tolist()}")
    return history, factors


before, dead = losses(lora_first=True)
after, alive = losses(lora_first=False)
still(dead == [0.0, 0.0] and abs(before[-1] - before[0]) < 1e-6, "LoRA before load_weights learns")
still(min(alive) > 0 and after[-1] < 0.9 * after[0], "LoRA after load_weights does not learn")
PY
