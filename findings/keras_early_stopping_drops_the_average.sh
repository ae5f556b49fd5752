#!/usr/bin/env bash
# One would guess: with `use_ema=True` the averaged weights are what is validated, what early stopping chooses by, and what
#   the model has in the end, with `EarlyStopping(restore_best_weights=True)` as without it.
# What happens: all through `fit` the last weights are validated; the average goes into the model when training is over. So
#   the last `val_loss` is not that of the model one gets. With early stopping the best epoch's last weights are put back
#   over it: the average is computed and thrown away, also where nothing was stopped. Neither says a word.
# Versions: keras 3.15.1, tensorflow 2.21.0, jax 0.10.2.
# Where it matters: averaging is used for its last half point, and this takes it without a trace; `ModelCheckpoint` in the
#   same list saves weights that were not averaged. `keras.callbacks.SwapEMAWeights(swap_on_epoch=True)` is the way.
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


def trained(*callbacks):
    """The one weight and both losses after five epochs of four steps; the right weight is 1."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.05, use_ema=True, ema_momentum=0.9), "mse")
    data = np.ones((16, 1)), np.ones((16, 1))
    past = model.fit(*data, validation_data=data, epochs=5, batch_size=4, verbose=0, callbacks=list(callbacks))
    return float(model.get_weights()[0][0, 0]), past.history["val_loss"][-1], model.evaluate(*data, verbose=0)


backend = keras.backend.backend()
stop = keras.callbacks.EarlyStopping("val_loss", patience=5, restore_best_weights=True)
swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
for name, callbacks in {"the average": (), "and early stopping": (stop,), "swapped, stopping": (swap, stop)}.items():
    weight, last, evaluated = trained(*callbacks)
    print(f"{backend}, {name}: weight {weight:.3f}, last val_loss {last:.4f}, evaluated {evaluated:.4f}")
PY
export TF_CPP_MIN_LOG_LEVEL=3
echo "keras $(venv/bin/pip show keras 2>/dev/null | sed -n 's/^Version: //p')"
said=$(KERAS_BACKEND=tensorflow venv/bin/python average.py 2>/dev/null; KERAS_BACKEND=jax venv/bin/python average.py 2>/dev/null)
echo "$said"
wanted=""
for backend in tensorflow jax; do
  wanted+="$backend, the average: weight 0.647, last val_loss 0.0148, evaluated 0.1243"$'\n'
  wanted+="$backend, and early stopping: weight 0.878, last val_loss 0.0148, evaluated 0.0148"$'\n'
  wanted+="$backend, swapped, stopping: weight 0.647, last val_loss 0.1243, evaluated 0.1243"$'\n'
done
if [ "$said"$'\n' != "$wanted" ]; then
  echo "CHANGED: early stopping keeps the average, or the numbers are others"
  exit 1
fi
