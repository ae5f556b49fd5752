#!/usr/bin/env bash
# One would guess: load is load_file for bytes: what one reads, the other reads.
# What happens: with ml_dtypes installed, save writes bfloat16 and save_file and load_file read it back, but
#   load(save(x)) raises KeyError: 'BF16'.
# Versions: safetensors 0.8.0, ml_dtypes 0.6.0, numpy 2.4.6.
# Where it matters: weights of a language model fetched into memory and read without a file: most are
#   bfloat16.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check numpy==2.4.6 ml_dtypes==0.6.0 safetensors==0.8.0
venv/bin/python - <<'PY'
from importlib.metadata import version

import ml_dtypes
import numpy as np
from safetensors.numpy import load, load_file, save, save_file


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("safetensors", version("safetensors"), "ml_dtypes", ml_dtypes.__version__)
weights = {"kernel": np.arange(4).astype(ml_dtypes.bfloat16)}
save_file(weights, "weights.safetensors")
read = load_file("weights.safetensors")["kernel"]
print("load_file reads", read, read.dtype)
still(read.dtype == ml_dtypes.bfloat16, f"load_file gives {read.dtype}")
try:
    load(save(weights))
except KeyError as error:
    print("load of the same bytes raises KeyError:", error)
    still("BF16" in str(error), "another key is missing")
else:
    still(False, "load(bytes) reads bfloat16 now")
PY
