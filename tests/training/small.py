"""A model and data so small that a training takes a second; run as a script, one that can be killed."""

import functools
import os
import signal
import sys

import keras
import numpy as np

from utils.layers import Transformer
from utils.training import BucketedBatches, fit, make_optimizer


def make_model(dropout_rate=0.1, seed=0):
    keras.utils.set_random_seed(seed)
    return Transformer(1, 16, 2, 24, 20, 20, 48, 48, dropout_rate=dropout_rate)


def make_pairs(count=60, longest=30, seed=0):
    """Sentences to copy: (sources, targets)."""
    random = np.random.default_rng(seed)
    words = [random.integers(3, 20, random.integers(1, longest)).astype("int32") for _ in range(count)]
    return [np.append(w, 2) for w in words], [np.concatenate([[1], w, [2]]) for w in words]


def make_batches(**options):
    return BucketedBatches(*make_pairs(), **{"tokens_per_batch": 64} | options)


@functools.cache
def _spare():
    """A model and its optimizer, untrained, with the values that all their variables have then.

    Compiling a step takes ten times as long as twelve steps, so that most trainings here share one.
    """
    model, optimizer = make_model(), make_optimizer(16, 10)
    model.build(((None, None), (None, None)))
    optimizer.build(model.trainable_variables)
    return model, optimizer, [v.numpy() for v in (*model.variables, *optimizer.variables)]


def train(folder, steps=12, own=False, **options):
    """Trains from the start, or from the folder's checkpoint; unless `own`, the next call takes the model back."""
    if own:
        model, optimizer = make_model(), make_optimizer(16, 10)
    else:
        model, optimizer, values = _spare()
        for variable, value in zip((*model.variables, *optimizer.variables), values, strict=True):
            variable.assign(value)
    history = fit(model, optimizer, make_batches(), steps, folder=folder, save_every=3, progress=False, **options)
    return model, optimizer, history


def kill_myself(*_):
    """As `kill -9` does: no handler, no clean-up, no goodbye."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    target, last_step = sys.argv[1], int(sys.argv[2])
    between = last_step % 3 != 0
    if not between:  # in the middle of writing that step's checkpoint
        write = os.fsync
        os.fsync = lambda file: kill_myself() if int(run.iterations) == last_step else write(file)
    run = make_optimizer(16, 10)
    options = {"folder": target, "save_every": 3, "progress": False}
    fit(
        make_model(),
        run,
        make_batches(),
        12,
        on_step=lambda n, _: between and n == last_step and kill_myself(),
        **options,
    )
