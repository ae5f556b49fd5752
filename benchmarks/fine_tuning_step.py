"""Fine-tuning beside `transformers` on PyTorch's CPU: `python -m benchmarks.fine_tuning_step`.

The same encoder (all-MiniLM-L6-v2), a label for every token, all weights, AdamW, gradients clipped, dropout on: one
step of 16 texts of 128 tokens; then an epoch over texts of mixed length, ours in `EncodingBatches`, theirs with
dynamic padding and their own length grouping. How near the step is to what the processor can do says a third side: its
matrix products alone, forwards and backwards, in TensorFlow, with nothing between them. Processes that work in turns,
never at once; medians of alternating runs.

`--bfloat16` adds both with products of numbers rounded to bfloat16: `matmul_precision` of ours, and on their side
`torch.set_float32_matmul_precision("medium")`. That pays where the processor has instructions for it.
"""

import argparse
import functools
import json
import multiprocessing
import os
import statistics
import time

import numpy as np

from benchmarks.rows import note

LABELS, RATE, CLIP_NORM, BATCH, LENGTH = 9, 5e-5, 1.0, 16, 128
TEXTS, SHORTEST, LONGEST = 384, 8, 256


def make_texts(number: int, shortest: int, longest: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Ids and labels of random texts; their lengths are even on a logarithmic scale, as short ones are many."""
    random = np.random.default_rng(0)
    lengths = np.exp(random.uniform(np.log(shortest), np.log(longest + 1), number)).astype(int)
    return [(random.integers(1000, 30000, n), random.integers(0, LABELS, n)) for n in lengths]


class Ours:
    """Our encoder in TensorFlow, learning as it does in `utils.tasks`: one compiled graph for all shapes."""

    def __init__(self, matmul_precision: str = "float32"):
        from utils.pretrained import fetch, load_encoder
        from utils.tasks import fine_tuning
        from utils.tasks.token_classification import label_loss

        model = fine_tuning.EncoderWithHead(load_encoder(fetch()), LABELS)
        model.build((None, None))
        optimizer = fine_tuning.make_optimizer(RATE, 1000)
        optimizer.build(model.trainable_variables)
        self.kept = model, optimizer  # the compiled step does not keep them alive
        kinds = ("int32", "int32", "bool", "int32")
        example = [np.zeros((1, 1), kind) for kind in kinds]
        self.run = fine_tuning.compiled(model, optimizer, label_loss, example, matmul_precision)

    def step(self) -> None:
        """One step of 16×128."""
        texts = make_texts(BATCH, LENGTH, LENGTH)
        ids, labels = (np.stack(part).astype("int32") for part in zip(*texts, strict=True))
        self.run(ids, np.zeros_like(ids), np.ones_like(ids, bool), labels).numpy()

    def epoch(self) -> None:
        """Every text once."""
        from utils.text import pad_batch
        from utils.text.buckets import EncodingBatches

        texts = make_texts(TEXTS, SHORTEST, LONGEST)
        for rows in EncodingBatches([ids for ids, _ in texts], BATCH).order_of_epoch(0):
            ids, labels = (pad_batch([texts[i][part] for i in rows], pad) for part, pad in ((0, 0), (1, -100)))
            self.run(ids, np.zeros_like(ids), labels >= 0, labels).numpy()


class Products:
    """The matrix products of a step of 16×128, and no more."""

    def __init__(self):
        import tensorflow as tf

        from utils.pretrained import fetch
        from utils.pretrained.checkpoint import read_config

        config = read_config(fetch())
        D, F, H = (config[name] for name in ("embedding_dim", "fully_connected_dim", "num_heads"))
        N, T, K = BATCH * LENGTH, LENGTH, D // H
        heads = BATCH * H
        shapes = [((N, D), (D, D))] * 4 + [((N, D), (D, F)), ((N, F), (F, D))]
        shapes += [((heads, T, K), (heads, K, T)), ((heads, T, T), (heads, T, K))]
        pairs = [(tf.random.normal(a), tf.random.normal(b)) for a, b in shapes]  # each its own: none is left out
        self.layers = config["num_layers"]

        @tf.function(autograph=False)
        def run():
            found = []
            for a, b in pairs:
                c = tf.matmul(a, b)
                found += [c, tf.matmul(c, b, transpose_b=True), tf.matmul(a, c, transpose_a=True)]
            return found

        self.run = run

    def step(self) -> None:
        """All layers' products."""
        for _ in range(self.layers):
            self.run()[-1].numpy()


class Theirs:
    """`transformers` with the optimizer, collator and sampler that its Trainer uses."""

    def __init__(self, threads: int, matmul_precision: str = "highest"):
        import torch
        from transformers import AutoModelForTokenClassification
        from transformers.utils import logging

        from utils.pretrained import fetch

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        torch.set_num_threads(threads)
        torch.set_float32_matmul_precision(matmul_precision)
        self.model = AutoModelForTokenClassification.from_pretrained(fetch(), num_labels=LABELS).train()
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=RATE, fused=True)

    def learn(self, batch: dict) -> None:
        """One step."""
        import torch

        self.optimizer.zero_grad()
        loss = self.model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP_NORM)
        self.optimizer.step()
        loss.item()

    def step(self) -> None:
        """One step of 16×128."""
        import torch

        texts = make_texts(BATCH, LENGTH, LENGTH)
        ids, labels = (torch.tensor(np.stack(part)) for part in zip(*texts, strict=True))
        mask = torch.ones_like(ids)
        self.learn({"input_ids": ids, "token_type_ids": mask * 0, "attention_mask": mask, "labels": labels})

    def epoch(self) -> None:
        """Every text once."""
        import torch
        from transformers import AutoTokenizer, DataCollatorForTokenClassification
        from transformers.trainer_pt_utils import LengthGroupedSampler

        from utils.pretrained import fetch

        texts = make_texts(TEXTS, SHORTEST, LONGEST)
        rows = [{"input_ids": i, "attention_mask": np.ones_like(i), "labels": y} for i, y in texts]
        rows = [{name: values.tolist() for name, values in row.items()} for row in rows]
        generator = torch.Generator().manual_seed(0)
        lengths = [len(ids) for ids, _ in texts]
        sampler = LengthGroupedSampler(BATCH, lengths=lengths, generator=generator)
        collate = DataCollatorForTokenClassification(AutoTokenizer.from_pretrained(fetch()))
        for batch in torch.utils.data.DataLoader(rows, BATCH, sampler=sampler, collate_fn=collate):
            self.learn(dict(batch))


def work(connection, make) -> None:
    """Makes one side, then times what it is asked for, until told to stop."""
    side = make()
    while (name := connection.recv()) is not None:
        start = time.perf_counter()
        getattr(side, name)()
        connection.send(time.perf_counter() - start)


class Side:
    """A side in a process of its own."""

    def __init__(self, make):
        context = multiprocessing.get_context("spawn")
        self.pipe, end = context.Pipe()
        self.process = context.Process(target=work, args=(end, make), daemon=True)
        self.process.start()

    def seconds(self, name: str) -> float:
        """How long it takes for one `name`."""
        self.pipe.send(name)
        return self.pipe.recv()

    def stop(self) -> None:
        """Ends the process."""
        self.pipe.send(None)
        self.process.join()


def main() -> None:
    """Measures, prints, and writes the figures where --out says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=15)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="PyTorch's; TensorFlow takes all cores")
    parser.add_argument("--bfloat16", action="store_true", help="also with products of bfloat16")
    parser.add_argument("--out")
    arguments = parser.parse_args()
    sides = {"ours": Side(Ours), "transformers": Side(functools.partial(Theirs, arguments.threads))}
    if arguments.bfloat16:
        half = functools.partial(Theirs, arguments.threads, "medium")
        sides |= {"ours, bfloat16": Side(functools.partial(Ours, "bfloat16")), "transformers, bfloat16": Side(half)}
    limit = {"products": Side(Products)}
    result = {"cores": os.cpu_count(), "threads of PyTorch": arguments.threads}
    names = {"step": f"fine-tuning step, {BATCH}×{LENGTH}", "epoch": f"epoch, texts of {SHORTEST} to {LONGEST}"}
    for name, repeats in {"step": arguments.steps, "epoch": arguments.epochs}.items():
        asked = sides | limit if name == "step" else sides
        times = {side: [] for side in asked}
        for side in asked.values():
            side.seconds(name)  # warm
            side.seconds(name)
        for n in range(repeats):
            for side in list(asked)[:: 1 if n % 2 else -1]:
                times[side].append(asked[side].seconds(name))
        middle = {side: statistics.median(values) for side, values in times.items()}
        result[name] = middle | {"share": middle["ours"] / middle["transformers"], "runs": times}
        each = ", ".join(f"{side} {seconds:.3f} s" for side, seconds in middle.items())
        pairs = sorted(a / b for a, b in zip(times["ours"], times["transformers"], strict=True))
        print(f"{name}: {each}; ours takes {result[name]['share']:.2f} of theirs ({pairs[0]:.2f} to {pairs[-1]:.2f})")
        note(names[name], "transformers on PyTorch", list(zip(times["ours"], times["transformers"], strict=True)))
        compared = [("ours, bfloat16", "ours"), ("ours, bfloat16", "transformers"),
                    ("ours, bfloat16", "transformers, bfloat16")]  # fmt: skip
        for one, other in compared if arguments.bfloat16 else ():
            pairs = sorted(a / b for a, b in zip(times[one], times[other], strict=True))
            print(f"{name}: {one}, take {statistics.median(pairs):.2f} of {other} ({pairs[0]:.2f} to {pairs[-1]:.2f})")
        if name == "step":
            note("  its products alone", "that step", list(zip(times["products"], times["ours"], strict=True)))
            print(f"step: its products alone take {middle['products'] / middle['ours']:.0%} of ours", flush=True)
    for side in (sides | limit).values():
        side.stop()
    if arguments.out:
        with open(arguments.out, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
