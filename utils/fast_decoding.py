"""Many sentences decoded at once, or one at once, for `Translator`: what `utils.decoding` says, in less time.

`utils.decoding` compiles fixed shapes, which takes seconds for each, and then looks at all the room there is. Here
NumPy computes (`utils.layers.inference`), several batches at a time, the memory grows, sentences that have ended are
dropped, and a beam is only followed where another sentence can still win. Weights are read at every call.
"""

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import numpy as np
from threadpoolctl import ThreadpoolController

from utils.decoding import (
    beam_search,
    check_request,
    cut_at_end,
    greedy_decode,
    highest_penalty,
    penalty,
    start_beams,
)
from utils.layers.contract import check_positive
from utils.layers.inference import InNumPy, Memory, is_known
from utils.text import pad_batch

LENGTH_PENALTY = 0.6  # of `beam_search`, where none is given
TOKENS = 2048  # of a batch: source tokens, padding included
AT_ONCE = 4  # batches, at most, each on a core
SHORT = 8  # as so many tokens counts a shorter row, of which a batch would else have thousands
ENDED = 0.1  # rows that have ended are dropped once they are such a share: each time copies the memory
ONE = Lock()  # a limit is the whole process': two at once would end in disorder
CLOSE = 1e-4  # scores nearer than this count as equal: other sums may turn them round


def decode_all(model, rows: Sequence[np.ndarray], max_length: int, start_id: int, end_id: int,
               beam_width: int = 1) -> list[np.ndarray]:  # fmt: skip
    """`greedy_decode` or `beam_search` for sentences of any lengths and number.

    Args:
        model: a `Transformer`.
        rows: source ids, (S,) each, of at least one token.
        max_length: the most tokens to say, the end among them.
        start_id: the id that begins a sentence.
        end_id: the id that ends one.
        beam_width: 1 is greedy; more takes the length penalty of `beam_search`.

    Returns:
        For each row its ids, (T,) int32, without start and end; padding may stand behind.

    Raises:
        ValueError: see `greedy_decode` and `beam_search`.
    """
    check_positive(beam_width=beam_width)
    model = in_numpy(model)
    ends, said, left = (max_length, start_id, end_id), [np.empty(0, "int32")] * len(rows), []

    def decoded(chosen: list[int]) -> tuple:
        source_ids = pad_batch([rows[i] for i in chosen], model.pad_id)
        if beam_width == 1:
            return greedy(model, source_ids, *ends), ()
        found, _, still_open = without_rivals(model, source_ids, *ends, LENGTH_PENALTY)
        return found, still_open

    def searched(chosen: list[int]) -> np.ndarray:
        source_ids = pad_batch([rows[i] for i in chosen], model.pad_id)
        return beam_search(model, source_ids, *ends, beam_width, LENGTH_PENALTY)[0]

    some = list(batches(rows, TOKENS))
    for chosen, (found, still_open) in zip(some, on_cores(decoded, some, model), strict=True):
        put(said, chosen, found)
        left += [chosen[n] for n in still_open]
    some = [[left[n] for n in chosen] for chosen in batches([rows[i] for i in left], TOKENS // beam_width)]
    for chosen, found in zip(some, on_cores(searched, some, model), strict=True):
        put(said, chosen, found)
    return said


def put(said: list[np.ndarray], numbers: list[int], found: np.ndarray) -> None:
    """What was found to its places."""
    for i, ids in zip(numbers, found, strict=True):
        said[i] = ids


def on_cores(work: Callable, some: list, model) -> list:
    """The work on each of some batches; where NumPy does it, several at a time, with one core for each one's products.

    A product that takes all cores is waited for by the other batches, and what is not a product takes one.
    """
    workers = min(AT_ONCE, os.cpu_count() or 1, len(some)) if isinstance(model, InNumPy) else 1
    if workers <= 1:
        return [work(chosen) for chosen in some]
    with ONE, blas().limit(limits=1, user_api="blas"), ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, some))


@functools.cache
def blas() -> ThreadpoolController:
    """What NumPy computes products with."""
    return ThreadpoolController()


def batches(rows: Sequence[np.ndarray], tokens: int) -> Iterator[list[int]]:
    """The numbers of all rows, those of about one length together, in batches of at most so many padded tokens."""
    batch = []
    for i in sorted(range(len(rows)), key=lambda i: len(rows[i])):
        if batch and (len(batch) + 1) * max(len(rows[i]), SHORT) > tokens:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def greedy(model, source_ids, max_length: int, start_id: int, end_id: int) -> np.ndarray:
    """`greedy_decode`: the same arguments, the same tokens, (B, at most `max_length`) int32."""
    model = in_numpy(model)
    if not isinstance(model, InNumPy):
        return greedy_decode(model, source_ids, max_length, start_id, end_id)
    source_ids = check_request(model, source_ids, max_length)
    ids = np.full((len(source_ids), max_length), model.pad_id)
    for position, rows, token, _ in greedy_steps(model, source_ids, max_length, start_id, end_id):
        ids[rows, position] = token
    return cut_at_end(ids, end_id, model.pad_id)


def beams(model, source_ids, max_length: int, start_id: int, end_id: int, beam_width: int = 4,
          length_penalty: float = LENGTH_PENALTY) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """`beam_search`: the same arguments, sentences and scores; searched are only rows where another one may win."""
    check_positive(beam_width=beam_width)
    model, ends = in_numpy(model), (max_length, start_id, end_id)
    said, scores, left = without_rivals(model, source_ids, *ends, length_penalty)
    rows = list(said)
    if len(left):
        found, scores[left] = beam_search(model, np.asarray(source_ids)[left], *ends, beam_width, length_penalty)
        for i, ids in zip(left, found, strict=True):
            rows[i] = ids
    longest = max((int(np.flatnonzero(ids != model.pad_id).max(initial=-1)) + 1 for ids in rows), default=0)
    return pad_batch([ids[:longest] for ids in rows], model.pad_id, longest), scores


def without_rivals(model, source_ids, max_length: int, start_id: int, end_id: int, length_penalty: float) -> tuple:
    """The sentences that a beam of any width returns, where that is known without following it.

    Says the greedy sentence, and remembers at each step the second likeliest word. A beginning that leaves the greedy
    one can score at most its own log-probability divided by the highest penalty to come. Where that never reaches the
    greedy sentence's score, all other beginnings rank behind the greedy one up to its end, so a beam keeps it, and
    nothing that is still open can beat it.

    Returns:
        ids (B, at most `max_length`); scores (B,) float64; the numbers of the rows whose beam must be followed, whose
        ids and scores mean nothing.
    """
    source_ids = check_request(model, source_ids, max_length)
    model, B = in_numpy(model), len(source_ids)
    if not isinstance(model, InNumPy):
        return np.zeros((B, 0), "int32"), np.zeros(B), np.arange(B)
    highest = [highest_penalty(length, max_length, length_penalty) for length in range(1, max_length + 1)]
    log_p, rival, ended = np.zeros(B), np.full(B, -np.inf), np.zeros(B, bool)
    ids = np.full((B, max_length), model.pad_id)
    for position, rows, token, logits in greedy_steps(model, source_ids, max_length, start_id, end_id):
        rows, logits, token = (array[~ended[rows]] for array in (rows, logits, token))  # the others only go along
        each, total = np.arange(len(rows)), log_of_sum(logits)
        best = logits[each, token]
        logits[each, token] = -np.inf
        rival[rows] = np.maximum(rival[rows], (log_p[rows] + logits.max(axis=-1) - total) / highest[position])
        log_p[rows] += best - total
        ids[rows, position] = token
        ended[rows] = token == end_id
    tokens = np.where(ended, (ids == end_id).argmax(axis=1) + 1, max_length)  # the end counts
    scores = log_p / np.array([penalty(int(length), length_penalty) for length in tokens])
    left = np.flatnonzero(~ended | (rival >= scores - CLOSE))
    return cut_at_end(ids, end_id, model.pad_id), scores, left


def in_numpy(model):
    """The model as NumPy computes it, where that can be: else as it is."""
    return InNumPy(model) if not isinstance(model, InNumPy) and is_known(model) else model


@start_beams.register
def start_beams_in_numpy(model: InNumPy, source_ids: np.ndarray, max_length: int, beam_width: int) -> Callable:
    """What `start_beams` says."""
    memory, choices = Memory(model, source_ids, beam_width), min(2 * beam_width, model.target_vocab_size)
    first = np.arange(len(source_ids))[:, np.newaxis] * beam_width

    def likeliest_words(tokens: np.ndarray, parents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        memory.carry_on((first + parents).reshape(-1))
        logits = memory.step(tokens.reshape(-1))
        words = likeliest(logits, choices)
        log_p = np.take_along_axis(logits, words, axis=1) - log_of_sum(logits)[:, np.newaxis]
        return tuple(array.reshape(-1, beam_width, choices) for array in (words, log_p))

    return likeliest_words


def greedy_steps(model, source_ids: np.ndarray, max_length: int, start_id: int, end_id: int) -> Iterator[tuple]:
    """Says the likeliest token of each row, step by step, until all have ended.

    Yields:
        At each step the position, and of R rows that are still held their numbers (R,), the tokens (R,) and the
        logits (R, V). Rows that have ended are held for a while: what they say then is no part of their sentence.
    """
    if not len(source_ids):
        return
    rows, is_open = np.arange(len(source_ids)), np.ones(len(source_ids), bool)
    memory, token = Memory(model, source_ids), np.full(len(source_ids), start_id)
    for position in range(max_length):
        if not is_open.any():
            return
        if is_open.mean() <= 1 - ENDED:
            memory.carry_on(is_open, is_open)
            rows, token, is_open = rows[is_open], token[is_open], is_open[is_open]
        logits = memory.step(token)
        token = logits.argmax(axis=-1)
        is_open &= token != end_id
        yield position, rows, token, logits


def log_of_sum(logits: np.ndarray) -> np.ndarray:
    """Log Σ exp over the last axis, float64: what is subtracted from logits to make them log-probabilities."""
    highest = logits.max(axis=-1, keepdims=True)
    return np.log(np.exp(logits - highest).sum(axis=-1, dtype="float64")) + highest[:, 0]


def likeliest(logits: np.ndarray, number: int) -> np.ndarray:
    """The numbers of the highest logits (R, V) of each row, best first, (R, number).

    Of equal ones the lower number comes first; which of them are among the last that there is room for is not said.
    """
    V = logits.shape[1]
    some = np.sort(np.argpartition(logits, V - number, axis=1)[:, V - number :], axis=1)
    order = np.argsort(-np.take_along_axis(logits, some, axis=1), axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1)
