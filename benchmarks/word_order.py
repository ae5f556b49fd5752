"""Lesson 06's stored experiments: an encoder that reads word order, and what its parts are for.

`python -m benchmarks.word_order` trains every arm with several seeds and writes data/experiments/word_order.json.
`Trainer` is what the lesson runs live for some of them.

Short reviews say two things of the same kind. "the film was not bad , it was clever" praises, "the film was bad ,
it was not clever" does not: the same words in another order.
"""

import argparse
import json
import os
from pathlib import Path

import numpy as np

FILE = Path(__file__).resolve().parents[1] / "data" / "experiments" / "word_order.json"
GOOD = "good great fine clever funny warm fresh lovely".split()
BAD = "bad awful poor stupid dull cold stale ugly".split()
THINGS = "film book play song meal hotel party game".split()
OPENINGS = ("", "I think", "my sister says", "we all know that")
ADVERBS = ("", "really", "very", "so")
JOINTS = (", it was", "and it was", ", in a word", ", we found it")
WORDS = tuple(
    dict.fromkeys(" ".join(("[pad] the was not", *THINGS, *OPENINGS, *ADVERBS, *JOINTS, *GOOD, *BAD)).split())
)
ID = {word: i for i, word in enumerate(WORDS)}
LENGTH = 16  # words of the longest review


def reviews(seed: int, draws: int, test: bool = False) -> tuple[list[str], np.ndarray]:
    """Reviews and whether they praise: four for each draw of words, and of the four, two do.

    The first two say "not" nowhere and have two adjectives of one kind. The last two are twins: the same words, one
    good and one bad adjective, the "not" before the one or the other.

    Args:
        seed: of the draw.
        draws: how many fours.
        test: whether to take the pairs of adjectives that train never joins, a quarter of all.

    Returns:
        The texts, and labels (4 * draws,): 1 praises, 0 does not.
    """
    rng = np.random.default_rng([seed, test])
    texts, labels = [], []
    while len(texts) < 4 * draws:
        a, b = rng.integers(8, size=2)
        if ((a + b) % 4 == 0) != test:
            continue
        opening, thing, joint, *adverbs = (rng.choice(x) for x in (OPENINGS, THINGS, JOINTS, ADVERBS, ADVERBS))
        good_first = rng.integers(2)
        mixed = (GOOD[a], BAD[b]) if good_first else (BAD[a], GOOD[b])
        for pair, nots in (((GOOD[a], GOOD[b]), ""), ((BAD[a], BAD[b]), ""), (mixed, "01"), (mixed, "10")):
            first, second = (
                f"{'not' if nots and nots[n] == '1' else ''} {adverb} {word}"
                for n, (adverb, word) in enumerate(zip(adverbs, pair, strict=True))
            )
            texts.append(" ".join(f"{opening} the {thing} was {first} {joint} {second}".split()))
        labels += [1, 0, good_first, 1 - good_first]
    return texts, np.array(labels, "float32")


def encode(texts: list[str], length: int = LENGTH) -> np.ndarray:
    """Ids (B, length), filled up with [pad], id 0."""
    ids = np.zeros((len(texts), length), "int32")
    for row, text in zip(ids, texts, strict=True):
        words = text.split()
        row[: len(words)] = [ID[word] for word in words]
    return ids


def mean_over_words(x, ids):
    """The mean over words, padding left out: (B, S, D) and (B, S) to (B, D)."""
    from keras import ops

    is_word = ops.cast(ops.not_equal(ids, 0), x.dtype)[..., None]  # (B, S, 1)
    return ops.sum(x * is_word, axis=1) / ops.sum(is_word, axis=1)


def build(kind: str = "encoder", encoder=None, num_layers: int = 2, norm: str = "post", normalisation: str = "layer",
          pool=mean_over_words):  # fmt: skip
    """Ids (B, S) to one number for each review: above 0, it praises.

    Args:
        kind: "encoder", "encoder without positions", "bag of words", or "bag with a hidden layer".
        encoder: the class; None takes the library's.
        num_layers: of the encoder.
        norm: "post" or "pre".
        normalisation: "layer" or "batch".
        pool: from (B, S, D) and ids to (B, D).
    """
    import keras

    if encoder is None:
        from utils.layers import Encoder as encoder
    ids = keras.Input((None,), dtype="int32")
    if kind.startswith("bag"):
        x = keras.layers.Embedding(len(WORDS), 32)(ids)
    else:
        layer = encoder(num_layers, 32, 2, 64, len(WORDS), 256, norm=norm)
        if kind == "encoder without positions":
            layer.positional_encoding = keras.layers.Identity()
        if normalisation == "batch":
            for part in layer.encoder_layers:
                part.attention_norm = keras.layers.BatchNormalization()
                part.feed_forward_norm = keras.layers.BatchNormalization()
        x = layer(ids)
    x = pool(x, ids)
    if kind == "bag with a hidden layer":
        x = keras.layers.Dense(64, activation="relu")(x)
    return keras.Model(ids, keras.layers.Dense(1)(x)[:, 0])


class Trainer:
    """A model with its compiled training step, which can be trained again from other seeds.

    Args:
        model: what `build` takes.
    """

    def __init__(self, **model):
        import keras
        import tensorflow as tf

        self.arguments, self.model = model, build(**model)
        self.optimizer = keras.optimizers.Adam()
        self.optimizer.build(self.model.trainable_variables)
        loss = keras.losses.BinaryCrossentropy(from_logits=True)

        @tf.function(jit_compile=True)
        def step(ids, labels):
            with tf.GradientTape() as tape:
                value = loss(labels, self.model(ids, training=True))
            gradients = tape.gradient(value, self.model.trainable_variables)
            self.optimizer.apply(gradients, self.model.trainable_variables)
            return value

        self.step = step

    def restart(self, seed: int) -> None:
        """Weights as a new model of this seed has them; an optimizer without memory."""
        import keras

        keras.utils.set_random_seed(seed)
        self.model.set_weights(build(**self.arguments).get_weights())
        for variable in self.optimizer.variables:
            variable.assign(keras.ops.zeros_like(variable))

    def train(self, seed: int, steps: int = 400, batch_size: int = 64, lengths: tuple = (LENGTH,),
              learning_rate: float = 1e-3, warmup: int = 0) -> list[float]:  # fmt: skip
        """Trains from a seed's start for a fixed number of steps.

        Args:
            seed: of weights and data.
            steps: how many.
            batch_size: reviews a step.
            lengths: how long a batch is, padding included; several take turns.
            learning_rate: of Adam, constant after the warm-up.
            warmup: steps of a linear rise at the start.

        Returns:
            The loss at every step.
        """
        self.restart(seed)
        texts, labels = reviews(seed, 1000)
        batches = [encode(texts, length) for length in lengths]
        rng, losses = np.random.default_rng(seed), []
        for n in range(steps):
            rows = rng.integers(0, len(texts), batch_size)
            self.optimizer.learning_rate.assign(learning_rate * min(1.0, (n + 1) / max(warmup, 1)))
            losses.append(self.step(batches[n % len(lengths)][rows], labels[rows]))
        return [float(x) for x in losses]


def accuracy(model, length: int = LENGTH) -> dict[str, float]:
    """The share that is right on reviews whose pairs of adjectives are new: those without "not", and the twins."""
    texts, labels = reviews(0, 200, test=True)
    right = (model.predict(encode(texts, length), batch_size=800, verbose=0) > 0) == (labels > 0)
    return {"plain": float(right.reshape(-1, 4)[:, :2].mean()), "twins": float(right.reshape(-1, 4)[:, 2:].mean())}


KINDS = ("encoder", "encoder without positions", "bag with a hidden layer", "bag of words")
CONDITIONS = {
    "batches of 64": {},
    "padding comes and goes": {"lengths": (LENGTH, 4 * LENGTH)},
    "batches of 1": {"batch_size": 1, "steps": 6000, "learning_rate": 3e-4},
}


def main() -> None:
    """Trains all, and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    seeds = range(parser.parse_args().seeds)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    rows = []
    for kind in KINDS:
        trainer = Trainer(kind=kind)
        for seed in seeds:
            trainer.train(seed)
            rows.append({"experiment": "order", "model": kind, "seed": seed} | accuracy(trainer.model))
            print(rows[-1], flush=True)
    for normalisation in ("layer", "batch"):
        for condition, arguments in CONDITIONS.items():
            trainer = Trainer(normalisation=normalisation)
            for seed in seeds:
                trainer.train(seed, **arguments)
                row = {"experiment": "norm", "normalisation": normalisation, "condition": condition, "seed": seed}
                rows.append(row | accuracy(trainer.model))
                print(rows[-1], flush=True)
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(
        json.dumps({"command": "python -m benchmarks.word_order", "rows": rows}, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
