#!/usr/bin/env bash
# One would guess: dataloader_drop_last, which leaves out training's last, smaller batch, is for training;
#   predict gives a row for each example, and evaluate scores all.
# What happens: the last examples get no prediction and no score. predict gives 8 rows for 10 examples, evaluate scores
#   8; of 3 examples, fewer than a batch, none is predicted. Nothing is said.
# Versions: transformers 5.24.0, PyTorch 2.13.0, accelerate 1.15.0.
# Where it matters: the option is set for steps of one size, with batch normalisation or a compiled model. Predictions
#   zipped with the texts lose the last ones, and a small test set's score leaves out up to a batch.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check transformers==5.24.0 torch==2.13.0 accelerate==1.15.0
HF_HUB_OFFLINE=1 HF_HOME="$tmp/hf" venv/bin/python - <<'PY' 2>errors.txt || { cat errors.txt; exit 1; }
from importlib.metadata import version

import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print(*(f"{name} {version(name)}" for name in ("transformers", "torch", "accelerate")))
config = BertConfig(vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)
model = BertForSequenceClassification(config)
rows = [{"input_ids": torch.tensor([1, n]), "labels": n % 2} for n in range(10)]


def trainer(drop):
    options = {"per_device_eval_batch_size": 4, "use_cpu": True, "report_to": [], "disable_tqdm": True}
    arguments = TrainingArguments("out", dataloader_drop_last=drop, **options)
    seen = []
    made = Trainer(model, arguments, compute_metrics=lambda p: seen.append(len(p.predictions)) or {})
    return made, seen


for drop, some, few in ((False, 10, 3), (True, 8, 0)):
    made, seen = trainer(drop)
    predicted = made.predict(rows).predictions
    made.evaluate(rows)
    print(f"drop_last={drop}: predictions for {len(predicted)} of {len(rows)} examples, a score of {seen[-1]}")
    still(len(predicted) == some and seen[-1] == some, "other examples are predicted or scored")
    less = made.predict(rows[:3]).predictions
    less = 0 if less is None else len(less)
    print(f"drop_last={drop}: predictions for {less} of 3 examples")
    still(less == few, "of few examples others are predicted")
PY
