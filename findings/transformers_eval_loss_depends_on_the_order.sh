#!/usr/bin/env bash
# One would guess: `eval_loss` is the mean over all labels of a data set, and its exponential the perplexity: the same
#   whatever the batch, and in whatever order the texts stand.
# What happens: it is the mean of the batches' means, weighed by texts and not by labels. A label in a batch with few of
#   them weighs more. The same model on the same texts has another loss with the texts in another order, or in other
#   batches; on none of them need it be the mean over the labels.
# Versions: transformers 5.24.0, accelerate 1.15.0, torch 2.13.0.
# Where it matters: tagging, masked words and language models with texts of unequal length: perplexities are not comparable
#   between batch sizes, and sorting by length, which only saves time, moves them; so does early stopping on them.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check transformers==5.24.0 accelerate==1.15.0 torch==2.13.0 numpy==2.4.6
cat >evaluate.py <<'PY'
from importlib.metadata import version

import torch
import transformers

print("transformers", version("transformers"), " accelerate", version("accelerate"))
config = transformers.BertConfig(vocab_size=50, num_labels=2, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
                                 intermediate_size=32, max_position_embeddings=64)
transformers.set_seed(0)
model = transformers.BertForTokenClassification(config)
with torch.no_grad():
    model.classifier.weight.zero_()
    model.classifier.bias.copy_(torch.tensor([1.0, -1.0]))  # says class 0 everywhere, with p = 0.88
SHORT = [0] * 2 + [-100] * 38  # two labels, both as it says; the rest is padding
LONG = [1] * 40  # forty, all of the other class
PAD = torch.ones(40, dtype=torch.long)


def rows(*labels):
    return [{"input_ids": 5 * PAD, "attention_mask": PAD, "labels": torch.tensor(each)} for each in labels]


ORDERS = {"one after the other": rows(*[SHORT, LONG] * 4), "the short ones first": rows(*[SHORT] * 4, *[LONG] * 4)}
losses = {}
for name, data in ORDERS.items():
    for size in (1, 2, 8):
        options = transformers.TrainingArguments("out", per_device_eval_batch_size=size, use_cpu=True, report_to=[], disable_tqdm=True)
        losses[name, size] = transformers.Trainer(model, options, eval_dataset=data).evaluate()["eval_loss"]
        print(f"{name}, batches of {size}: eval_loss {losses[name, size]:.3f}", flush=True)
right, wrong = torch.nn.functional.softplus(torch.tensor([-2.0, 2.0])).tolist()
mean = (2 * right + 40 * wrong) / 42
print(f"the mean over all labels: {mean:.3f}")
means = [losses[key] for key in (("one after the other", 2), ("one after the other", 8), ("the short ones first", 8))]
unequal = [losses[key] for key in (("one after the other", 1), ("the short ones first", 1), ("the short ones first", 2))]
if max(abs(loss - mean) for loss in means) > 1e-3 or max(abs(loss - (right + wrong) / 2) for loss in unequal) > 1e-3:
    raise SystemExit("CHANGED: the batches are weighed otherwise")
PY
HF_HUB_OFFLINE=1 venv/bin/python evaluate.py 2>errors | grep -v "^{" || { grep CHANGED errors || cat errors; exit 1; }
