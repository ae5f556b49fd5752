#!/usr/bin/env bash
# One would guess: tokenizer.json holds the whole tokenizer: a file whose normaliser keeps case is read with
#   case kept.
# What happens: BertTokenizer takes the vocabulary of the file and builds the normaliser anew, lower-casing by
#   default. AutoTokenizer does the same when the config names the class. do_lower_case: false in
#   tokenizer_config.json is the cure.
# Versions: transformers 5.24.0, tokenizers 0.23.3.
# Where it matters: a cased tokenizer trained with the tokenizers library and loaded in transformers: names
#   lose the capital that an entity tagger lives on.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check transformers==5.24.0 tokenizers==0.23.3
HF_HUB_OFFLINE=1 venv/bin/python - <<'PY'
import json
from importlib.metadata import version
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from transformers import AutoTokenizer, BertTokenizer


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("transformers", version("transformers"), "tokenizers", version("tokenizers"))
pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "Rose", "rose", "fell"]
cased = Tokenizer(WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))
cased.normalizer = BertNormalizer(lowercase=False)
cased.pre_tokenizer = BertPreTokenizer()
Path("cased").mkdir()
cased.save("cased/tokenizer.json")
alone = cased.encode("Rose fell").tokens
print("tokenizers:", alone)
still(alone == ["Rose", "fell"], "the tokenizer itself does not keep case")
for config, wanted in [({}, "rose"), ({"do_lower_case": False}, "Rose")]:
    Path("cased/tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer", **config}))
    for reader in (BertTokenizer, AutoTokenizer):
        tokens = reader.from_pretrained("cased").tokenize("Rose fell")
        print(f"{reader.__name__}, config {config}:", tokens)
        still(tokens == [wanted, "fell"], f"{reader.__name__} with {config} gives {tokens}")
PY
