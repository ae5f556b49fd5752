"""`transformers` on PyTorch, in a process of its own: what an encoder's hidden states and tokens must be.

`python -m tests.pretrained.reference FOLDER` writes random checkpoints of odd sizes into FOLDER, each with its hidden
states, and the hidden states of the pre-trained encoder. `--stored` renews what the tests fall back on where
`transformers` is not installed: two small checkpoints, and a few columns of the pre-trained encoder's states.
"""

import argparse
import json
import pathlib

import numpy as np

from benchmarks.encoder_reference import states

STORED = pathlib.Path(__file__).parent / "stored"
STORED_COLUMNS = np.arange(0, 384, 24)
TEXTS = [
    "Jane visite l'Afrique en septembre",
    "Jane visits Africa in September",
    "The train left the station on time",
    "Mark the date in your calendar.",
    "They went on a date by the river.",
    "She ate a date and two figs.",
    "",
    "a",
    "Hello",
    "!!! ??? ...",
    "antidisestablishmentarianism",
    "naïve café, Ångström, São Paulo, Łódź",
    "東京 is the capital of Japan; Москва is Russia's.",
    "emoji \N{GRINNING FACE} and tab\tand newline\n and   spaces",
    "3.14159 is close to 22/7, isn't it?",
    "http://example.org/a?b=c&d=e#f",
    "The [MASK] of a [SEP] is text here",
    "x" * 120,
    "word " * 120,
    "Space station, radio station, train station: which one does one wait at?",
    ("When will Jane go to Africa?", "Jane goes to Africa in September, and comes back in May."),
    ("", "only the second has words"),
    ("Why?", "Because " + "it is so, " * 30),
]
SMALL = [  # name, class, settings
    ("bert_plain", "BertModel", {}),
    ("bert_one_head", "BertModel", {"num_attention_heads": 1, "hidden_size": 7, "intermediate_size": 5}),
    ("bert_tokens", "BertForTokenClassification", {"num_hidden_layers": 3, "hidden_size": 30}),
    ("bert_answers", "BertForQuestionAnswering", {"type_vocab_size": 3, "hidden_act": "gelu_new"}),
    ("bert_masked", "BertForMaskedLM", {"hidden_act": "relu", "layer_norm_eps": 1e-5}),
    ("bert_whole", "BertForPreTraining", {"vocab_size": 211, "max_position_embeddings": 13}),
    ("bert_next", "BertForSequenceClassification", {"num_hidden_layers": 1, "hidden_act": "silu"}),
    ("bert_half", "BertModel", {"num_hidden_layers": 4, "intermediate_size": 64, "dtype": "float16"}),
    ("bert_brain", "BertModel", {"hidden_size": 66, "num_attention_heads": 11, "dtype": "bfloat16"}),
    ("distil_plain", "DistilBertModel", {}),
    ("distil_answers", "DistilBertForQuestionAnswering", {"dim": 21, "n_heads": 3, "n_layers": 3}),
    ("distil_masked", "DistilBertForMaskedLM", {"activation": "relu", "hidden_dim": 17}),
    ("distil_tokens", "DistilBertForTokenClassification", {"n_layers": 1, "dim": 64, "n_heads": 16}),
    ("distil_sines", "DistilBertForSequenceClassification", {"sinusoidal_pos_embds": True, "dim": 36, "n_heads": 9}),
]
BERT = {"hidden_size": 20, "num_hidden_layers": 2, "num_attention_heads": 5, "intermediate_size": 33}
DISTIL = {"dim": 24, "n_layers": 2, "n_heads": 4, "hidden_dim": 31}
COMMON = {"vocab_size": 97, "max_position_embeddings": 19}


def small_inputs(config: dict) -> dict[str, np.ndarray]:
    """Random ids, segments and a mask (3, T), T as long as the model allows or 11; row 0 is whole."""
    random, T = np.random.default_rng(1), min(11, config["max_position_embeddings"])
    ids = random.integers(0, config["vocab_size"], (3, T))
    types = random.integers(0, config.get("type_vocab_size", 2), (3, T))
    return {"ids": ids, "types": types, "mask": np.arange(T) < np.array([[T], [4], [7]])}


def save_small(folder: pathlib.Path, kind: str, settings: dict) -> None:
    """A checkpoint with random weights everywhere (norms and biases too), and the hidden states it must give."""
    import torch
    import transformers

    torch.manual_seed(len(kind) + len(settings))
    dtype = settings.get("dtype", "float32")
    family = "DistilBert" if kind.startswith("Distil") else "Bert"
    settings = COMMON | (DISTIL if family == "DistilBert" else BERT) | settings
    config = getattr(transformers, f"{family}Config")(**{k: v for k, v in settings.items() if k != "dtype"})
    model = getattr(transformers, kind)(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    model.to(getattr(torch, dtype)).save_pretrained(folder)
    inputs = small_inputs(config.to_dict())
    body = getattr(transformers, f"{family}Model").from_pretrained(folder, dtype=torch.float32)
    np.savez_compressed(folder / "expected.npz", hidden=run(body, inputs), **inputs)


def run(model, inputs: dict[str, np.ndarray]) -> np.ndarray:
    """The hidden states (B, T, D)."""
    import torch

    arguments = {"input_ids": torch.tensor(inputs["ids"]).long(), "attention_mask": torch.tensor(inputs["mask"]).long()}
    if model.config.model_type == "bert":
        arguments["token_type_ids"] = torch.tensor(inputs["types"]).long()
    with torch.no_grad():
        return model.eval()(**arguments).last_hidden_state.numpy()


def save_minilm(path: pathlib.Path, columns=slice(None)) -> None:
    """The pre-trained encoder's ids, segments, offsets and hidden states, of the latter perhaps only some columns."""
    arrays = {}
    for n, text in enumerate(states(TEXTS)):
        text["hidden"] = text["hidden"][:, columns]
        arrays |= {f"{name}_{n}": array for name, array in text.items()}
    np.savez_compressed(path, **arrays)


def main() -> None:
    """Writes all."""
    import torch
    from transformers.utils import logging

    torch.set_num_threads(1)  # small models; and several threads that wait for one another crawl on a busy machine

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=pathlib.Path)
    parser.add_argument("--stored", action="store_true")
    arguments = parser.parse_args()
    chosen = [s for s in SMALL if s[0] in ("bert_tokens", "distil_answers")] if arguments.stored else SMALL
    folder = STORED if arguments.stored else arguments.folder
    for name, kind, settings in chosen:
        save_small(folder / name, kind, settings)
    save_minilm(folder / "minilm.npz", STORED_COLUMNS if arguments.stored else slice(None))
    (folder / "names.json").write_text(json.dumps([name for name, _, _ in chosen]) + "\n")


if __name__ == "__main__":
    main()
