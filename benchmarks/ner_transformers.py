"""transformers' own recipe for naming entities, on PyTorch: what `benchmarks.ner` compares with. Not run by itself.

As in its example for token classification: AutoModelForTokenClassification, words given, the first piece of each
labelled, AdamW, a rate that falls linearly from the first step, gradients clipped at 1, batches shuffled and padded
to their longest.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer, get_linear_schedule_with_warmup, set_seed

EVALUATED_AT_ONCE = 32


def encode(tokenizer, words: list[list[str]]) -> dict:
    """Pieces of pre-split words, padded to the longest."""
    return tokenizer(
        words, is_split_into_words=True, truncation=True, max_length=128, padding=True, return_tensors="pt"
    )


def train(model, tokenizer, rows: list, numbers: dict[str, int], job: dict, on_step=None) -> None:
    """Fine-tunes all weights; `on_step`, called after each step, ends it where it gives True."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=job["rate"], weight_decay=0.0)
    schedule = get_linear_schedule_with_warmup(optimizer, 0, job["steps"])
    generator, order = torch.Generator().manual_seed(job["seed"]), []
    model.train()
    for step in range(1, job["steps"] + 1):
        if len(order) < job["batch_size"]:
            order += torch.randperm(len(rows), generator=generator).tolist()
        chosen, order = order[: job["batch_size"]], order[job["batch_size"] :]
        batch = encode(tokenizer, [rows[i][0] for i in chosen])
        targets = torch.full(batch["input_ids"].shape, -100)
        for n, i in enumerate(chosen):
            previous = None
            for t, word in enumerate(batch.word_ids(n)):
                if word is not None and word != previous:
                    targets[n, t] = numbers[rows[i][1][word]]
                previous = word
        model(**batch, labels=targets).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if on_step is not None and on_step(step):
            return


def predict(model, tokenizer, rows: list, labels: list[str]) -> list[list[str]]:
    """A label for each word; a word that is cut off gets O."""
    model.eval()
    found = []
    for start in range(0, len(rows), EVALUATED_AT_ONCE):
        words = [row[0] for row in rows[start : start + EVALUATED_AT_ONCE]]
        batch = encode(tokenizer, words)
        with torch.no_grad():
            best = model(**batch).logits.argmax(-1)
        for n, sentence in enumerate(words):
            said, previous = ["O"] * len(sentence), None
            for t, word in enumerate(batch.word_ids(n)):
                if word is not None and word != previous:
                    said[word] = labels[best[n, t]]
                previous = word
            found.append(said)
    return found


def main() -> None:
    """Reads job.json in the folder given, writes predicted.json."""
    folder = Path(sys.argv[1])
    job = json.loads((folder / "job.json").read_text("utf-8"))
    set_seed(job["seed"])
    kinds = sorted({label[2:] for _, labels in job["train"] for label in labels if label != "O"})
    labels = ["O", *(f"{prefix}-{kind}" for kind in kinds for prefix in "BI")]
    tokenizer = AutoTokenizer.from_pretrained(job["folder"])
    model = AutoModelForTokenClassification.from_pretrained(job["folder"], num_labels=len(labels))
    train(model, tokenizer, job["train"], {label: n for n, label in enumerate(labels)}, job)
    (folder / "predicted.json").write_text(json.dumps(predict(model, tokenizer, job["test"], labels)), "utf-8")


if __name__ == "__main__":
    main()
