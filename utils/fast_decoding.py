"""Many sentences decoded at once, or one at once, for `Translator`: what `utils.decoding` says, in less time. NumPy.

A step of decoding is many small products. A framework takes longer to hand them out than to compute them, and seconds
to compile the loop, anew for each shape. Here they are NumPy's, which begins at once; sentences that have ended are
dropped, and a beam is only followed where another sentence can still win. Weights are read at every call.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from utils.decoding import (
    beam_search,
    check_request,
    cut_at_end,
    greedy_decode,
    highest_penalty,
    penalty,
    start_beams,
)
from utils.layers import (
    Decoder,
    DecoderLayer,
    Encoder,
    EncoderLayer,
    FeedForward,
    MultiHeadAttention,
    PositionalEncoding,
    Transformer,
)
from utils.layers.contract import check_positive
from utils.layers.masks import lowest
from utils.text import pad_batch

LENGTH_PENALTY = 0.6  # of `beam_search`, where none is given
TOKENS = 4096  # of a batch: source tokens, padding included
SHORT = 8  # as so many tokens counts a shorter row, of which a batch would else have thousands
PLACES = 16  # for so many tokens there is room at first
ENDED = 0.1  # rows that have ended are dropped once they are such a share: each time copies the memory
PARTS = {Encoder, EncoderLayer, Decoder, DecoderLayer, MultiHeadAttention, FeedForward, PositionalEncoding}
KNOWN = PARTS | {Transformer, layers.Dense, layers.Dropout, layers.Embedding, layers.LayerNormalization}
LOWEST = np.float32(lowest("float32"))
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
    ends, said, left = (max_length, start_id, end_id), [np.empty(0, "int32")] * len(rows), []
    for chosen in batches(rows, TOKENS):
        source_ids = pad_batch([rows[i] for i in chosen], model.pad_id)
        if beam_width == 1:
            found = greedy(model, source_ids, *ends)
        else:
            found, _, still_open = without_rivals(model, source_ids, *ends, LENGTH_PENALTY)
            left += [chosen[n] for n in still_open]
        for i, ids in zip(chosen, found, strict=True):
            said[i] = ids
    for chosen in batches([rows[i] for i in left], TOKENS // beam_width):
        numbers = [left[n] for n in chosen]
        source_ids = pad_batch([rows[i] for i in numbers], model.pad_id)
        found, _ = beam_search(in_numpy(model), source_ids, *ends, beam_width, LENGTH_PENALTY)
        for i, ids in zip(numbers, found, strict=True):
            said[i] = ids
    return said


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
    if not is_known(model):
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
    ends = max_length, start_id, end_id
    said, scores, left = without_rivals(model, source_ids, *ends, length_penalty)
    rows = list(said)
    if len(left):
        found, scores[left] = beam_search(
            in_numpy(model), np.asarray(source_ids)[left], *ends, beam_width, length_penalty
        )
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
    B = len(source_ids)
    if not is_known(model):
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


class InNumPy:
    """A model of known parts, whose words NumPy finds: all else is the model's."""

    def __init__(self, model):
        self.model = model

    def __getattr__(self, name: str):
        return getattr(self.model, name)


def in_numpy(model):
    """The model, so that `beam_search` asks NumPy if it can be asked."""
    return InNumPy(model) if is_known(model) else model


@start_beams.register
def start_beams_in_numpy(model: InNumPy, source_ids: np.ndarray, max_length: int, beam_width: int) -> Callable:
    """What `start_beams` says."""
    memory, choices = Memory(model.model, source_ids, beam_width), min(2 * beam_width, model.target_vocab_size)
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
    """The numbers of the highest logits (R, V) of each row, best first, (R, number); of equal ones the lower first."""
    V = logits.shape[1]
    some = np.sort(np.argpartition(logits, V - number, axis=1)[:, V - number :], axis=1)
    order = np.argsort(-np.take_along_axis(logits, some, axis=1), axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1)


def is_known(model) -> bool:
    """Whether all parts are the course's own in float32, so that what is computed here is what they compute."""
    return all(
        type(part) in KNOWN
        and part.compute_dtype == "float32"
        and getattr(part, "quantization_mode", None) is None
        and not getattr(part, "lora_enabled", False)
        for part in model._flatten_layers()
    )


# The memory ------------------------------------------------------------------------------------------


class Memory:
    """What a `Transformer` of known parts has read and said; each step reads one token more of each row.

    Args:
        model: the model, whose weights are read now.
        source_ids: (B, S).
        beginnings: k, how many are held of each sentence: of R = B·k rows, row b·k + i is the ith of sentence b.
    """

    def __init__(self, model, source_ids: np.ndarray, beginnings: int = 1):
        decoder, heads = model.decoder, model.num_heads
        self.pad_id, self.beginnings, self.position = model.pad_id, beginnings, 0
        encoded, self.source = encode(model.encoder, source_ids)
        self.layers = [DecoderStep(layer) for layer in decoder.decoder_layers]
        self.cross = [layer.cross.keys_and_values(encoded) for layer in self.layers]
        self.embed, self.norm = embedded(decoder), normed(decoder.final_norm)
        self.score = affine(model.output_layer.kernel, model.output_layer.bias)
        self.said = np.zeros((len(source_ids) * beginnings, 0), bool)  # which places hold a token
        nothing = np.zeros((len(self.said), heads, 0, model.embedding_dim // heads), "float32")
        self.own = [(nothing, nothing) for _ in self.layers]

    def step(self, token: np.ndarray) -> np.ndarray:
        """Reads a token (R,) and returns the logits (R, V) of the one that follows."""
        self.said = np.concatenate([self.said, token[:, np.newaxis] != self.pad_id], axis=1)
        if self.position == self.own[0][0].shape[2]:
            self.own = [tuple(map(with_more_room, pair)) for pair in self.own]
        mask, x = as_mask(self.said), self.embed(token, self.position)
        for layer, own, cross in zip(self.layers, self.own, self.cross, strict=True):
            x = layer(x, own, self.position, mask, cross, self.source)
        self.position += 1
        return self.score(self.norm(x))

    def carry_on(self, rows: np.ndarray, sentences: np.ndarray | None = None) -> None:
        """Goes on with these rows, numbers or bool; of the sentences with these, None being all."""
        self.said = self.said[rows]
        self.own = [tuple(taken(memory, rows, self.position) for memory in pair) for pair in self.own]
        if sentences is not None:
            self.cross = [(k[sentences], v[sentences]) for k, v in self.cross]
            self.source = None if self.source is None else self.source[sentences]


def with_more_room(memory: np.ndarray) -> np.ndarray:
    """Keys or values (R, H, places, K), twice as many places: one more each step would copy all of it each step."""
    R, H, places, K = memory.shape
    return np.concatenate([memory, np.zeros((R, H, max(places, PLACES), K), "float32")], axis=2)


def taken(memory: np.ndarray, rows: np.ndarray, places: int) -> np.ndarray:
    """These rows of a memory; only the places that hold something are copied."""
    held = memory[rows, :, :places]
    new = np.empty((len(held), *memory.shape[1:]), "float32")
    new[:, :, :places] = held
    return new


# The layers, from ids to logits, for inference: each of these reads weights, and returns what they compute ------------


def encode(encoder, source_ids: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """The encoder: ids (B, S) to (B, S, D), and the mask of what may be looked at."""
    mask, x = as_mask(source_ids != encoder.pad_id), embedded(encoder)(source_ids, slice(source_ids.shape[1]))
    for layer in encoder.encoder_layers:
        attention = Attention(layer.self_attention)
        x = residual(layer, layer.attention_norm, partial(attention.to_itself, mask))(x)
        x = residual(layer, layer.feed_forward_norm, fed(layer.feed_forward))(x)
    return normed(encoder.final_norm)(x), mask


class DecoderStep:
    """A decoder layer at one place."""

    def __init__(self, layer):
        self.own, self.cross = Attention(layer.self_attention), Attention(layer.cross_attention)
        self.look_back = residual(layer, layer.self_norm, self.own.look_back)
        self.look_over = residual(layer, layer.cross_norm, self.cross.look_over)
        self.fed = residual(layer, layer.feed_forward_norm, fed(layer.feed_forward))

    def __call__(self, x, own: tuple, position: int, mask, cross: tuple, source_mask):
        """X (R, D) to (R, D). `own` holds keys and values (R, H, places, K), and gets those of this place.

        `cross` are those of the B sentences, (B, H, S, K), R = B·k.
        """
        x = self.look_back(x, own, position, mask)
        return self.fed(self.look_over(x, cross, source_mask))


class Attention:
    """A `MultiHeadAttention`, its keys and values apart from its queries."""

    def __init__(self, attention):
        self.num_heads, (kernel, bias) = attention.num_heads, attention.output_weights
        self.query, self.key, self.value = (
            affine(*weights) for weights in (attention.query_weights, attention.key_weights, attention.value_weights)
        )
        self.output = affine(kernel, bias, math.prod(kernel.shape[:-1]))
        self.scale = np.float32(1 / math.sqrt(attention.key_dim))

    def heads(self, x):
        """(B, T, D) to (B, H, T, K)."""
        B, T, D = x.shape
        return x.reshape(B, T, self.num_heads, D // self.num_heads).transpose(0, 2, 1, 3)

    def keys_and_values(self, x) -> tuple:
        """(B, H, S, K) each, of x (B, S, D)."""
        return self.heads(self.key(x)), self.heads(self.value(x))

    def __call__(self, x, k, v, mask):
        """What x (B, T, D) takes from keys and values (B, H, S, K) where the mask, if there is one, lets it look."""
        scores = (self.heads(self.query(x)) * self.scale) @ k.swapaxes(-2, -1)  # (B, H, T, S)
        if mask is not None:
            scores = np.where(mask, scores, LOWEST)
        scores -= scores.max(axis=-1, keepdims=True)
        weights = np.exp(scores, out=scores)
        weights /= weights.sum(axis=-1, keepdims=True)
        if mask is not None:
            weights *= mask  # who may look nowhere takes nothing
        mixed = (weights @ v).transpose(0, 2, 1, 3)  # (B, T, H, K)
        return self.output(mixed.reshape(*x.shape[:2], -1))

    def to_itself(self, mask, x):
        """Of an encoder: x (B, S, D) looks at itself."""
        return self(x, *self.keys_and_values(x), mask)

    def look_back(self, x, memory: tuple, position: int, mask):
        """Of a decoder: x (R, D) goes into the memory at its place, and looks at what is there."""
        for places, project in zip(memory, (self.key, self.value), strict=True):
            places[:, :, position] = project(x).reshape(len(x), self.num_heads, -1)
        k, v = (places[:, :, : position + 1] for places in memory)
        return self(x[:, np.newaxis], k, v, mask)[:, 0]

    def look_over(self, x, memory: tuple, mask):
        """Of a decoder: x (R, D) looks at the sentences that were read, R / B rows at each."""
        return self(x.reshape(len(memory[0]), -1, x.shape[-1]), *memory, mask).reshape(x.shape)


def residual(layer, norm, part: Callable) -> Callable:
    """X + part(x, …), with the norm where the layer has it."""
    norm = normed(norm)
    if layer.norm == "pre":
        return lambda x, *others: x + part(norm(x), *others)
    return lambda x, *others: norm(x + part(x, *others))


def embedded(stack) -> Callable:
    """Ids and their places to vectors."""
    table, places = read(stack.embedding.embeddings), np.asarray(stack.positional_encoding.encoding, "float32")
    scale = np.float32(math.sqrt(stack.embedding_dim))
    return lambda ids, position: table[ids] * scale + places[position]


def normed(norm) -> Callable:
    """A layer norm over the last axis; None changes nothing."""
    if norm is None:
        return lambda x: x
    gamma, beta, epsilon = read(norm.gamma), read(norm.beta), np.float32(norm.epsilon)

    def apply(x):
        share = np.float32(1 / x.shape[-1])
        x = x - x.sum(axis=-1, keepdims=True) * share
        variance = np.einsum("...d,...d->...", x, x)[..., np.newaxis] * share
        x /= np.sqrt(variance + epsilon)
        x *= gamma
        x += beta
        return x

    return apply


def affine(kernel, bias, inputs: int | None = None) -> Callable:
    """X W + b over the last axis, as one product of matrices; the kernel's first axes are as wide as the inputs."""
    inputs = inputs or kernel.shape[0]
    matrix = read(kernel).reshape(inputs, -1)
    shift = None if bias is None else read(bias).reshape(-1)

    def apply(x):
        flat = x.reshape(-1, inputs) @ matrix
        if shift is not None:
            flat += shift
        return flat.reshape(*x.shape[:-1], len(matrix[0]))

    return apply


def fed(feed_forward) -> Callable:
    """The feed-forward network."""
    widen, narrow = (affine(part.kernel, part.bias) for part in (feed_forward.widen, feed_forward.narrow))
    bend = feed_forward.widen.activation
    if bend is keras.activations.relu:
        return lambda x: narrow(np.maximum(hidden := widen(x), 0, out=hidden))
    return lambda x: narrow(ops.convert_to_numpy(bend(widen(x))))


def read(weight) -> np.ndarray:
    """A weight as it is now, read only; TensorFlow's is not copied."""
    if keras.backend.backend() == "tensorflow":
        return np.asarray(tf.convert_to_tensor(weight))
    return ops.convert_to_numpy(weight)


def as_mask(present: np.ndarray) -> np.ndarray | None:
    """What may be looked at, (B, 1, 1, S) of (B, S); None where that is everything."""
    return None if present.all() else present[:, np.newaxis, np.newaxis]
