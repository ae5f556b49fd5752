"""Lesson 04's stored experiment: a decoder that sees the word it has to guess.

`python -m benchmarks.cheating_decoder` trains the same small decoder with its mask passed by keyword and in the
fourth position, with several seeds, and writes data/experiments/cheating_decoder.json. The language has 648
sentences, all equally likely, so the lowest loss that honest guessing can reach is known: FLOOR.
"""

import argparse
import itertools
import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import keras
import numpy as np

from utils.layers import LookAheadMask, PositionalEncoding

FILE = Path(__file__).resolve().parents[1] / "data" / "experiments" / "cheating_decoder.json"
SHE, HE = ("Jane", "Anna", "Mary"), ("Tom", "Paul", "Omar")
VERBS = ("visits", "leaves", "misses")
PLACES = ("Africa", "Canada", "China", "Egypt", "India", "Peru")
MONTHS = ("March", "April", "May", "June", "July", "September")
WORDS = ("[pad]", "[start]", "[end]", "in", "because", "she", "he", "loves", *SHE, *HE, *VERBS, *PLACES, *MONTHS)
ID = {word: i for i, word in enumerate(WORDS)}
LENGTH = 11  # [start], nine words, [end]
FLOOR = float(np.log(len(SHE + HE) * len(VERBS) * len(PLACES) * len(MONTHS))) / (LENGTH - 1)  # nats a word


def language() -> np.ndarray:
    """Every sentence once, as ids (648, 11): "[start] Jane visits Africa in May because she loves Africa [end]"."""
    sentences = []
    for who, verb, place, month in itertools.product(SHE + HE, VERBS, PLACES, MONTHS):
        pronoun = "she" if who in SHE else "he"
        sentences.append(["[start]", who, verb, place, "in", month, "because", pronoun, "loves", place, "[end]"])
    return np.array([[ID[word] for word in sentence] for sentence in sentences], "int32")


def right(ids: np.ndarray) -> np.ndarray:
    """Which of these sentences (N, 11) belong to the language: right words, right pronoun, right place again."""
    known = {tuple(row) for row in language().tolist()}
    return np.array([tuple(row) in known for row in ids.tolist()])


def pronoun_slips(ids: np.ndarray) -> int:
    """How many of these sentences (N, 11) are wrong in nothing but *she* for *he* or *he* for *she*."""
    she, he = ids == ID["she"], ids == ID["he"]
    exchanged = np.where(she, ID["he"], np.where(he, ID["she"], ids))
    return int((right(exchanged) & ~right(ids)).sum())


def next_word_model(by_keyword: bool) -> keras.Model:
    """A decoder of one layer: ids (B, T) to a score for every word that may come next, (B, T, V)."""
    ids = keras.Input((None,), dtype="int32")
    embedding = keras.layers.Embedding(len(WORDS), 64, keras.initializers.RandomNormal(stddev=1.0))
    x = PositionalEncoding(max_length=16)(embedding(ids))  # (B, T, 64)
    mask = LookAheadMask()(ids)  # (T, T)
    attention = keras.layers.MultiHeadAttention(num_heads=4, key_dim=32)
    if by_keyword:
        mixed = attention(x, x, x, attention_mask=mask)
    else:
        mixed = attention(x, x, x, mask)  # the fourth position
    return keras.Model(ids, keras.layers.Dense(len(WORDS))(x + mixed))


def learn(model: keras.Model, epochs: int = 45) -> list[float]:
    """Trains on the whole language, 9 steps an epoch: the loss a word of each epoch."""
    sentences = language()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(5e-3), loss)
    history = model.fit(sentences[:, :-1], sentences[:, 1:], batch_size=72, epochs=epochs, verbose=0)
    return history.history["loss"]


def loss_per_word(model: keras.Model) -> float:
    """The loss over the whole language, in nats a word; honest guessing cannot get below FLOOR."""
    sentences = language()
    return float(model.evaluate(sentences[:, :-1], sentences[:, 1:], batch_size=648, verbose=0))


def write_sentences(model, number: int, seed: int = 0) -> np.ndarray:
    """A start and a name, then word by word, each drawn by its probability: ids (number, 11)."""
    rng = np.random.default_rng(seed)
    ids = np.array([[ID["[start]"], ID[name]] for name in rng.choice(SHE + HE, number)])
    while ids.shape[1] < LENGTH:
        logits = keras.ops.convert_to_numpy(model(ids))[:, -1]  # (number, V), at the last place
        noise = rng.gumbel(size=logits.shape)  # largest sum = a draw from the softmax
        ids = np.concatenate([ids, np.argmax(logits + noise, axis=-1)[:, None]], axis=1)
    return ids


def influence(model: keras.Model, ids: np.ndarray) -> np.ndarray:
    """How far each guess moves when a word is replaced by others that may stand there: 0 not at all, 1 altogether.

    Args:
        model: ids to logits.
        ids: one sentence (T,).

    Returns:
        (T, T): the row is the place of the guess, the column the word replaced. 0 where no other word may stand.
    """
    moved = np.zeros((len(ids), len(ids)))
    for t, choices in enumerate(language().T[: len(ids)]):
        others = np.setdiff1d(choices, ids[t])
        if len(others):
            swapped = np.tile(ids, (1 + len(others), 1))
            swapped[1:, t] = others
            guesses = keras.ops.convert_to_numpy(keras.ops.softmax(model(swapped)))  # (1 + others, T, V)
            moved[:, t] = np.abs(guesses[1:] - guesses[0]).sum(-1).mean(0) / 2  # the share that went elsewhere
    return moved


def run(by_keyword: bool, seed: int) -> dict:
    """One arm with one seed: its loss, the share of right sentences among 500 that it writes, slips of the pronoun."""
    keras.utils.set_random_seed(seed)
    model = next_word_model(by_keyword)
    learn(model)
    written = write_sentences(model, 500, seed)
    share, slips = float(right(written).mean()), pronoun_slips(written)
    return {"by_keyword": by_keyword, "seed": seed, "loss": loss_per_word(model), "right": share, "pronoun": slips}


def main() -> None:
    """Trains all, and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    jobs = list(itertools.product((True, False), range(arguments.seeds)))
    with ProcessPoolExecutor(arguments.processes) as pool:
        rows = list(pool.map(run, *zip(*jobs, strict=True)))
    FILE.parent.mkdir(parents=True, exist_ok=True)
    content = {"command": "python -m benchmarks.cheating_decoder", "floor": FLOOR, "rows": rows}
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
