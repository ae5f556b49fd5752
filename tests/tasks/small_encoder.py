"""A folder with a BERT so small that fine-tuning it takes seconds."""

import json

import keras

from utils.pretrained.encoder import random_encoder
from utils.pretrained.tokenizer import read_tokenizer
from utils.tasks.fine_tuning import EncoderWithHead
from utils.tasks.folders import write_folder

WORDS = "jane left cork in may . , ours stayed the ##s ##ly acme ltd ' - ! < > / script & not ? of new york on".split()
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *LETTERS, *(f"##{c}" for c in LETTERS)]
CONFIG = {
    "model_type": "bert", "num_hidden_layers": 2, "hidden_size": 32, "num_attention_heads": 4, "pad_token_id": 0,
    "intermediate_size": 64, "vocab_size": len(VOCABULARY), "max_position_embeddings": 64,
}  # fmt: skip


def write_encoder(folder, **changes):
    """Writes config.json, vocab.txt and model.safetensors with random weights."""
    keras.utils.set_random_seed(1)
    folder.mkdir(parents=True, exist_ok=True)
    config = {**CONFIG, **changes}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", "utf-8")
    model = EncoderWithHead(random_encoder(folder), 1)
    model.build((None, None))
    arrays = {path: array for path, array in model.arrays_by_path().items() if not path.startswith("head")}

    (folder / "tokenizer_config.json").write_text('{"do_lower_case": true}')
    write_folder(folder, arrays, {}, config, "MaskedLM", read_tokenizer(folder))
    (folder / "tokenizer.json").unlink()
    return folder
