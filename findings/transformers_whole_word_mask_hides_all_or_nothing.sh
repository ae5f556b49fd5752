#!/usr/bin/env bash
# One would guess: whole_word_mask=True hides about 15 words of 100, each with all its pieces.
# What happens: a word is what stands between gaps of the offsets. DeBERTa's tokens count the blank before them, so
#   there are no gaps, and Chinese has no blanks. The text is one word: with 0.15 it is hidden from end to end,
#   else not at all.
# Versions: transformers 5.24.0, torch 2.13.0.
# Where it matters: training a masked model: one text in seven is predicted from nothing at all, and the other
#   six give no loss. The number of hidden tokens is right on average, and shows nothing.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check transformers==5.24.0 torch==2.13.0
HF_HUB_OFFLINE=1 venv/bin/python -W ignore - <<'PY'
from importlib.metadata import version
from pathlib import Path

import torch
from transformers import BertTokenizer, DataCollatorForLanguageModeling, DebertaV2Tokenizer


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("transformers", version("transformers"), "torch", version("torch"))
english, chinese = "the cat sat on the mat and saw a dog", "今天天气很好我们去公园散步"
special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]
words = sorted(set(english.split()))
Path("bert").mkdir()
Path("bert/vocab.txt").write_text("\n".join([*special, *words, *sorted(set(chinese))]), encoding="utf-8")
bert = BertTokenizer.from_pretrained("bert")
deberta = DebertaV2Tokenizer(vocab=[(token, 0.0) for token in special] + [("▁" + word, -1.0) for word in words])


def shares(name, tokenizer, text, texts=1000):
    """The share of the texts in which no token is hidden, and in which every token is; and of hidden tokens."""
    torch.manual_seed(0)
    one = tokenizer(text, return_offsets_mapping=True, return_special_tokens_mask=True)
    collate = DataCollatorForLanguageModeling(tokenizer, whole_word_mask=True, mlm_probability=0.15)
    hidden = collate([dict(one) for _ in range(texts)])["labels"] != -100
    hidden = hidden[:, torch.tensor(one["special_tokens_mask"]) == 0]
    nothing, everything = (~hidden).all(1).float().mean().item(), hidden.all(1).float().mean().item()
    print(f"{name}: {hidden.shape[1]} tokens, {hidden.float().mean().item():.3f} of them hidden; "
          f"nothing hidden in {nothing:.3f} of the texts, everything in {everything:.3f}")
    return nothing, everything


nothing, everything = shares("BERT, English   ", bert, english)
still(nothing < 0.3 and everything == 0.0, "BERT's English words are no longer hidden one by one")
for name, tokenizer, text in (("DeBERTa, English", deberta, english), ("BERT, Chinese   ", bert, chinese)):
    nothing, everything = shares(name, tokenizer, text)
    still(0.8 < nothing < 0.9 and abs(nothing + everything - 1) < 1e-6, f"{name.strip()}: no longer all or nothing")
PY
