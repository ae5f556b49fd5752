#!/usr/bin/env bash
# One would guess: casting a column of classes to a ClassLabel that lists the same names in another order renumbers
#   it, so that every row keeps its name; casting from strings does go by name.
# What happens: the numbers stay and the names change. LOC is PER from then on; nothing is said. Only a list that is
#   too short is refused.
# Versions: datasets 5.2.0.
# Where it matters: bringing a dataset to a model's id2label, or two datasets to one list of names before they are
#   put together. align_labels_with_mapping goes by name.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check datasets==5.2.0
HF_HUB_OFFLINE=1 HF_HOME="$tmp/hf" venv/bin/python - <<'PY' 2>errors.txt || { cat errors.txt; exit 1; }
from importlib.metadata import version

from datasets import ClassLabel, Dataset, disable_progress_bars


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


def named(dataset):
    return [dataset.features["label"].int2str(n) for n in dataset["label"]]


print("datasets", version("datasets"))
disable_progress_bars()
names, other = ["LOC", "ORG", "PER"], ["PER", "ORG", "LOC"]
texts = Dataset.from_dict({"text": ["Cork", "Unesco", "Jane"], "label": names})
coded = texts.cast_column("label", ClassLabel(names=names))
print("from strings:       ", named(coded), list(coded["label"]))
still(named(coded) == names, "strings are no longer cast by name")
cast = coded.cast_column("label", ClassLabel(names=other))
print("to the other order: ", named(cast), list(cast["label"]))
still(named(cast) == other and list(cast["label"]) == [0, 1, 2], "classes are cast by name")
aligned = coded.align_labels_with_mapping({name: n for n, name in enumerate(other)}, "label")
print("aligned by mapping: ", named(aligned), list(aligned["label"]))
still(named(aligned) == names, "align_labels_with_mapping no longer goes by name")
PY
