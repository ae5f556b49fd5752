#!/usr/bin/env bash
# One would guess: a dataset made of a list of rows, or of a generator of rows, has every name that any row has, with
#   null where a row lacks it, as a file of the same rows has; or another set of names in a later row is refused.
# What happens: from_list and from_generator take the names of the first row. What later rows have besides is dropped;
#   nothing is said. load_dataset on the same rows as JSON Lines keeps it, and inside a struct it is kept as well.
# Versions: datasets 5.2.0.
# Where it matters: rows whose rare fields are left out where they are empty, as annotation tools and SQuAD 2.0
#   (plausible_answers) do: labels, notes or answers are gone if the first row happens to have none.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check datasets==5.2.0
HF_HUB_OFFLINE=1 HF_HOME="$tmp/hf" venv/bin/python - <<'PY' 2>errors.txt || { cat errors.txt; exit 1; }
import json
from importlib.metadata import version
from pathlib import Path

from datasets import Dataset, disable_progress_bars, load_dataset


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("datasets", version("datasets"))
disable_progress_bars()
rows = [{"text": "It rains."}, {"text": "Jane left.", "entity": "Jane"}]
Path("rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
read = load_dataset("json", data_files="rows.jsonl", split="train")
print("load_dataset:    ", read.to_list())
still(read[1]["entity"] == "Jane", "a file's later names are dropped too")
made = {"from_list": Dataset.from_list(rows), "from_generator": Dataset.from_generator(lambda: iter(rows))}
for name, made in made.items():
    print(f"{name + ':':17}", made.to_list())
    still(made.column_names == ["text"], f"{name} keeps what only later rows have")
turned = Dataset.from_list(rows[::-1])
print("the other order: ", turned.to_list())
still(turned.column_names == ["text", "entity"], "the first row's names are not kept either")
PY
