#!/usr/bin/env bash
# One would guess: class_encode_column of a DatasetDict gives a class one number in all its splits, and leaves
#   labels that are numbers already as they are.
# What happens: each split sorts the classes that it has itself, as text. A test split without LOC numbers ORG
#   0 that is 1 in training. Of the numbers 0 to 11, 10 stands before 2: class 2 becomes 4.
# Versions: datasets 5.2.0.
# Where it matters: train_test_split(stratify_by_column=...) wants this call first. A split without a rare class
#   is scored against the wrong labels; a model's own id2label no longer fits.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check datasets==5.2.0
HF_HUB_OFFLINE=1 HF_HOME="$tmp/hf" venv/bin/python - <<'PY'
from importlib.metadata import version

from datasets import Dataset, DatasetDict, disable_progress_bars


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("datasets", version("datasets"))
disable_progress_bars()
texts = DatasetDict(train=Dataset.from_dict({"label": ["LOC", "ORG", "PER"]}),
                    test=Dataset.from_dict({"label": ["ORG", "PER"]}))
coded = texts.class_encode_column("label")
numbers = {split: dict(zip(texts[split]["label"], coded[split]["label"])) for split in texts}
print("numbers of the classes:", numbers)
still(numbers["train"] == {"LOC": 0, "ORG": 1, "PER": 2}, "training is numbered otherwise")
still(numbers["test"] == {"ORG": 0, "PER": 1}, "the test split is no longer numbered on its own")

ids = Dataset.from_dict({"label": list(range(12))})
coded = list(ids.class_encode_column("label")["label"])
print("before:", list(ids["label"]))
print("after: ", coded)
still(coded == [0, 1, 4, 5, 6, 7, 8, 9, 10, 11, 2, 3], "numbers are no longer sorted as text")
PY
