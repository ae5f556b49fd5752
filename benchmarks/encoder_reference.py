"""What `transformers` makes of eight sentences with all-MiniLM-L6-v2: `python -m benchmarks.encoder_reference`.

Lesson 10 compares its own hidden states with these. PyTorch, on the CPU, in a process without TensorFlow.
"""

from pathlib import Path

import numpy as np

STORED = Path(__file__).resolve().parents[1] / "data" / "pretrained" / "reference.npz"
TEXTS = (
    "Jane visite l'Afrique en septembre",
    "Jane visits Africa in September.",
    "The train left the station on time.",
    "Mark the date in your calendar.",
    "They went on a date by the river.",
    "She ate a date and two figs.",
    "Is this really BERT? It's 3.14 times as odd!",
    "A sentence that is a good deal longer than all of the others, so that in one batch with them most of the "
    "places are padding, which nobody may look at.",
)


def states(texts) -> list[dict[str, np.ndarray]]:
    """Ids, segments, offsets and hidden states (T, D) of each text, or pair of texts, alone."""
    import torch
    from transformers import AutoModel, BertTokenizerFast
    from transformers.utils import logging

    from utils.pretrained import fetch

    logging.disable_progress_bar()
    torch.set_num_threads(1)
    folder = fetch()
    model, tokenizer = AutoModel.from_pretrained(folder).eval(), BertTokenizerFast.from_pretrained(folder)
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    found = []
    for text in texts:
        pair = text if isinstance(text, tuple) else (text,)
        code = tokenizer(*pair, return_offsets_mapping=True, split_special_tokens=True)
        ids, types, offsets = (np.array(code[k]) for k in ("input_ids", "token_type_ids", "offset_mapping"))
        with torch.no_grad():
            output = model(input_ids=torch.tensor(ids)[None], token_type_ids=torch.tensor(types)[None])
        found.append({"ids": ids, "types": types, "offsets": offsets, "hidden": output.last_hidden_state[0].numpy()})
    return found


def load() -> tuple[list[str], list[np.ndarray]]:
    """The stored sentences, and the hidden states (T, D) of each."""
    stored = np.load(STORED)
    return stored["texts"].tolist(), [stored[f"hidden_{n}"] for n in range(len(stored["texts"]))]


def main() -> None:
    """Writes the file."""
    import transformers

    arrays = {f"hidden_{n}": state["hidden"] for n, state in enumerate(states(TEXTS))}
    STORED.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(STORED, texts=np.array(TEXTS), version=np.array(transformers.__version__), **arrays)
    print(f"{STORED.name}: {len(TEXTS)} sentences by transformers {transformers.__version__}")


if __name__ == "__main__":
    main()
