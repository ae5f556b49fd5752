#!/usr/bin/env bash
# One would guess: an export that ends in 'Saved artifact' has written a file that an ONNX runtime can read.
# What happens: exact gelu becomes a node Erfc, an operator of TensorFlow that ONNX does not have. A line in
#   the log calls it unsupported, the export goes on and reports success; the checker refuses the file. The
#   approximate gelu is well.
# Versions: keras 3.15.1, tensorflow 2.21.0, tf2onnx 1.17.0, onnx 1.23.2.
# Where it matters: BERT and its kin have exact gelu in each block.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check keras==3.15.1 tensorflow-cpu==2.21.0 tf2onnx==1.17.0 \
    onnx==1.23.2 numpy==2.4.6
TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow venv/bin/python - <<'PY'
from importlib.metadata import version

import keras
import numpy as np
import onnx


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


for package in ("keras", "tensorflow-cpu", "tf2onnx", "onnx"):
    print(package, version(package))


def export(approximate):
    inputs = keras.Input((3,))
    outputs = keras.activations.gelu(keras.layers.Dense(2)(inputs), approximate=approximate)
    model = keras.Model(inputs, outputs)
    model(np.ones((1, 3), "float32"))
    model.export("gelu.onnx", format="onnx")
    return onnx.load("gelu.onnx")


exact, approximate = export(False), export(True)
onnx.checker.check_model(approximate)
print("approximate gelu: valid,", sorted({node.op_type for node in approximate.graph.node}))
operators = sorted({node.op_type for node in exact.graph.node})
try:
    onnx.checker.check_model(exact)
except onnx.checker.ValidationError as error:
    print("exact gelu:", operators, "-", str(error).splitlines()[0])
    still("Erfc" in operators, "another operator is at fault")
else:
    still(False, "the export of exact gelu is valid")
PY
