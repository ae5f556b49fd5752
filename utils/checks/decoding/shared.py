"""What the exercises of this lesson share."""

import functools
import itertools

import numpy as np
from keras import ops

from utils.checks.decoding.quick import quick_call
from utils.checks.decoding.twin import Twin
from utils.checks.guard import Crash
from utils.checks.in_numpy import padding
from utils.layers import Transformer

PAD, START, END = 0, 1, 2


V, LONGEST = 6, 5  # target words, padding, start and end among them; the longest sentence tried
SOURCE_V = 9
OTHER_PAD = 5  # what fills up for the pre-norm model
SURE = 1000  # seeds from here on make a model that is sure of nearly every word: its logits are 25 times as large
RENAMED = 10_000  # seeds from here on make the model of what is left over, its words 3, 4 and 5 under other ids


@functools.cache
def shared_model(num_layers: int, norm: str) -> Transformer:
    """The Transformer whose weights `tiny_model` sets anew, built once."""
    D, H = (8, 2) if num_layers == 1 else (12, 4)  # K is 4, of more layers 3
    model = Transformer(num_layers, D, H, 12, SOURCE_V, V, 16, 16, norm=norm, pad_id=pad_of(norm))
    model.build(((None, None), (None, None)))
    if num_layers == 1:  # called once for every word that is said; of two layers answers may change how they run
        model.encoder.call = quick_call(model.encoder.call, SOURCE_V)
        model.decoder.call = quick_call(model.decoder.call, V)
        model.call = quick_call(model.call, SOURCE_V, V)
    return model


def pad_of(norm: str) -> int:
    """The id of padding, another one where the norm comes first."""
    return OTHER_PAD if norm == "pre" else PAD


def tiny_model(seed: int, num_layers: int = 1, norm: str = "post") -> Transformer:
    """The checks' Transformer: target ids 0 padding, 1 start, 2 end, 3 to 5 words; it never says the first two.

    Args:
        seed: of its random weights.
        num_layers: of encoder and decoder; width 8, 2 heads. With more than one layer width 12, 4 heads, and it may
            say the first two: such a model is asked for its scores alone.
        norm: "post" or "pre", whose padding is id 5.
    """
    model = shared_model(num_layers, norm)
    for variable, weight in zip(model.weights, tiny_weights(seed, num_layers, norm), strict=True):
        variable.value.assign(weight, read_value=False)  # half of set_weights' time, and it is done for every case
    return model


def model_for(answer, seed: int, num_layers: int = 1, norm: str = "post"):
    """The tiny model; its twin for a known mistake."""
    return (twin if hasattr(answer, "on_the_twin") else tiny_model)(seed, num_layers, norm)


def twin(seed: int, num_layers: int = 1, norm: str = "post") -> Twin:
    """The tiny model in NumPy, new at each call."""
    made = Twin(tiny_weights(seed, num_layers, norm), num_layers, norm, pad_of(norm))
    made.seed = seed
    return made


def any_seed(rng: np.random.Generator) -> int:
    """Of a model by chance, none that is sure of nearly every word."""
    return int(rng.integers(SURE))


def renamed(rng: np.random.Generator, seeds) -> list[int]:
    """Those seeds, the words of each model by chance under other ids: who knows what it says must know them too."""
    return [seed + RENAMED * int(rng.integers(len(ORDERS))) for seed in seeds]


def ids_of(seed: int) -> np.ndarray:
    """Under which id the model of that seed has each target id, (V,)."""
    return np.array([PAD, START, END, *ORDERS[seed // RENAMED]])


ORDERS = tuple(itertools.permutations(range(3, V)))  # the first is that of a seed below RENAMED


@functools.lru_cache(maxsize=64)  # the reference and the answer are given the same
def tiny_weights(seed: int, num_layers: int, norm: str) -> list[np.ndarray]:
    """Weights under which the model says more than one word."""
    if seed >= RENAMED:
        weights = list(tiny_weights(seed % RENAMED, num_layers, norm))
        model, old = shared_model(num_layers, norm), np.argsort(ids_of(seed))
        table = next(n for n, w in enumerate(model.weights) if w is model.decoder.embedding.weights[0])
        weights[table], weights[-2], weights[-1] = weights[table][old], weights[-2][:, old], weights[-1][old]
        return weights
    rng = np.random.default_rng(seed)
    like = shared_model(num_layers, norm).weights
    weights = [(0.9 * rng.normal(size=w.shape) + ("gamma" in w.path)).astype("float32") for w in like]
    source_ids, target_ids = rng.integers(3, SOURCE_V, (16, 5)), rng.integers(3, V, (16, LONGEST))
    said = Twin(weights, num_layers, norm)((source_ids, target_ids)).reshape(-1, V).mean(axis=0)
    weights[-1] -= said.astype("float32")  # not one word for ever
    if seed >= SURE:
        weights[-2:] = [25 * weight for weight in weights[-2:]]
    if num_layers == 1:  # others are asked for scores, beside which 30 would hide what differs
        weights[-1] -= np.array([30, 30, 0, 0, 0, 0], "float32") * (25 if seed >= SURE else 1)
    return weights


@functools.lru_cache(maxsize=64)
def _reader(seed: int, source: tuple) -> tuple[Twin, np.ndarray, np.ndarray]:
    """The twin of one layer, what its encoder makes of a source sentence, and that sentence's mask."""
    model, source_ids = twin(seed), np.array([source])
    mask = padding(source_ids, PAD)
    return model, model.encoder(source_ids, mask), mask


@functools.lru_cache(maxsize=4096)
def _logits_after_each(seed: int, source: tuple, beginning: tuple, masked: bool) -> np.ndarray:
    """Logits of the next word after a beginning and any one word more, (V, V)."""
    model, encoded, mask = _reader(seed, source)
    ids = np.array([(*beginning, word) for word in range(V)])
    return model.scored(model.decoded(ids, encoded, mask if masked else None)[:, -1])


def logits_after(seed, source, prefix, masked=True) -> np.ndarray:
    """What the model of that seed gives each next word after a beginning, (V,)."""
    *beginning, last = map(int, prefix)
    return _logits_after_each(seed, tuple(source.tolist()), tuple(beginning), masked)[last]


def wide(ids, max_length, rows, pad_id=PAD):
    """Ids with as many columns as there may be: how much padding stands behind the longest is left open.

    What is no array of ids comes out in words; another number of rows stays as it is, for the check to say so.
    """
    if isinstance(ids, (list, tuple)):
        what = type(ids).__name__
        line = f"an array is asked for, {what} came back: wrap it in np.array(…), once all rows are equally long"
        return Crash(what, line)
    if not (ops.is_tensor(ids) or isinstance(ids, np.ndarray)):
        return ids
    ids = np.asarray(ops.convert_to_numpy(ids) if ops.is_tensor(ids) else ids)
    if ids.dtype.kind not in "iu":
        return Crash("no ids", f"ids are whole numbers, for others index with them: these are {ids.dtype}")
    if ids.ndim != 2 or len(ids) != rows or ids.shape[1] >= max_length:
        return ids
    return np.pad(ids, ((0, 0), (0, max_length - ids.shape[1])), constant_values=pad_id)


def up_to_the_end(row, end=END):
    """Up to the first end."""
    return row[: row.index(end)] if end in row else row


SOURCES = np.array([[3, 7, 5, 8, 4], [6, 4, 8, 3, 7], [5, 3, 6, 0, 0]], "int32")  # the last is shorter


TARGETS = np.array([[START, 4, 3, 5, 3], [START, 5, 5, 4, 4], [START, 3, 4, 4, 5]], "int32")
