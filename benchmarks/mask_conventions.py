"""Lesson 04's table of conventions, asked of the libraries themselves.

`python -m benchmarks.mask_conventions` passes one padding mask to PyTorch and to `transformers` in each of their
forms, and unconverted too, and writes what weight the padding gets to data/experiments/mask_conventions.json. It needs
PyTorch and `transformers`; the lesson only reads the file, so that TensorFlow and PyTorch never meet.
"""

import argparse
import json
from importlib import metadata
from pathlib import Path

import numpy as np

FILE = Path(__file__).resolve().parents[1] / "data" / "experiments" / "mask_conventions.json"
SIZES = ((2, 5, 7, 4), (3, 2, 6, 8), (4, 6, 5, 3))  # B, T, S, D: one case a seed


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Queries (B, T, D), keys (B, S, D), and a mask (B, 1, S), True = may be looked at, with padding in every row."""
    rng = np.random.default_rng(seed)
    B, T, S, D = SIZES[seed]
    q, k = (rng.normal(size=(B, n, D)).astype("float32") for n in (T, S))
    return q, k, (np.arange(S) < rng.integers(1, S, (B, 1)))[:, None]


def in_torch(q, k, mask) -> dict:
    """The weights (B, T, S) that PyTorch gives, by what it was passed. `mask` is (B, 1, S), True = may be looked at."""
    import torch

    q, k, mask = map(torch.from_numpy, (q, k, mask))
    B, S, D = k.shape
    low = torch.zeros(mask.shape).masked_fill(~mask, -torch.inf)
    ones = torch.eye(S).expand(B, S, S)  # with these as values the output is the weights
    layer = torch.nn.MultiheadAttention(D, num_heads=1, bias=False, batch_first=True)
    layer.in_proj_weight.data = torch.eye(D).repeat(3, 1)  # W_q = W_k = W_v = 1

    def function(m):
        return torch.nn.functional.scaled_dot_product_attention(q, k, ones, attn_mask=m)

    def class_(m):
        return layer(q, k, k, key_padding_mask=m[:, 0])[1]

    return {
        "torch, the function, mask": function(mask),
        "torch, the function, 0 and -inf": function(low),
        "torch, the class, ~mask": class_(~mask),
        "torch, the class, 0 and -inf": class_(low),
        "torch, the class, mask": class_(mask),
    }


def in_hugging_face(mask, seed: int) -> dict:
    """The same for a small BERT with random weights: (B, layers · heads · T, S)."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(seed)
    sizes = {"num_hidden_layers": 2, "num_attention_heads": 3, "hidden_size": 12, "intermediate_size": 16}
    model = BertModel(BertConfig(vocab_size=20, attn_implementation="eager", **sizes)).eval()
    B, _, S = mask.shape
    ids = torch.randint(1, 20, (B, S))

    def weights(numbers):
        looks = model(ids, attention_mask=torch.from_numpy(numbers), output_attentions=True).attentions
        return torch.stack(looks, 1).reshape(B, -1, S)

    ones = mask[:, 0].astype("int64")
    return {"transformers, 1 = token": weights(ones), "transformers, 0 = token": weights(1 - ones)}


def main() -> None:
    """Asks all, and writes the file."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    rows = []
    for seed in range(len(SIZES)):
        q, k, mask = drawn(seed)
        for passed, weights in (in_torch(q, k, mask) | in_hugging_face(mask, seed)).items():
            weights = weights.detach().numpy()
            padding = np.where(mask, 0, weights).sum(-1).mean()
            row = {"passed": passed, "seed": seed, "on_padding": round(float(padding), 6)}
            rows.append(row | ({"weights": weights.round(6).tolist()} if "torch" in passed else {}))
    versions = {name: metadata.version(name).split("+")[0] for name in ("torch", "transformers")}
    content = {"command": "python -m benchmarks.mask_conventions", "versions": versions, "rows": rows}
    FILE.write_text(json.dumps(content) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
