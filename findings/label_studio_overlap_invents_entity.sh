#!/usr/bin/env bash
# One would guess: spans that overlap cannot be put in one column of tags, so the CoNLL export refuses them or
#   keeps one.
# What happens: the first span is kept, and what the second has beyond it becomes an entity of its own. From
#   ORG 'New York Times' and LOC 'Times Square' the export makes a LOC 'Square', which nobody marked.
# Versions: label-studio-sdk 2.1.2.
# Where it matters: two annotators or two layers of labels in one project: the training set has names that no
#   one gave.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check label-studio-sdk==2.1.2
venv/bin/python - <<'PY'
import json
from importlib.metadata import version
from pathlib import Path

from label_studio_sdk.converter import Converter


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("label-studio-sdk", version("label-studio-sdk"))
text = "They saw New York Times Square"


def span(words, label):
    start = text.index(words)
    value = {"start": start, "end": start + len(words), "text": words, "labels": [label]}
    return {"from_name": "label", "to_name": "text", "type": "labels", "value": value}


marked = [span("New York Times", "ORG"), span("Times Square", "LOC")]
task = {"id": 1, "data": {"text": text}, "annotations": [{"id": 1, "completed_by": 1, "result": marked}]}
Path("tasks.json").write_text(json.dumps([task]))
config = """<View><Labels name="label" toName="text"><Label value="ORG"/><Label value="LOC"/></Labels>
<Text name="text" value="$text"/></View>"""
Converter(config, None).convert("tasks.json", "out", "CONLL2003", is_dir=False)
rows = [line.split() for line in Path("out/result.conll").read_text().splitlines() if line.strip()]
tags = [(row[0], row[-1]) for row in rows if row[0] != "-DOCSTART-"]
print(tags)
still(tags[2:] == [("New", "B-ORG"), ("York", "I-ORG"), ("Times", "I-ORG"), ("Square", "B-LOC")],
      "overlapping spans are exported otherwise")
PY
