#!/usr/bin/env bash
# One would guess: with 2 steps of warm-up the first step is made at half of the rate, the second at all of it.
# What happens: the first step is made at a rate of 0: its batch is read, its gradient computed, and no weight moves.
#   So it is with every schedule of transformers that warms up, and with the Trainer, which uses them.
# Versions: transformers 5.24.0, torch 2.13.0.
# Where it matters: short trainings and large batches lose a step; a test that one step lowers the loss fails; a
#   comparison with a framework that counts from 1 is one step apart.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check transformers==5.24.0 torch==2.13.0 numpy==2.4.6
HF_HUB_OFFLINE=1 venv/bin/python - <<'PY'
from importlib.metadata import version

import torch
from transformers import get_scheduler

print("transformers", version("transformers"))
for name in ("linear", "cosine", "constant_with_warmup", "polynomial", "inverse_sqrt"):
    weight = torch.nn.Parameter(torch.ones(3))
    optimizer = torch.optim.AdamW([weight], lr=0.1, weight_decay=0.0)
    schedule = get_scheduler(name, optimizer, num_warmup_steps=2, num_training_steps=20)
    moved = []
    for _ in range(3):
        before = weight.detach().clone()
        (weight**2).sum().backward()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        moved.append(float((weight - before).abs().max()))
    print(f"{name}: the weights move by", ", ".join(f"{far:.3f}" for far in moved))
    if moved[0] != 0 or not 0.04 < moved[1] < 0.06:
        raise SystemExit(f"CHANGED: {name} moves weights at its first step")
PY
