"""Does it help to look for the sentence first? Readers that are alike but for that, on dev of the little SQuAD.

`python -m benchmarks.qa_find` trains what data/experiments/qa_find.json does not hold yet, and writes it after each. So
that it takes minutes, only the two upper layers and the head learn, for 120 steps of 16 questions at 4e-4, in PyTorch
with products of bfloat16: what the layers below make of each text is computed once. The scores are those of a beginner.
What counts is the difference between arms that see the same questions in the same order:

- plain: no likeness. find: a sentence's likeness adds 10 times itself to its tokens' logits, find 20: 20 times.

Thresholds and calibrations are chosen on four fifths of dev's passages and measured on the last, by turns; nobody looks
at the test.
"""

import json
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.qa import interval, read_set
from utils.pretrained.checkpoint import load_tokenizer
from utils.tasks import question_answering_torch as qa
from utils.tasks.calibration import cross_validated
from utils.tasks.passages import NEVER, cut, put_together, right_answers, said
from utils.tasks.reader import as_read, lessons
from utils.tasks.spans import exact_match_and_f1
from utils.text.buckets import EncodingBatches

FILE = Path(__file__).resolve().parents[1] / "data" / "experiments" / "qa_find.json"
STEPS, BATCH, RATE, FROZEN = 120, 16, 4e-4, 4
ARMS = {"plain": 0.0, "find": 10.0, "find 20": 20.0}
SEEDS = (0, 1)


def low_precision():
    """Products of bfloat16 in what stands inside."""
    return torch.autocast("cpu", torch.bfloat16)


class Upper(qa.FindThenRead):
    """The upper layers of a reader; for token ids it takes what the lower ones made, (B, T, D)."""

    def __init__(self, config: dict, weight: float):
        super().__init__(config, weight)
        self.encoder.embedding = nn.Identity()
        self.encoder.encoder_layers = self.encoder.encoder_layers[FROZEN:]
        self.encoder.forward = self.upper

    def upper(self, x, _, padding_mask):
        """Hidden states (B, T, D)."""
        with low_precision():
            for layer in self.encoder.encoder_layers:
                x = layer(x, padding_mask[:, None, None, :])
        return x.float()


def lower_states(encoder, windows) -> list[torch.Tensor]:
    """What the frozen layers make of each window, (T, D) each."""
    found = [None] * len(windows)
    for rows, batch in EncodingBatches(windows, 32).in_order():
        ids, sentences, mask = qa.as_tensors(batch)
        with torch.no_grad(), low_precision():
            x = encoder.embedding(ids, sentences.clamp(max=1))
            for layer in encoder.encoder_layers[:FROZEN]:
                x = layer(x, mask[:, None, None, :])
        for row, i in enumerate(rows):
            found[i] = x[row, : len(windows[i])].bfloat16()
    return found


def padded(states: list[torch.Tensor], rows) -> torch.Tensor:
    """Some of the states as one batch (B, T, D)."""
    return nn.utils.rnn.pad_sequence([states[i].float() for i in rows], batch_first=True)


def measure(arm: str, seed: int, whole, data, learnt, windows, read, dev) -> dict:
    """Trains an arm, and says how it does on dev."""
    torch.manual_seed(seed)
    begun, model = time.process_time(), Upper(data.config, ARMS[arm])
    nn.init.trunc_normal_(model.head.weight, std=0.02)
    nn.init.zeros_(model.head.bias)
    model.encoder.encoder_layers.load_state_dict(whole.encoder.encoder_layers[FROZEN:].state_dict())
    optimizer, schedule = qa.make_optimizer(model, RATE, STEPS)
    batches, losses = EncodingBatches(data.windows, BATCH, seed=seed), []
    for step in range(STEPS):
        rows, (_, sentences, mask) = batches.batch(step)
        rest = qa.as_tensors((sentences, mask, data.labels[rows, 0], data.labels[rows, 1]))
        losses.append(qa.training_step(model, optimizer, (padded(learnt, rows), *rest)))
        schedule.step()
        if step % 20 == 19:
            print(f"  {arm}, step {step + 1}, loss {np.mean(losses[-20:]):.3f}", flush=True)
    logits = [None] * len(windows)
    model.eval()
    for rows, (_, sentences, mask) in EncodingBatches(windows, 32).in_order():
        with torch.no_grad():
            pair = model(padded(read, rows), *qa.as_tensors((sentences, mask)))
        for row, i in enumerate(rows):
            logits[i] = tuple(part[row, : len(windows[i])].numpy() for part in pair)
    readings = put_together(windows, logits, len(dev), data.settings)
    each = np.array([exact_match_and_f1(said(r, q.context, NEVER), right_answers(q))[1]
                     for r, q in zip(readings, dev, strict=True) if q.answers])  # fmt: skip
    low, high = interval(each, [q.context for q in dev if q.answers])
    row = {"arm": arm, "seed": seed, "train_questions": len(data.windows), "questions": len(dev),
           "cpu_seconds": round(time.process_time() - begun), "last_loss": round(float(np.mean(losses[-30:])), 4),
           "never_declining_answerable_f1": round(float(each.mean()), 4),
           "never_declining_answerable_f1_interval": [round(low, 4), round(high, 4)]}  # fmt: skip
    chosen = {k: round(v, 4) for k, v in cross_validated(readings, dev).items()}
    return row | chosen | {"f1_each": each.round(4).tolist()}


def main() -> None:
    """Trains what is missing."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))["rows"] if FILE.is_file() else []
    missing = [(arm, seed) for seed in SEEDS for arm in ARMS if all((r["arm"], r["seed"]) != (arm, seed) for r in rows)]
    if not missing:
        return
    train, dev, _ = read_set("shipped")
    chosen = np.random.default_rng(0).permutation(len(train))[: STEPS * BATCH]
    data = lessons([train[i] for i in sorted(chosen)], None, "minilm", STEPS, BATCH, 0, 1, crop=None, dropout=None,
                   likeness=1.0)  # fmt: skip
    whole = qa.load_with_encoder(data.folder).eval()
    windows = as_read(cut(dev, load_tokenizer(data.folder), data.settings), 2, data.settings)
    learnt, read = lower_states(whole.encoder, data.windows), lower_states(whole.encoder, windows)
    for arm, seed in missing:
        rows.append(measure(arm, seed, whole, data, learnt, windows, read, dev))
        print({k: v for k, v in rows[-1].items() if k != "f1_each"}, flush=True)
        content = {"command": "python -m benchmarks.qa_find", "steps": STEPS, "rows": rows}
        FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
