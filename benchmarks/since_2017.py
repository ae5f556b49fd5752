"""Lesson 15's stored experiment: each change since 2017 swapped alone into the course's own block.

`python -m benchmarks.since_2017` trains every arm on three tasks with paired seeds, and
writes data/experiments/since_2017.json; stopped, it goes on where it was. `Run` is what the lesson runs live.

The tasks: *sentences*, the next word of the course's English; *three back*, random words, and the one three places back
is asked for; *facts*, two names in, yes or no out, drawn by chance.
"""

import argparse
import functools
import gzip
import json
import os
import re
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "data" / "experiments" / "since_2017.json"
ARMS = {
    "2017": {},
    "rotary positions": {"positions": "rotary"},
    "no positions": {"positions": "none"},
    "RMS norm": {"norm_kind": "rms"},
    "norm before": {"norm": "pre"},
    "SwiGLU": {"gated": True, "activation": "silu"},
    "2 of 4 key heads": {"num_key_value_heads": 2},
    "1 of 4 key heads": {"num_key_value_heads": 1},
    "no biases": {"use_bias": False},
}
TOGETHER = "rotary positions", "RMS norm", "norm before", "SwiGLU", "2 of 4 key heads", "no biases"
ARMS["all at once"] = {name: value for arm in TOGETHER for name, value in ARMS[arm].items()}
LAYERS, HEADS, WARMUP, RATE = 2, 4, 100, 2e-3
SHORT, LONG = 32, 128  # words of a text: in training, and the longest that is asked for
BACK, WORDS, NAMES = 3, 16, 48
IGNORED = -1
POSITIONS = "2017", "rotary positions", "no positions"
PLAN = (  # width, seeds, task, arms, steps
    (32, (0, 1, 2), "sentences", tuple(ARMS), 300),
    (32, (0, 1, 2), "facts", tuple(ARMS), 700),
    (32, (0, 1, 2), "three back", POSITIONS, 300),
    (32, (0, 1, 2), "sentences", tuple(ARMS), 1200),
    (32, (0, 1, 2), "facts", tuple(ARMS), 2800),
    (32, (0, 1, 2), "three back", ("no positions",), 6000),
)


@functools.cache
def texts(split: str) -> tuple[np.ndarray, int]:
    """The course's English as one stream of ids, each sentence ended by 0, and the size of its vocabulary."""
    streams = {}
    for name in ("train", "test_random"):
        with gzip.open(ROOT / "data" / "french_english" / f"{name}.tsv.gz", "rt", encoding="utf-8") as lines:
            streams[name] = [w for line in lines for w in [*re.findall(r"[\w']+|\?", line.split("\t")[1]), "."]]
    ids = {word: n for n, word in enumerate(dict.fromkeys([".", *streams["train"], "<new>"]))}
    return np.array([ids.get(word, ids["<new>"]) for word in streams[split]], "int32"), len(ids)


def windows(rng, batch: int, length: int, split: str = "train") -> tuple[np.ndarray, np.ndarray]:
    """Pieces of the stream and the word after each of their words, both (batch, length)."""
    stream, _ = texts(split)
    places = rng.integers(0, len(stream) - length - 1, (batch, 1)) + np.arange(length + 1)
    return stream[places[:, :-1]], stream[places[:, 1:]]


def in_window(model, ids: np.ndarray, window: int) -> np.ndarray:
    """The likeliest answer at each place (B, T) where every word sees itself and the window - 1 before it.

    Of a stack whose norms stand behind, and which was trained without the window.
    """
    seen = np.tril(np.ones((ids.shape[1],) * 2, bool))
    near = seen & ~np.tril(seen, -window)  # (T, T)
    x = model.embedding(ids) * model.embedding_dim**0.5
    x = x if model.positional_encoding is None else model.positional_encoding(x)
    for block in model.blocks:
        x = block(x, attention_mask=near)
    return np.argmax(model.output_layer(x), axis=-1)


def no_farther(model, ids: np.ndarray, farthest: int) -> np.ndarray:
    """The likeliest answer at each place (B, T) where a word sees all before it, none farther away than `farthest`.

    What is farther is taken for `farthest` places away. Of a stack whose norms stand behind and whose positions turn.
    """
    from keras import ops

    from utils.layers.attention import merge_heads, project, split_heads
    from utils.layers.rotary import rotary_embedding

    seen = np.tril(np.ones((ids.shape[1],) * 2, bool))
    far = np.tril(seen, -farthest)  # (T, T)
    x = model.embedding(ids) * model.embedding_dim**0.5
    for block in model.blocks:
        own = block.self_attention
        q, k, v = (
            split_heads(project(x, w), own.num_heads) for w in (own.query_weights, own.key_weights, own.value_weights)
        )
        turn = functools.partial(rotary_embedding, base=own.rotary_base)
        away = turn(q[..., None, :], start=farthest)[..., 0, :]  # as though each stood there, and all keys at 0
        k_turned, k_still = (ops.swapaxes(side, -1, -2) for side in (turn(k), k))
        scores = ops.where(far, ops.matmul(away, k_still), ops.matmul(turn(q), k_turned)) / own.key_dim**0.5
        weights = ops.softmax(ops.where(seen, scores, -1e9), axis=-1)
        x = block.attention_norm(x + project(merge_heads(ops.matmul(weights, v)), own.output_weights))
        x = block.feed_forward_norm(x + block.feed_forward(x))
    return np.argmax(model.output_layer(x), axis=-1)


def three_back(rng, batch: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Random words (batch, length), and at each the one three places back; at the first three nothing is asked."""
    ids = rng.integers(0, WORDS, (batch, length)).astype("int32")
    labels = np.full_like(ids, IGNORED)
    labels[:, BACK:] = ids[:, :-BACK]
    return ids, labels


def facts(rng, batch: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of names (batch, 2) and for each, at the second, its answer of that seed: 0 or 1."""
    answers = np.random.default_rng(seed).integers(0, 2, NAMES**2).astype("int32")
    pairs = np.arange(NAMES**2) if batch == NAMES**2 else rng.integers(0, NAMES**2, batch)
    ids = np.stack(np.divmod(pairs, NAMES), axis=1).astype("int32")
    return ids, np.stack([np.full(len(pairs), IGNORED, "int32"), answers[pairs]], axis=1)


TASKS = {"sentences": 16, "three back": 16, "facts": 128}  # texts of a batch


class Run:
    """One arm on one task, which can be trained again from other seeds.

    Args:
        arm: one of `ARMS`.
        task: one of `TASKS`.
        width: D.
        stack: the class of the model; None takes the library's.
    """

    def __init__(self, arm: str, task: str, width: int = 32, stack=None):
        import keras
        import tensorflow as tf
        from keras import ops

        from utils.layers import BlockStack

        vocabulary = {"sentences": texts("train")[1], "three back": WORDS, "facts": NAMES}[task]
        self.task = task
        inner = round(2 * 2 * width / 3) if ARMS[arm].get("gated") else 2 * width  # as many weights with three matrices
        sizes = (LAYERS, width, HEADS, inner, vocabulary)
        self.make = functools.partial(stack or BlockStack, *sizes, **ARMS[arm])
        self.model, self.optimizer = self.new(), keras.optimizers.Adam(RATE)
        self.optimizer.build(self.model.trainable_variables)

        @tf.function(jit_compile=True)
        def step(ids, labels):
            with tf.GradientTape() as tape:
                counts = ops.cast(labels != IGNORED, "float32")
                found = keras.losses.sparse_categorical_crossentropy(
                    ops.maximum(labels, 0), self.model(ids, training=True), from_logits=True
                )
                loss = ops.sum(found * counts) / ops.sum(counts)
            self.optimizer.apply(tape.gradient(loss, self.model.trainable_variables), self.model.trainable_variables)
            return loss

        self.step = step

    def new(self):
        """A model with fresh weights."""
        model = self.make()
        model.build((None, None))
        return model

    def batch(self, rng, size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Ids and labels of the task."""
        if self.task == "sentences":
            return windows(rng, size, SHORT)
        return three_back(rng, size, SHORT) if self.task == "three back" else facts(rng, size, seed)

    def train(self, seed: int, steps: int = 300) -> list[float]:
        """Trains from the weights and on the data of a seed; returns the loss at every step.

        `milliseconds` then says what a step took of the processor, all its cores together.
        """
        import keras

        keras.utils.set_random_seed(seed)
        self.model.set_weights(self.new().get_weights())
        for variable in self.optimizer.variables:
            variable.assign(keras.ops.zeros_like(variable))
        rng, size, losses, began = np.random.default_rng(seed), TASKS[self.task], [], None
        for n in range(steps):
            self.optimizer.learning_rate.assign(RATE * min(1.0, (n + 1) / WARMUP))
            losses.append(self.step(*self.batch(rng, size, seed)))
            if n == 0:
                float(losses[0])  # compiled by now
                began = time.process_time()
        losses = [float(loss) for loss in losses]
        self.milliseconds = 1000 * (time.process_time() - began) / max(len(losses) - 1, 1)
        return losses

    def score(self, seed: int = 0) -> dict:
        """How good it is, and but for facts how good at each 16 places of texts of 128.

        Sentences: "loss", nats a word. Else "right", the share of answers that are.
        """
        rng = np.random.default_rng([seed, 1])
        if self.task == "sentences":
            short, long = (self.nats(*windows(rng, n, size, "test_random")) for n, size in ((256, SHORT), (128, LONG)))
            return {"loss": float(short.mean()), "by_place": by_sixteen(long)}
        if self.task == "facts":
            return {"right": float(np.nanmean(self.right(*facts(rng, NAMES**2, seed))))}
        short, long = (self.right(*three_back(rng, n, size)) for n, size in ((256, SHORT), (128, LONG)))
        return {"right": float(np.nanmean(short)), "by_place": by_sixteen(long)}

    def right(self, ids: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """1 where the likeliest answer is right, 0 where not, NaN where nothing is asked, (B, T)."""
        return np.where(labels == IGNORED, np.nan, np.argmax(self.model(ids), axis=-1) == labels)

    def nats(self, ids: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Minus the log-probability of each next word, (B, T)."""
        import keras

        return np.asarray(keras.losses.sparse_categorical_crossentropy(labels, self.model(ids), from_logits=True))


def by_sixteen(values: np.ndarray) -> list[float]:
    """Means over texts and over 16 places each, of (B, 128)."""
    return [round(float(np.nanmean(values[:, place : place + 16])), 4) for place in range(0, values.shape[1], 16)]


def main() -> None:
    """Trains what is not yet in the file, and writes it after each arm."""
    from utils.files import write_whole

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", nargs="+", default=list(TASKS))
    parser.add_argument("--arms", nargs="+", default=list(ARMS))
    parser.add_argument("--out", type=Path, default=FILE)
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    rows = json.loads(arguments.out.read_text(encoding="utf-8"))["rows"] if arguments.out.exists() else []
    done = {(r["width"], r["task"], r["arm"], r["steps"], r["seed"]) for r in rows}
    for width, seeds, task, arms, steps in PLAN:
        if task not in arguments.tasks:
            continue
        for arm in (arm for arm in arms if arm in arguments.arms):
            left = [seed for seed in seeds if (width, task, arm, steps, seed) not in done]
            run = Run(arm, task, width) if left else None
            for seed in left:
                losses = run.train(seed, steps)
                row = {
                    "width": width,
                    "task": task,
                    "arm": arm,
                    "steps": steps,
                    "seed": seed,
                    "weights": run.model.count_params(),
                }
                row |= {"milliseconds": round(run.milliseconds, 2), "last_loss": float(np.mean(losses[-50:]))}
                rows.append(row | run.score(seed))
                print(rows[-1], flush=True)
            content = {"command": "python -m benchmarks.since_2017", "rows": rows}
            write_whole(arguments.out, json.dumps(content, indent=1).encode() + b"\n")


if __name__ == "__main__":
    main()
