#!/usr/bin/env bash
# One would guess: aggregation_strategy='simple' joins what the tags join: B E is one name, S S are two.
# What happens: only B and I are known. B-PER E-PER, one name of two words, comes out as two; S-PER S-PER, two
#   names of one word, come out as one.
# Versions: transformers 5.24.0, torch 2.13.0.
# Where it matters: a tagger trained on BIOES tags and served by the pipeline: correct tags, wrong entities.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check transformers==5.24.0 torch==2.13.0
HF_HUB_OFFLINE=1 venv/bin/python - <<'PY'
from importlib.metadata import version
from pathlib import Path

import torch
from transformers import BertConfig, BertForTokenClassification, BertTokenizer, pipeline
from transformers.modeling_outputs import TokenClassifierOutput


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("transformers", version("transformers"), "torch", version("torch"))
vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "ada", "byron", "met"]
labels = ["O", "B-PER", "I-PER", "E-PER", "S-PER"]
Path("words").mkdir()
Path("words/vocab.txt").write_text("\n".join(vocabulary))
config = BertConfig(vocab_size=len(vocabulary), hidden_size=8, num_hidden_layers=1, num_attention_heads=1,
                    intermediate_size=8, id2label=dict(enumerate(labels)),
                    label2id={label: i for i, label in enumerate(labels)})
model = BertForTokenClassification(config).eval()
tagger = pipeline("token-classification", model=model, tokenizer=BertTokenizer.from_pretrained("words"),
                  aggregation_strategy="simple")


def names(first, second):
    """What the pipeline makes of a model that is sure of these two tags."""
    tags = {"ada": first, "byron": second}

    def forward(input_ids, attention_mask=None, token_type_ids=None, **rest):
        wanted = [labels.index(tags.get(vocabulary[i], "O")) for i in input_ids[0].tolist()]
        return TokenClassifierOutput(logits=9.0 * torch.eye(len(labels))[wanted][None])

    model.forward = forward
    found = [group["word"] for group in tagger("ada byron met")]
    print(f"ada/{first} byron/{second}:", found)
    return found


still(names("B-PER", "I-PER") == ["ada byron"], "B I is no longer one name")
still(names("B-PER", "B-PER") == ["ada", "byron"], "B B is no longer two names")
still(names("B-PER", "E-PER") == ["ada", "byron"], "B E is no longer cut in two")
still(names("S-PER", "S-PER") == ["ada byron"], "S S is no longer joined")
PY
