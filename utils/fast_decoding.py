"""Many sentences decoded at once, for `Translator`: what `utils.decoding` says, in less time.

`utils.decoding` compiles fixed shapes, which takes seconds for each, and then looks at all the room there is. Here one
graph serves all shapes: the memory grows by a place a step, sentences that have ended are dropped, and a beam is only
followed where another sentence can still win. Weights are read at every call, as everywhere.
"""

import functools
import math
import weakref
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tensorflow as tf
from keras import layers

from utils.decoding import beam_search, check_request, cut_at_end, greedy_decode, highest_penalty, penalty
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
PARTS = {Encoder, EncoderLayer, Decoder, DecoderLayer, MultiHeadAttention, FeedForward, PositionalEncoding}
AT_ONCE = 2  # batches: while one of them does what only one core can do, the other has work for the next
KNOWN = PARTS | {Transformer, layers.Dense, layers.Dropout, layers.Embedding, layers.LayerNormalization}
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

    def decoded(chosen: list[int]) -> tuple:
        source_ids = pad_batch([rows[i] for i in chosen], model.pad_id)
        if beam_width == 1:
            return greedy(model, source_ids, *ends), []
        found, _, still_open = without_rivals(model, source_ids, *ends, LENGTH_PENALTY)
        return found, still_open

    order = list(batches(rows, TOKENS))
    with ThreadPoolExecutor(AT_ONCE if is_known(model) else 1) as pool:
        results = [*map(decoded, order[:1]), *pool.map(decoded, order[1:])]  # the first one traces the graph
    for chosen, (found, still_open) in zip(order, results, strict=True):
        for i, ids in zip(chosen, found, strict=True):
            said[i] = ids
        left += [chosen[n] for n in still_open]
    for chosen in batches([rows[i] for i in left], TOKENS // beam_width):  # together: fewer shapes to compile
        numbers = [left[n] for n in chosen]
        source_ids = pad_batch([rows[i] for i in numbers], model.pad_id)
        found, _ = beam_search(model, source_ids, *ends, beam_width, LENGTH_PENALTY)
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
    ids, _, _ = compiled(model, False)(source_ids, max_length, start_id, end_id, np.ones(1))
    return cut_at_end(ids.numpy(), end_id, model.pad_id)


def beams(model, source_ids, max_length: int, start_id: int, end_id: int, beam_width: int = 4,
          length_penalty: float = LENGTH_PENALTY) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """`beam_search`: the same arguments, sentences and scores; searched are only rows where another one may win."""
    check_positive(beam_width=beam_width)
    ends = max_length, start_id, end_id
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
    if not is_known(model):
        return np.zeros((len(source_ids), 0), "int32"), np.zeros(len(source_ids)), np.arange(len(source_ids))
    highest = [highest_penalty(length, max_length, length_penalty) for length in range(1, max_length + 1)]
    ids, log_p, rival = compiled(model, True)(source_ids, max_length, start_id, end_id, np.array(highest))
    is_end = ids.numpy() == end_id
    tokens = np.where(is_end.any(axis=1), is_end.argmax(axis=1) + 1, max_length)  # the end counts
    scores = log_p.numpy() / np.array([penalty(int(length), length_penalty) for length in tokens])
    left = np.flatnonzero(~is_end.any(axis=1) | (rival.numpy() >= scores - CLOSE))
    return cut_at_end(ids.numpy(), end_id, model.pad_id), scores, left


def is_known(model) -> bool:
    """Whether all parts are the course's own in float32, so that what is computed here is what they compute."""
    return all(
        type(part) in KNOWN
        and part.compute_dtype == "float32"
        and getattr(part, "quantization_mode", None) is None
        and not getattr(part, "lora_enabled", False)
        for part in model._flatten_layers()
    )


_COMPILED = weakref.WeakKeyDictionary()  # model -> its graphs, with scores and without; they go with the model


def compiled(model, scored: bool) -> Callable:
    """`decode` as one graph for all shapes, without XLA, which would compile for seconds at each."""
    made = _COMPILED.setdefault(model, {})
    if scored not in made:
        owner = weakref.ref(model)  # the graph must not keep the model alive
        number = tf.TensorSpec((), "int32")
        signature = [tf.TensorSpec((None, None), "int32"), number, number, number, tf.TensorSpec((None,), "float64")]
        made[scored] = tf.function(
            lambda *arguments: decode(owner(), scored, *arguments), input_signature=signature, autograph=False
        )
    return made[scored]


def decode(model, scored: bool, source_ids, max_length, start_id, end_id, highest) -> tuple:
    """The greedy sentence of each row, and how near another one comes.

    Args:
        model: a `Transformer` of known parts.
        scored: whether log-probabilities are wanted.
        source_ids: (B, S).
        max_length: the most tokens to say.
        start_id: the id that begins a sentence.
        end_id: the id that ends one.
        highest: by what a log-probability is divided at most from each length on, (max_length,) float64.

    Returns:
        ids (B, max_length), padding after the end; log-probabilities (B,) float64, the end counted; and the most that
        any beginning can score that leaves the greedy one, (B,) float64. The last two are 0 unless `scored`.
    """
    B, H, K = tf.shape(source_ids)[0], model.num_heads, model.embedding_dim // model.num_heads
    source_mask = tf.not_equal(source_ids, model.pad_id)[:, None, None]  # (B, 1, 1, S)
    encoded = encode(model.encoder, source_ids, source_mask)
    cross = [pair(layer.cross_attention, encoded) for layer in model.decoder.decoder_layers]
    empty = tf.zeros((B, H, 0, K))
    state = {
        "rows": tf.range(B),  # which sentences are still being said
        "token": tf.fill((B,), start_id),
        "said": tf.zeros((B, 1, 1, 0), "bool"),  # which places hold a token
        "self": [(empty, empty) for _ in cross],
        "cross": cross,
        "source": source_mask,
    }
    shapes = tf.nest.map_structure(lambda x: tf.TensorShape([None, *x.shape[1:]]), state)
    shapes["said"] = tf.TensorShape((None, 1, 1, None))  # a place more at each step, as the memories
    shapes["self"] = [(tf.TensorShape((None, H, None, K)),) * 2 for _ in cross]
    nothing = tf.zeros(B, "float64")
    results = tf.fill((B, max_length), model.pad_id), nothing, nothing - np.inf if scored else nothing

    def is_going_on(position, state, results):
        return (position < max_length) & (tf.shape(state["rows"])[0] > 0)

    def say_next(position, state, results):
        ids, log_p, rival = results
        logits, state = step(model, state, position)
        rows, token = state["rows"], tf.argmax(logits, axis=-1, output_type="int32")
        place = tf.stack([rows, tf.fill(tf.shape(rows), position)], axis=1)
        ids = tf.tensor_scatter_nd_update(ids, place, token)
        if scored:
            best, _ = tf.math.top_k(logits, 2)
            total = tf.reduce_logsumexp(logits - best[:, :1], axis=-1, keepdims=True)  # of small numbers: exact enough
            best = tf.cast(best - best[:, :1], "float64") - tf.cast(total, "float64")
            before = tf.gather(log_p, rows)
            hope = tf.maximum(tf.gather(rival, rows), (before + best[:, 1]) / highest[position])
            rival = tf.tensor_scatter_nd_update(rival, rows[:, None], hope)
            log_p = tf.tensor_scatter_nd_update(log_p, rows[:, None], before + best[:, 0])
        going_on = tf.not_equal(token, end_id)
        state = kept({**state, "token": token}, going_on)
        return position + 1, state, (ids, log_p, rival)

    invariants = tf.TensorShape(()), shapes, tuple(array.shape for array in results)
    return tf.while_loop(is_going_on, say_next, (tf.constant(0), state, results), invariants)[2]


def kept(state: dict, going_on) -> dict:
    """The sentences that go on; the copy is made only where one has ended."""
    chosen = tf.where(going_on)[:, 0]
    structure = tf.nest.flatten(state)

    def gathered():
        return [tf.gather(x, chosen) for x in structure]

    return tf.nest.pack_sequence_as(state, tf.cond(tf.reduce_all(going_on), lambda: list(structure), gathered))


# The layers, from ids to logits, for inference -------------------------------------------------------


def encode(encoder, ids, mask):
    """The encoder: ids (B, S) and their mask (B, 1, 1, S) to (B, S, D)."""
    S = tf.shape(ids)[1]
    x = tf.gather(encoder.embedding.embeddings, ids) * math.sqrt(encoder.embedding_dim)
    x += tf.constant(encoder.positional_encoding.encoding)[:S]
    for layer in encoder.encoder_layers:
        x = residual(layer, layer.attention_norm, x, functools.partial(self_attended, layer.self_attention, mask))
        x = residual(layer, layer.feed_forward_norm, x, functools.partial(fed, layer.feed_forward))
    return x if encoder.final_norm is None else normed(encoder.final_norm, x)


def step(model, state: dict, position) -> tuple:
    """The decoder at one place: the logits (B, V), and the state with one place more in its memories."""
    decoder, token, memories = model.decoder, state["token"], []
    is_token = tf.reshape(tf.not_equal(token, model.pad_id), (-1, 1, 1, 1))
    said = tf.concat([state["said"], is_token], axis=-1)
    x = tf.gather(decoder.embedding.embeddings, token) * math.sqrt(decoder.embedding_dim)
    x = (x + tf.gather(tf.constant(decoder.positional_encoding.encoding), position))[:, None]  # (B, 1, D)
    for layer, memory, cross in zip(decoder.decoder_layers, state["self"], state["cross"], strict=True):

        def look_back(x, attention=layer.self_attention, memory=memory):
            new = pair(attention, x)  # of this place, (B, H, 1, K)
            memories.append(tuple(tf.concat(both, axis=2) for both in zip(memory, new, strict=True)))
            return attended(attention, *memories[-1], said, x)

        x = residual(layer, layer.self_norm, x, look_back)
        look_over = functools.partial(attended, layer.cross_attention, *cross, state["source"])
        x = residual(layer, layer.cross_norm, x, look_over)
        x = residual(layer, layer.feed_forward_norm, x, functools.partial(fed, layer.feed_forward))
    x = x if decoder.final_norm is None else normed(decoder.final_norm, x)
    output = model.output_layer
    return dense(x[:, 0], output.kernel, output.bias), {**state, "self": memories, "said": said}


def residual(layer, norm, x, part: Callable):
    """X + part(x), with the norm where the layer has it."""
    if layer.norm == "pre":
        return x + part(normed(norm, x))
    return normed(norm, x + part(x))


def normed(norm, x):
    """A layer norm over the last axis."""
    x -= tf.reduce_mean(x, axis=-1, keepdims=True)
    variance = tf.reduce_mean(tf.square(x), axis=-1, keepdims=True)
    return x * tf.math.rsqrt(variance + norm.epsilon) * norm.gamma + norm.beta


def dense(x, kernel, bias):
    """X W + b over the last axis, as one product of two matrices."""
    width = x.shape[-1]
    matrix = kernel if len(kernel.shape) == 2 else tf.reshape(kernel, (width, math.prod(kernel.shape) // width))
    flat = tf.matmul(x if len(x.shape) == 2 else tf.reshape(x, (-1, width)), matrix)
    if bias is not None:
        flat = tf.nn.bias_add(flat, bias if len(bias.shape) == 1 else tf.reshape(bias, (-1,)))
    return flat if len(x.shape) == 2 else tf.reshape(flat, tf.concat([tf.shape(x)[:-1], flat.shape[1:]], axis=0))


def fed(feed_forward, x):
    """The feed-forward network."""
    wide = feed_forward.widen.activation(dense(x, feed_forward.widen.kernel, feed_forward.widen.bias))
    return dense(wide, feed_forward.narrow.kernel, feed_forward.narrow.bias)


def heads(x, number: int):
    """(B, T, D) to (B, H, T, K)."""
    B, T = tf.unstack(tf.shape(x)[:2])
    return tf.transpose(tf.reshape(x, (B, T, number, x.shape[-1] // number)), (0, 2, 1, 3))


def pair(attention, x) -> tuple:
    """Keys and values (B, H, S, K) of x (B, S, D)."""
    kinds = attention.key_weights, attention.value_weights
    return tuple(heads(dense(x, *weights), attention.num_heads) for weights in kinds)


def self_attended(attention, mask, x):
    """Attention of x (B, S, D) to itself."""
    return attended(attention, *pair(attention, x), mask, x)


def attended(attention, k, v, mask, x):
    """What x (B, T, D) takes from keys and values (B, H, S, K) where the mask lets it look."""
    q = heads(dense(x, *attention.query_weights), attention.num_heads)
    scores = tf.matmul(q, k, transpose_b=True) / math.sqrt(attention.key_dim)
    scores = tf.where(mask, scores, lowest("float32"))
    weights = tf.where(mask, tf.nn.softmax(scores), 0.0)  # who may look nowhere takes nothing
    taken = tf.transpose(tf.matmul(weights, v), (0, 2, 1, 3))  # (B, T, H, K)
    B, T = tf.unstack(tf.shape(taken)[:2])
    return dense(tf.reshape(taken, (B, T, attention.num_heads * v.shape[-1])), *attention.output_weights)
