#!/usr/bin/env bash
# One would guess: a label that is no class, -100 or the number of classes, is an error of sparse categorical
#   cross-entropy, as it is on TensorFlow and PyTorch, or NaN.
# What happens: on JAX its loss is 0, that of a model which is certain and right. It counts in the mean, so that with
#   half of the labels outside the loss is half of what it is; nothing is said, and training goes on.
# Versions: keras 3.15.1, jax 0.10.2, tensorflow 2.21.0.
# Where it matters: labels of -100, which PyTorch's loss leaves out; a tokenizer with more words than the last layer;
#   class numbers from 1.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check keras==3.15.1 tensorflow==2.21.0 jax==0.10.2 numpy==2.4.6
cat >loss.py <<'PY'
import keras
import numpy as np

logits = np.zeros((2, 3), "float32")  # of two places, three classes level: ln 3 each
for name, labels in (("all inside", [0, 2]), ("-100", [0, -100]), ("the number of classes", [0, 3])):
    try:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(np.array(labels), logits)
        said = f"{float(loss):.3f}"
    except Exception as error:
        said = type(error).__name__
    print(f"{keras.backend.backend()}, {name}: {said}")
PY
export TF_CPP_MIN_LOG_LEVEL=3
echo "keras $(venv/bin/pip show keras 2>/dev/null | sed -n 's/^Version: //p')"
said=$(KERAS_BACKEND=tensorflow venv/bin/python loss.py 2>/dev/null; KERAS_BACKEND=jax venv/bin/python loss.py 2>/dev/null)
echo "$said"
wanted="tensorflow, all inside: 1.099
tensorflow, -100: InvalidArgumentError
tensorflow, the number of classes: InvalidArgumentError
jax, all inside: 1.099
jax, -100: 0.549
jax, the number of classes: 0.549"
if [ "$said" != "$wanted" ]; then
  echo "CHANGED: a label outside the classes is refused on JAX, or the losses are others"
  exit 1
fi
