#!/usr/bin/env bash
# One would guess: four batches of 8 with `gradient_accumulation_steps=4` leave the same weights as one batch of 32, the
#   averaged ones of `use_ema=True` too: the average takes in the weights once for each time that they move.
# What happens: it takes them in at every batch, also at those that only add to the gradient. With 4 of these momentum 0.9
#   is 0.9⁴ = 0.66 for each update: it remembers 3 where 10 were asked for. What `fit` leaves in the model, the average, is
#   other weights than without accumulation, though the weights that went into it are the same. No warning.
# Versions: keras 3.15.1, tensorflow 2.21.0, jax 0.10.2; PyTorch was tried by hand and does the same.
# Where it matters: every averaged training that is made to fit a smaller memory by accumulating. `ema_momentum` to the
#   power of 1/steps comes near, but for how the average begins.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check keras==3.15.1 tensorflow==2.21.0 jax==0.10.2 numpy==2.4.6
cat >average.py <<'PY'
import keras
import numpy as np


def weight(batch, steps, **more):
    """The one weight after 320 examples; the gradient of each is 1, so that each update takes 0.1 off it."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    optimizer = keras.optimizers.SGD(0.1, gradient_accumulation_steps=steps, **more)
    model.compile(optimizer, lambda y, said: keras.ops.mean(said, axis=-1))
    model.fit(np.ones((320, 1)), np.zeros((320, 1)), batch_size=batch, shuffle=False, verbose=0)
    return float(model.get_weights()[0][0, 0])


backend = keras.backend.backend()
for what, more in (("the last", {}), ("averaged, momentum 0.9", {"use_ema": True, "ema_momentum": 0.9})):
    print(f"{backend}, {what}: batches of 32 {weight(32, None, **more):.3f}, 4 of 8 each {weight(8, 4, **more):.3f}")
more = {"use_ema": True, "ema_momentum": 0.9**0.25}
print(f"{backend}, averaged, momentum 0.9 to the power of 1/4: 4 of 8 each {weight(8, 4, **more):.3f}")
PY
export TF_CPP_MIN_LOG_LEVEL=3
echo "keras $(venv/bin/pip show keras 2>/dev/null | sed -n 's/^Version: //p')"
said=$(KERAS_BACKEND=tensorflow venv/bin/python average.py 2>/dev/null; KERAS_BACKEND=jax venv/bin/python average.py 2>/dev/null)
echo "$said"
wanted=""
for backend in tensorflow jax; do
  wanted+="$backend, the last: batches of 32 -1.000, 4 of 8 each -1.000"$'\n'
  wanted+="$backend, averaged, momentum 0.9: batches of 32 -0.449, 4 of 8 each -0.744"$'\n'
  wanted+="$backend, averaged, momentum 0.9 to the power of 1/4: 4 of 8 each -0.403"$'\n'
done
if [ "$said"$'\n' != "$wanted" ]; then
  echo "CHANGED: the average is the same with and without accumulation, or the numbers are others"
  exit 1
fi
