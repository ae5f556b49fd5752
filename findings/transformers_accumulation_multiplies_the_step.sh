#!/usr/bin/env bash
# One would guess: four batches of 2 with `gradient_accumulation_steps=4` make the step that one batch of 8 makes, since all
#   labels are equally many: the Trainer averages what it accumulates.
# What happens: for tagging tokens, classifying texts and masked words with BERT, and as much with DistilBERT and RoBERTa, it
#   adds the four up: the step is four times as long, and the loss that it logs is four times the loss. The Trainer leaves
#   the division to a model that takes further arguments; these take them and do not use them. Question answering with BERT
#   divides.
# Versions: transformers 5.24.0, accelerate 1.15.0, torch 2.13.0.
# Where it matters: every fine-tuning that accumulates to fit a smaller memory. Adam hides most of it, but for clipping:
#   `max_grad_norm` then cuts four times as often; with SGD the learning rate is four times what was set. A logged loss is
#   above that of guessing, and no curve can be compared with one of a larger batch.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check transformers==5.24.0 accelerate==1.15.0 torch==2.13.0 numpy==2.4.6
cat >accumulate.py <<'PY'
from importlib.metadata import version

import torch
import transformers

print("transformers", version("transformers"), " accelerate", version("accelerate"))
SIZES = {"vocab_size": 50, "num_labels": 3, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
SIZES |= {"intermediate_size": 32, "max_position_embeddings": 32, "hidden_dropout_prob": 0.0}
SIZES |= {"attention_probs_dropout_prob": 0.0}
DISTIL = {"vocab_size": 50, "num_labels": 3, "dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 32, "dropout": 0.0}
DISTIL |= {"attention_dropout": 0.0}
KINDS = ("BertForTokenClassification", "BertForSequenceClassification", "BertForMaskedLM", "BertForQuestionAnswering")
KINDS += ("DistilBertForTokenClassification", "RobertaForTokenClassification")
numbers = torch.Generator().manual_seed(0)


def whole(high, *shape):
    return torch.randint(high, shape, generator=numbers)


def examples(kind):
    for _ in range(8):
        row = {"input_ids": 5 + whole(45, 10), "attention_mask": torch.ones(10, dtype=torch.long)}
        if kind.endswith("QuestionAnswering"):
            yield row | {"start_positions": whole(10), "end_positions": whole(10)}
        else:
            row["labels"] = whole(3) if kind.endswith("SequenceClassification") else whole(3, 10)
            yield row


def one_step(kind, rows, batch, accumulated):
    """How far one step of SGD moves the weights, and the loss that is logged."""
    transformers.set_seed(0)
    config = transformers.AutoConfig.for_model(kind.partition("For")[0].lower(), **(DISTIL if "Distil" in kind else SIZES))
    config.num_labels = 2 if kind.endswith("QuestionAnswering") else 3
    model = getattr(transformers, kind)(config)
    before = [weight.detach().clone() for weight in model.parameters()]
    options = transformers.TrainingArguments(
        "out", per_device_train_batch_size=batch, gradient_accumulation_steps=accumulated, max_steps=1, optim="sgd",
        learning_rate=1.0, lr_scheduler_type="constant", max_grad_norm=0.0, use_cpu=True, logging_steps=1,
        disable_tqdm=True, report_to=[], save_strategy="no")
    trainer = transformers.Trainer(model, options, train_dataset=rows)
    trainer.train()
    far = sum(((new - old) ** 2).sum() for new, old in zip(model.parameters(), before, strict=True)).sqrt()
    return float(far), next(entry["loss"] for entry in trainer.state.log_history if "loss" in entry)


for kind in KINDS:
    rows = list(examples(kind))
    (far, loss), (farther, sum_of_losses) = one_step(kind, rows, 8, 1), one_step(kind, rows, 2, 4)
    print(f"{kind}: the step is {farther / far:.2f} times as long, the logged loss {sum_of_losses / loss:.2f} times", flush=True)
    if abs(farther / far - (1 if kind.endswith("QuestionAnswering") else 4)) > 0.01:
        raise SystemExit(f"CHANGED: {kind} accumulates otherwise")
PY
HF_HUB_OFFLINE=1 venv/bin/python accumulate.py 2>errors | grep -v "^{" || { grep CHANGED errors || cat errors; exit 1; }
