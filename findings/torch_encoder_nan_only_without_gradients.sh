#!/usr/bin/env bash
# One would guess: a layer without dropout gives the same for the same input in train() and in eval(), with
#   gradients or without.
# What happens: for a text that is all padding the layer is finite in train(), and in eval() with gradients.
#   In eval() under no_grad another path is taken, and the whole row is NaN.
# Versions: torch 2.13.0, on the processor.
# Where it matters: a batch filled up with empty texts: training runs well, and the scores of the first
#   evaluation are NaN.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6
venv/bin/python - <<'PY'
import torch
from torch import nn


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("torch", torch.__version__)
torch.manual_seed(0)
layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16, dropout=0.0, batch_first=True)
texts = torch.randn(2, 3, 8)
padding = torch.tensor([[False, False, True], [True, True, True]])


def nan_by_text():
    return layer(texts, src_key_padding_mask=padding).isnan().any(-1).any(-1).tolist()


layer.train()
in_training = nan_by_text()
layer.eval()
with_gradients = nan_by_text()
with torch.no_grad():
    without = nan_by_text()
print("NaN in the text with words, in the all-padding text:")
print("train()              ", in_training)
print("eval()               ", with_gradients)
print("eval() under no_grad ", without)
still(in_training == with_gradients == [False, False], "the layer is NaN with gradients too")
still(without == [False, True], "the all-padding text is finite under no_grad")
PY
