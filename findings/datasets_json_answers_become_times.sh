#!/usr/bin/env bash
# One would guess: a string in a JSON file stays a string.
# What happens: where all strings of a field look like ISO dates, load_dataset("json") makes them times. An answer
#   "1066-10-14" comes back as datetime(1066, 10, 14, 0, 0); as text that is "1066-10-14 00:00:00", which stands in no
#   passage. It depends on the other rows: one that is no date, and all stay strings. The same rows by from_list stay
#   strings too.
# Versions: datasets 5.2.0.
# Where it matters: questions whose answers are dates, tokens or labels that are dates, and splits: one half may have
#   strings where the other has times.
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


def question(answer):
    context = f"The note is of {answer}."
    return {"context": context, "answers": {"text": [answer], "answer_start": [context.index(answer)]}}


def read(name, rows):
    Path(name).write_text("\n".join(map(json.dumps, rows)))
    return load_dataset("json", data_files=name, split="train")


print("datasets", version("datasets"))
disable_progress_bars()
dates = [question("1066-10-14"), question("1815-06-18")]
for name, made, string in (
    ("dates alone", read("dates.jsonl", dates), False),
    ("and one that is none", read("mixed.jsonl", [*dates, question("a Sunday")]), True),
    ("by from_list", Dataset.from_list(dates), True),
):
    answer, context = made[0]["answers"]["text"][0], made[0]["context"]
    print(f"{name + ':':22}", repr(answer), "in its passage:", str(answer) in context)
    still((str(answer) in context) == string, f"{name}: {answer!r}")
PY
