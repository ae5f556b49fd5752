#!/usr/bin/env bash
# One would guess: a tf.function traces a Python value anew for each value it has not met: 1, 1.0 and True are
#   three.
# What happens: the trace is looked up by equality, and Python says 1 == 1.0 == True. Whichever comes first
#   decides: after 1, the call with 1.0 answers an int32, and the call with True the branch for numbers.
# Versions: tensorflow 2.21.0.
# Where it matters: flags and sizes passed to a decorated step: step(training=True) after step(1), a rate of
#   1.0 after 1.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check tensorflow-cpu==2.21.0
TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python - <<'PY'
import tensorflow as tf


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("tensorflow", tf.__version__)
traced = []


@tf.function
def name(value):
    traced.append(value)
    return tf.constant("flag" if isinstance(value, bool) else "number")


@tf.function
def tensor(value):
    return tf.constant(value)


first, second = name(1).numpy(), name(True).numpy()
print("name(1), name(True):", first, second, "- traced for", traced)
still((first, second, traced) == (b"number", b"number", [1]), "True is traced apart from 1")
kinds = [tensor(value).dtype.name for value in (1, 1.0, 2.0)]
print("dtype of 1, 1.0, 2.0:", kinds)
still(kinds == ["int32", "int32", "float32"], f"the kinds are {kinds}")
PY
