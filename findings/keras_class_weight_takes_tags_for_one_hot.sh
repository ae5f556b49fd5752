#!/usr/bin/env bash
# One would guess: `fit(…, class_weight={0: 1, 1: 5})` with a class for each token, labels of shape (texts, tokens), weighs each
#   token by its class, or refuses.
# What happens: a row of labels is taken for one-hot: its class is where its largest number stands. So each text has one
#   weight, and where a batch has as many texts as a text has tokens, the texts' weights are laid on the tokens' places; a
#   batch of one text lays its weight on all. No warning. Other batches raise an error about shapes.
# Versions: keras 3.15.1, tensorflow 2.21.0, jax 0.10.2.
# Where it matters: tagging, where nearly every token is O and the rare classes are to count more. Weights of the tokens
#   themselves (`sample_weight` of the labels' shape) are right.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check keras==3.15.1 tensorflow==2.21.0 jax==0.10.2 numpy==2.4.6
cat >weights.py <<'PY'
import keras
import numpy as np

WEIGHTS = {0: 1.0, 1: 5.0}
TAGS = {
    "four texts of four, one tag of class 1": np.array([[0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]),
    "four texts of four, all of class 1": np.ones((4, 4), int),
    "one text of four, one tag of class 1": np.array([[0, 1, 0, 0]]),
}


def weighed(tags, **how):
    """By how much the loss is multiplied: both classes have p = 0.5, so each token's own loss is ln 2."""
    layer = keras.layers.Dense(2, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((tags.shape[1], 1)), layer])
    model.compile(keras.optimizers.SGD(0.0), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    inputs = np.zeros((*tags.shape, 1), "float32")
    return model.fit(inputs, tags, batch_size=len(tags), verbose=0, **how).history["loss"][0] / np.log(2)


backend = keras.backend.backend()
for name, tags in TAGS.items():
    by_token = weighed(tags, sample_weight=np.vectorize(WEIGHTS.get)(tags).astype("float32"))
    print(f"{backend}, {name}: class_weight {weighed(tags, class_weight=WEIGHTS):.2f}, by token {by_token:.2f}")
PY
export TF_CPP_MIN_LOG_LEVEL=3
echo "keras $(venv/bin/pip show keras 2>/dev/null | sed -n 's/^Version: //p')"
said=$(KERAS_BACKEND=tensorflow venv/bin/python weights.py 2>/dev/null; KERAS_BACKEND=jax venv/bin/python weights.py 2>/dev/null)
echo "$said"
wanted=""
for backend in tensorflow jax; do
  wanted+="$backend, four texts of four, one tag of class 1: class_weight 2.00, by token 1.25"$'\n'
  wanted+="$backend, four texts of four, all of class 1: class_weight 1.00, by token 5.00"$'\n'
  wanted+="$backend, one text of four, one tag of class 1: class_weight 5.00, by token 2.00"$'\n'
done
if [ "$said"$'\n' != "$wanted" ]; then
  echo "CHANGED: class_weight weighs tokens, is refused, or the numbers are others"
  exit 1
fi
