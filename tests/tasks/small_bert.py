"""A BERT that is made in a moment: a few words, two layers, random weights; no framework."""

import json

import numpy as np
from safetensors.numpy import save_file

from utils.datasets.readers.squad import Answer, Question
from utils.pretrained.checkpoint import read_config, weight_shapes
from utils.tasks.folders import as_checkpoint

WORDS = (
    "jane omar lina took the a map key lamp to garden mill harbour what who where did take go went ? . , and".split()
)
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SIZES = {
    "bert": {"num_hidden_layers": 2, "hidden_size": 24, "num_attention_heads": 3, "intermediate_size": 40},
    "distilbert": {"n_layers": 2, "dim": 24, "n_heads": 3, "hidden_dim": 40},
}


def make(folder, kind="bert", positions=48, seed=0, **changes):
    """Writes such a checkpoint into a folder, and returns the folder."""
    pieces = [*SPECIAL, *WORDS, *[f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz"], *"abcdefghijklmnopqrstuvwxyz"]
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n")
    config = {"model_type": kind, "vocab_size": len(pieces), "max_position_embeddings": positions, **SIZES[kind]}
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": True}))
    (folder / "config.json").write_text(json.dumps(config | changes))
    rng = np.random.default_rng(seed)
    arrays = {}
    for path, shape in weight_shapes(read_config(folder)).items():
        arrays[path] = np.ones(shape) if path.endswith("gamma") else rng.normal(size=shape) * 0.05
    save_file(as_checkpoint(arrays, kind, {}), folder / "model.safetensors")
    return folder


def questions(number, seed=0, unanswerable=0.25):
    """Who took what; sometimes a passage in which nobody takes anything."""
    rng = np.random.default_rng(seed)
    asked = []
    for n in range(number):
        taker, other = rng.permutation(["Jane", "Omar", "Lina"])[:2]
        thing, place = rng.choice(["map", "key", "lamp"]), rng.choice(["garden", "mill", "harbour"])
        told = [f"{taker} took the {thing}.", f"{other} went to the {place}."]
        told = told[1:] if rng.random() < unanswerable else told[:: int(rng.choice([1, -1]))]
        context = " ".join(told)
        answers = (Answer(f"the {thing}", context.index(f"the {thing}")),) if len(told) == 2 else ()
        asked.append(Question(str(n), f"What did {taker} take?", context, answers, "", n))
    return asked


def as_squad(asked):
    """The questions in SQuAD's format."""
    paragraphs = [
        {"context": q.context, "qas": [{"id": q.id, "question": q.question, "is_impossible": not q.answers,
         "answers": [{"text": a.text, "answer_start": a.start} for a in q.answers]}]} for q in asked
    ]  # fmt: skip
    return {"version": "v2.0", "data": [{"title": "small", "paragraphs": paragraphs}]}
