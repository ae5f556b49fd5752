"""Lesson 06's stored experiment on the feed-forward: what is it for, and which bend and which norm serve it?

`python -m benchmarks.feed_forward` trains every arm with several seeds and writes data/experiments/feed_forward.json.
`Memory` is what the lesson runs live for some of them.

Two tasks. The reviews of `benchmarks.word_order`, whose twins ask for word order. And facts: two names in, yes or no
out, drawn by chance for each pair of names. There is nothing to understand, all must be remembered.
"""

import argparse
import functools
import json
import os
from pathlib import Path

import numpy as np

FILE = Path(__file__).resolve().parents[1] / "data" / "experiments" / "feed_forward.json"
WIDTH, HEADS, INNER = 32, 2, 64
ARMS = {  # feed-forward, norm, layers
    "relu": ("relu", "layer", 2),
    "no bend": ("linear", "layer", 2),
    "no feed-forward": (None, "layer", 2),
    "no feed-forward, 4 layers": (None, "layer", 4),
    "GEGLU": ("geglu", "layer", 2),
    "SwiGLU": ("swiglu", "layer", 2),
    "relu, RMS norm": ("relu", "rms", 2),
}
TWINS = list(ARMS)[:3]
FACTS = {64: list(ARMS), 32: list(ARMS)[:4]}  # names: arms
STEPS, LONGER, BATCH = 2000, 8000, 128


def facts(seed: int, names: int) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of names (names², 2), ids from 1, and for each pair 1 or 0 by chance."""
    pairs = np.stack(np.divmod(np.arange(names**2), names), axis=1).astype("int32") + 1
    return pairs, np.random.default_rng(seed).integers(0, 2, names**2).astype("float32")


def bending(kind: str | None):
    """The layer in the feed-forward's place: an activation's name, "geglu", "swiglu", or None for nothing at all."""
    import keras

    from utils.layers import FeedForward

    class Gated(keras.layers.Layer):
        """W_3 (bend(W_1 x) · W_2 x), as many weights as the plain one has: three matrices, each two thirds as wide."""

        def __init__(self, bend):
            super().__init__()
            width = round(2 * INNER / 3)
            self.gate, self.widen = keras.layers.Dense(width, activation=bend), keras.layers.Dense(width)
            self.narrow = keras.layers.Dense(WIDTH)

        def build(self, shape):
            self.gate.build(shape), self.widen.build(shape)
            self.narrow.build((*shape[:-1], self.gate.units))

        def call(self, x, training=None):
            return self.narrow(self.gate(x) * self.widen(x))

    class Nothing(keras.layers.Layer):
        """Adds nothing to the residual."""

        def call(self, x, training=None):
            return 0 * x

    if kind is None:
        return Nothing()
    gates = {"geglu": "gelu", "swiglu": "silu"}
    return Gated(gates[kind]) if kind in gates else FeedForward(WIDTH, INNER, activation=kind)


def encoder_of(arm: str, num_layers=None, *sizes, encoder=None, **options):
    """The library's `Encoder`, or one like it, with an arm's feed-forward and norm in every layer."""
    import keras

    from utils.layers import Encoder

    kind, norm, layers = ARMS[arm]
    whole = (encoder or Encoder)(layers, *sizes, **options)
    for layer in whole.encoder_layers:
        if kind != "relu":
            layer.feed_forward = bending(kind)
        if norm == "rms":
            layer.attention_norm, layer.feed_forward_norm = (keras.layers.RMSNormalization() for _ in range(2))
    return whole


class Memory:
    """A model that can learn facts by heart, again and again from other seeds.

    Args:
        arm: one of `ARMS`.
        names: how many.
        encoder: the class; None takes the library's.
    """

    def __init__(self, arm: str, names: int, encoder=None):
        import keras
        import tensorflow as tf

        self.make = functools.partial(self.build, arm, names, encoder)
        self.names, self.model, self.optimizer = names, self.make(), keras.optimizers.Adam(2e-3)
        self.optimizer.build(self.model.trainable_variables)
        loss = keras.losses.BinaryCrossentropy(from_logits=True)

        @tf.function(jit_compile=True)
        def step(ids, answers):
            with tf.GradientTape() as tape:
                value = loss(answers, self.model(ids, training=True))
            gradients = tape.gradient(value, self.model.trainable_variables)
            self.optimizer.apply(gradients, self.model.trainable_variables)

        self.step = step

    @staticmethod
    def build(arm, names, encoder):
        """Two ids to one number: above 0, the answer is yes."""
        import keras

        ids = keras.Input((2,), dtype="int32")
        x = encoder_of(arm, None, WIDTH, HEADS, INNER, names + 1, 2, dropout_rate=0.0, encoder=encoder)(ids)
        return keras.Model(ids, keras.layers.Dense(1)(keras.ops.mean(x, axis=1))[:, 0])

    def train(self, seed: int, steps: int = STEPS) -> float:
        """Learns the facts of a seed, from weights of that seed. Returns the share that it knows at the end."""
        import keras

        keras.utils.set_random_seed(seed)
        self.model.set_weights(self.make().get_weights())
        for variable in self.optimizer.variables:
            variable.assign(keras.ops.zeros_like(variable))
        self.optimizer.learning_rate.assign(2e-3)
        pairs, answers = facts(seed, self.names)
        rng = np.random.default_rng(seed)
        for _ in range(steps):
            rows = rng.integers(0, len(pairs), BATCH)
            self.step(pairs[rows], answers[rows])
        return float(((self.model.predict(pairs, batch_size=4096, verbose=0) > 0) == (answers > 0)).mean())


def main() -> None:
    """Trains all, and writes the file."""
    from benchmarks.word_order import Trainer, accuracy

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    seeds = range(parser.parse_args().seeds)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    rows = []

    def note(**row):
        rows.append(row)
        print(row, flush=True)

    for arm in TWINS:
        trainer = Trainer(encoder=functools.partial(encoder_of, arm))
        for seed in seeds:
            trainer.train(seed)
            note(task="twins", arm=arm, seed=seed, weights=trainer.model.count_params(), **accuracy(trainer.model))
    for names, arms, steps in [(*entry, STEPS) for entry in FACTS.items()] + [(64, FACTS[64], LONGER)]:
        task = "facts" if steps == STEPS else "facts, longer"
        for arm in arms:
            memory = Memory(arm, names)
            for seed in seeds:
                known = memory.train(seed, steps)
                note(task=task, names=names, arm=arm, seed=seed, weights=memory.model.count_params(), known=known)
    content = {"command": "python -m benchmarks.feed_forward", "rows": rows}
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
