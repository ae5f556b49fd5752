"""Lesson 15's tiny Llama: `python -m benchmarks.tiny_llama` writes data/pretrained/tiny_llama/.

Made by `transformers` on PyTorch, of random weights, in a process without TensorFlow: config.json and
model.safetensors as it saves them, and in expected.safetensors three texts' ids with the logits that it gives.
"""

import argparse
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parents[1] / "data" / "pretrained" / "tiny_llama"
SIZES = {
    "vocab_size": 29,
    "hidden_size": 24,
    "intermediate_size": 40,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "rms_norm_eps": 1e-5,
    "max_position_embeddings": 64,
}
BASE = 500.0


def write(folder: Path, **changes) -> None:
    """Makes the model and writes the three files."""
    import torch
    from safetensors.numpy import save_file
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.set_num_threads(1)
    torch.manual_seed(15)
    rotary = {"rope_parameters": {"rope_type": "default", "rope_theta": BASE}}
    model = LlamaForCausalLM(LlamaConfig(**SIZES | rotary | changes, bos_token_id=1, eos_token_id=2)).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():  # large enough for the softmax to choose
            weight.normal_(mean=1.0 if "norm" in name else 0.0, std=0.2)
    model.save_pretrained(folder)
    ids = np.random.default_rng(15).integers(0, model.config.vocab_size, (3, 20))
    with torch.no_grad():
        logits = model(input_ids=torch.tensor(ids)).logits.numpy()
    arrays = {"ids": ids.astype("int32"), "logits": np.ascontiguousarray(logits, "float32")}
    save_file(arrays, Path(folder) / "expected.safetensors")
    (Path(folder) / "generation_config.json").unlink(missing_ok=True)


def main() -> None:
    """Writes the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--tied", action="store_true", help="one table for embedding and output")
    parser.add_argument("--heads", type=int, default=SIZES["num_key_value_heads"], help="of keys and values")
    arguments = parser.parse_args()
    write(arguments.out, tie_word_embeddings=arguments.tied, num_key_value_heads=arguments.heads)


if __name__ == "__main__":
    main()
