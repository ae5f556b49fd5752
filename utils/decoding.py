"""How the model speaks: one word at a time, each chosen after the ones before it.

Keys and values of words already said never change, so they are kept. That memory is this module's business, not
an argument of the layers: `cached_decoder_step` does what the decoder does, for one position.
"""

import contextlib
import functools
import math
import weakref
from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf
from keras import ops

from utils.layers.attention import merge_heads, project, scaled_dot_product_attention, split_heads
from utils.layers.contract import check_positive, check_token_ids
from utils.layers.masks import create_padding_mask
from utils.text import pad_batch


def greedy_decode(model, source_ids, max_length: int, start_id: int, end_id: int, use_cache: bool = True) -> np.ndarray:
    """Says the likeliest next token, again and again, until the end.

    Args:
        model: a `Transformer`.
        source_ids: (B, S).
        max_length: the most tokens to say, the end among them.
        start_id: the id that begins a sentence.
        end_id: the id that ends one.
        use_cache: keep keys and values; False reads the whole prefix again for every token. Same tokens.

    Returns:
        (B, at most `max_length`) int32: no start, no end, padding after the end.

    Raises:
        ValueError: an id outside the vocabulary, or a length beyond the model's.
    """
    source_ids = check_request(model, source_ids, max_length)
    if use_cache:
        return greedy_decode_cached(model, source_ids, max_length, start_id, end_id)
    source_mask = create_padding_mask(source_ids, model.pad_id)
    encoded = model.encoder(source_ids, attention_mask=source_mask)  # once: the source does not change
    ids = np.full((len(source_ids), max_length + 1), model.pad_id, "int32")
    ids[:, 0] = start_id
    finished = np.zeros(len(source_ids), bool)
    for t in range(max_length):
        if finished.all():
            break
        prefix = ids[:, : t + 2]  # what is said, and one place of padding: Keras warns of a softmax over a single key
        decoded = model.decoder(prefix, encoded, cross_attention_mask=source_mask)  # (B, t + 2, D)
        token = ops.argmax(model.output_layer(decoded[:, t]), axis=-1)  # (B,), from the last token's place
        ids[:, t + 1] = np.where(finished, model.pad_id, token)
        finished |= ids[:, t + 1] == end_id
    return cut_at_end(ids[:, 1:], end_id, model.pad_id)


def beam_search(model, source_ids, max_length: int, start_id: int, end_id: int, beam_width: int = 4,
                length_penalty: float = 0.6) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Follows the `beam_width` likeliest beginnings side by side, until none can beat what has ended (section 6.1).

    The first five arguments are those of `greedy_decode`. `beam_width` is k, how many beginnings are kept.
    `length_penalty` is α: a sentence scores its log-probability / ((5 + tokens) / 6)^α (Wu et al. 2016). With k = 1
    and α = 0 this is greedy.

    Returns:
        The best finished sentence of each row, as from `greedy_decode` (where none finished, the likeliest
        beginning), and its score, (B,) float64. The end counts as a token.

    Raises:
        ValueError: an id outside the vocabulary, a length beyond the model's, or k < 1.
    """
    source_ids = check_request(model, source_ids, max_length)
    check_positive(beam_width=beam_width)
    B, k, row = len(source_ids), beam_width, np.arange(len(source_ids))[:, np.newaxis]
    likeliest_words = start_beams(model, source_ids, max_length, k)
    ids, parents = np.full((B, k, 1), start_id, "int32"), np.zeros((B, k), "int32")
    log_p = np.tile(np.where(np.arange(k) == 0, 0.0, -np.inf), (B, 1))  # k times the same: only one counts
    best = [(-np.inf, None)] * B  # of each row's finished sentences: score and ids
    for length in range(1, max_length + 1):
        parents, words, log_p = best_continuations(log_p, *likeliest_words(ids[..., -1], parents))  # (B, 2k) each
        ids = np.concatenate([ids[row, parents], words[..., np.newaxis]], axis=-1)  # (B, 2k, length + 1)
        scores = log_p / penalty(length, length_penalty)
        ended = words == end_id
        for b, i in np.argwhere(ended[:, :k]):  # of the k best, those are done
            if scores[b, i] > best[b][0]:
                best[b] = scores[b, i], ids[b, i, 1:]
        going_on = np.argsort(ended, axis=1, kind="stable")[:, :k]  # the k best of those that have not ended
        ids, parents, log_p = (array[row, going_on] for array in (ids, parents, log_p))
        hope = log_p[:, 0] / highest_penalty(length + 1, max_length, length_penalty)  # if all that follows is certain
        if all(hope <= [score for score, _ in best]):
            break
    unfinished = [(log_p[b, 0] / penalty(max_length, length_penalty), ids[b, 0, 1:]) for b in range(B)]
    best = [u if sentence is None else (score, sentence) for (score, sentence), u in zip(best, unfinished, strict=True)]
    sentences = pad_batch([sentence for _, sentence in best], end_id, max_length)
    return cut_at_end(sentences, end_id, model.pad_id), np.array([score for score, _ in best])


def penalty(length: int, alpha: float) -> float:
    """What a log-probability is divided by, so that long sentences can compete (Wu et al. 2016, section 7)."""
    return ((5 + length) / 6) ** alpha


def highest_penalty(shortest: int, longest: int, alpha: float) -> float:
    """The most that a log-probability can be divided by at these lengths: it makes the best that can come of it."""
    return max(penalty(shortest, alpha), penalty(longest, alpha))


def best_continuations(log_p: np.ndarray, words: np.ndarray, word_log_p: np.ndarray) -> tuple:
    """Of all beginnings (B, k) with all their next words (B, k, M) the 2k likeliest, best first.

    At most k of them end, one for each beginning, so at least k go on.

    Returns:
        Which beginning (B, 2k), which word (B, 2k), and the log-probability of the whole (B, 2k).
    """
    k, M = words.shape[1:]
    totals = (log_p[..., np.newaxis] + word_log_p).reshape(-1, k * M)
    order = np.argsort(-totals, axis=1, kind="stable")[:, : 2 * k]
    words = np.take_along_axis(words.reshape(-1, k * M), order, axis=1)
    return order // M, words, np.take_along_axis(totals, order, axis=1)


@contextlib.contextmanager
def ablate_head(model, key: str, head: int) -> Iterator[None]:
    """Inside the `with`, one head says nothing: its rows of W_O are zero. Afterwards all is as before.

    Args:
        model: a `Transformer`.
        key: which attention, as in the attention dict: "encoder/0/self", "decoder/1/cross", …
        head: 0…H-1.

    Raises:
        ValueError: there is no such attention, or no such head.
    """
    attention = find_attention(model, key)
    if not 0 <= head < attention.num_heads:
        raise ValueError(f"`head` must lie in 0…{attention.num_heads - 1}. Received: head={head!r}")
    kernel, _ = attention.output_weights  # (H, K, D)
    before = ops.convert_to_numpy(kernel).copy()
    without = before.copy()
    without[head] = 0
    kernel.assign(without)
    try:
        yield
    finally:
        kernel.assign(before)


def find_attention(model, key: str):
    """The attention layer of a key such as "decoder/1/cross". Raises ValueError where there is none."""
    stacks = {"encoder": model.encoder.encoder_layers, "decoder": model.decoder.decoder_layers}
    found = {
        f"{stack}/{n}/{kind}": getattr(layer, f"{kind}_attention")
        for stack, layers in stacks.items()
        for n, layer in enumerate(layers)
        for kind in ("self", "cross")
        if hasattr(layer, f"{kind}_attention")
    }
    if key not in found:
        raise ValueError(f"There is no such attention. Received: key={key!r}. Known keys: {sorted(found)}")
    return found[key]


def cut_at_end(ids: np.ndarray, end_id: int, pad_id: int) -> np.ndarray:
    """Padding from each row's first end on, (B, T), and no column beyond the longest sentence."""
    said = np.cumsum(ids == end_id, axis=1) == 0
    return np.where(said, ids, pad_id)[:, : said.sum(axis=1).max(initial=0)].astype("int32")


def check_request(model, source_ids, max_length: int) -> np.ndarray:
    """The source as int32 (B, S). Raises ValueError where the model cannot read it or say so much."""
    check_positive(max_length=max_length)
    source_ids = np.asarray(source_ids)
    check_token_ids(source_ids, model.input_vocab_size)  # here: compiled code would read some row for a wrong id
    lengths = {"tokens to say": (max_length, model.max_positional_encoding_target)}
    lengths["source tokens"] = (source_ids.shape[1], model.max_positional_encoding_input)
    for what, (length, limit) in lengths.items():
        if length > limit:
            raise ValueError(f"The model takes at most {limit} {what}. Received: {length}. Shorten it, or train longer")
    return source_ids.astype("int32")


# The memory ----------------------------------------------------------------------------------------


def start_cache(model, source_ids, size: int) -> dict:
    """What the decoder will look at again and again: the source's keys and values, and room for the target's.

    Args:
        model: a `Transformer`.
        source_ids: (B, S).
        size: L, for how many positions there is room.

    Returns:
        "self": for each layer keys and values (B, H, L, K), still zero; "cross": for each layer keys and
        values (B, H, S, K); "positions": their encoding (1, L, D); "said": bool (B, 1, 1, L), which of them
        hold a token; "source": bool (B, 1, 1, S), which words of the source are there.
    """
    source_mask = create_padding_mask(source_ids, model.pad_id)
    encoded = model.encoder(source_ids, attention_mask=source_mask)  # (B, S, D)
    B, H = source_ids.shape[0], model.num_heads
    empty = ops.zeros((B, H, size, model.embedding_dim // H), encoded.dtype)
    layers = model.decoder.decoder_layers
    return {
        "self": [(empty, empty) for _ in layers],
        "cross": [keys_and_values(layer.cross_attention, encoded) for layer in layers],
        "positions": model.decoder.positional_encoding(ops.zeros((1, size, encoded.shape[-1]), encoded.dtype)),
        "said": ops.zeros((B, 1, 1, size), "bool"),
        "source": source_mask,
    }


def cached_decoder_step(model, token, position, cache: dict) -> tuple:
    """Reads one token and scores every word that may come next. Equals the decoder run on the whole prefix.

    Args:
        model: a `Transformer`.
        token: (B,), the token at `position`.
        position: a scalar, from 0 on.
        cache: from `start_cache`, then from the step before.

    Returns:
        The logits (B, V) and the new cache.
    """
    decoder = model.decoder
    is_token = ops.reshape(ops.not_equal(token, model.pad_id), (-1, 1, 1, 1))
    said = ops.slice_update(cache["said"], (0, 0, 0, position), is_token)  # the future is still False
    x = decoder.embedding(token[:, None]) * math.sqrt(decoder.embedding_dim)  # (B, 1, D)
    x = x + ops.take(cache["positions"], position, axis=1)
    memories = []
    for layer, memory, cross in zip(decoder.decoder_layers, cache["self"], cache["cross"], strict=True):
        x, memory = cached_layer_step(layer, x, position, memory, said, cross, cache["source"])
        memories.append(memory)
    x = x if decoder.final_norm is None else decoder.final_norm(x)
    return model.output_layer(x)[:, 0], {**cache, "self": memories, "said": said}


def cached_layer_step(layer, x, position, memory, said, cross, source_mask) -> tuple:
    """A decoder layer at one position: x (B, 1, D) to (B, 1, D), and the memory with one more key and value."""
    pre, post = layer.norm == "pre", layer.norm == "post"

    residual, x = x, layer.self_norm(x) if pre else x
    new = keys_and_values(layer.self_attention, x)  # of this position only, (B, H, 1, K)
    memory = tuple(ops.slice_update(old, (0, 0, position, 0), one) for old, one in zip(memory, new, strict=True))
    x = residual + attend_to(layer.self_attention, x, *memory, said)
    x = layer.self_norm(x) if post else x

    residual, x = x, layer.cross_norm(x) if pre else x
    x = residual + attend_to(layer.cross_attention, x, *cross, source_mask)
    x = layer.cross_norm(x) if post else x

    residual, x = x, layer.feed_forward_norm(x) if pre else x
    x = residual + layer.feed_forward(x)
    return layer.feed_forward_norm(x) if post else x, memory


def keys_and_values(attention, x) -> tuple:
    """Keys and values (B, H, S, K) of x (B, S, D): the half of attention that does not depend on the query."""
    k = project(x, cast_to(x, attention.key_weights))  # (B, S, D)
    v = project(x, cast_to(x, attention.value_weights))
    return split_heads(k, attention.num_heads), split_heads(v, attention.num_heads)


def attend_to(attention, x, k, v, mask):
    """The other half: the query x (B, 1, D) looks at keys and values (B, H, S, K) that are there already."""
    q = split_heads(project(x, cast_to(x, attention.query_weights)), attention.num_heads)
    heads, _ = scaled_dot_product_attention(q, k, v, mask)
    return project(merge_heads(heads), cast_to(x, attention.output_weights))


def cast_to(x, weights: tuple) -> tuple:
    """Kernel and bias in the dtype of `x`, which mixed precision makes narrower than theirs."""
    return tuple(None if weight is None else ops.cast(weight, x.dtype) for weight in weights)


# The loop, compiled --------------------------------------------------------------------------------


def greedy_decode_cached(model, source_ids: np.ndarray, max_length: int, start_id: int, end_id: int) -> np.ndarray:
    """`greedy_decode` with a memory, the whole loop compiled: one call however many tokens are said.

    Shapes are rounded up, so that sentences of about one length share what was compiled for the first.
    """
    rows = len(source_ids)
    padded = pad_to_bucket(source_ids, model.pad_id, model.max_positional_encoding_input)
    size = min(round_up(max_length, 32), model.max_positional_encoding_target)
    state = compiled(start_greedy, model, size)(padded, start_id, rows)
    _, ids, _, _ = compiled(greedy_loop, model)(state, max_length, end_id)
    return cut_at_end(ids[:rows, 1 : max_length + 1].numpy(), end_id, model.pad_id)


def start_greedy(model, size: int, source_ids, start_id, rows) -> tuple:
    """Position, ids (B, size + 1), which rows are finished (B,), cache; rows from `rows` on only fill up."""
    B = source_ids.shape[0]
    ids = tf.concat([tf.fill((B, 1), start_id), tf.fill((B, size), model.pad_id)], axis=1)
    return tf.constant(0), ids, tf.range(B) >= rows, start_cache(model, source_ids, size)


def greedy_loop(model, state: tuple, stop, end_id) -> tuple:
    """Says tokens up to position `stop`, or until every row is finished; state as from `start_greedy`."""

    def is_going_on(position, ids, finished, cache):
        return (position < stop) & ~tf.reduce_all(finished)

    def say_next(position, ids, finished, cache):
        logits, cache = cached_decoder_step(model, tf.gather(ids, position, axis=1), position, cache)
        token = tf.where(finished, model.pad_id, tf.argmax(logits, axis=-1, output_type="int32"))
        ids = ops.slice_update(ids, (0, position + 1), token[:, None])
        return position + 1, ids, finished | (token == end_id), cache

    return tf.while_loop(is_going_on, say_next, state)


@functools.singledispatch
def start_beams(model, source_ids: np.ndarray, max_length: int, beam_width: int) -> Callable:
    """The function that beam search asks at each step, with a memory of what was said so far.

    Another kind of model may register another way: see `utils.fast_decoding`.

    Returns:
        f(tokens (B, k), parents (B, k)) -> the likeliest words (B, k, M), best first, and their
        log-probabilities, float64. `parents` says which of the k beginnings each token carries on.
    """
    (B, _), k = source_ids.shape, beam_width
    padded = pad_to_bucket(source_ids, model.pad_id, model.max_positional_encoding_input)
    size = min(round_up(max_length, 32), model.max_positional_encoding_target)
    memory = {"cache": compiled(start_beam_cache, model, size, k)(padded), "position": 0}
    choices = min(2 * k, model.target_vocab_size)
    first_beam = np.arange(len(padded))[:, np.newaxis] * k

    def likeliest_words(tokens: np.ndarray, parents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows, token = first_beam + np.zeros((1, k), int), np.full((len(padded), k), model.pad_id)
        rows[:B] += parents
        token[:B] = tokens
        step = compiled(beam_step, model, choices)
        arguments = (rows.reshape(-1).astype("int32"), token.reshape(-1).astype("int32"), memory["position"])
        words, log_p, memory["cache"] = step(*arguments, memory["cache"])
        memory["position"] += 1
        return tuple(array.numpy().reshape(-1, k, choices)[:B] for array in (words, log_p))

    return likeliest_words


def start_beam_cache(model, size: int, beam_width: int, source_ids) -> dict:
    """`start_cache`, each sentence's rows k times: (B·k, …)."""
    cache = start_cache(model, source_ids, size)
    positions = cache.pop("positions")  # the same for all rows
    rows = tf.repeat(tf.range(tf.shape(source_ids)[0]), beam_width)
    return tf.nest.map_structure(lambda x: tf.gather(x, rows), cache) | {"positions": positions}


def beam_step(model, choices: int, rows, token, position, cache: dict) -> tuple:
    """One step for B·k beginnings, each carrying on from the row it came from.

    Returns:
        The `choices` likeliest words (B·k, choices), their log-probabilities in float64, and the new cache.
    """
    carried = {name: tf.nest.map_structure(lambda x: tf.gather(x, rows), cache[name]) for name in ("self", "said")}
    logits, cache = cached_decoder_step(model, token, position, {**cache, **carried})  # the source stays the same
    logits = tf.cast(logits, "float32")
    best, words = tf.math.top_k(logits, choices)
    total = tf.reduce_logsumexp(tf.cast(logits, "float64"), axis=-1, keepdims=True)
    return words, tf.cast(best, "float64") - total, cache


def round_up(number: int, multiple: int) -> int:
    """The next multiple, or the number itself where it is one."""
    return -(-number // multiple) * multiple


def pad_to_bucket(source_ids: np.ndarray, pad_id: int, limit: int) -> np.ndarray:
    """Padding on the right up to a multiple of 8, and rows of padding up to a power of two."""
    rows, length = source_ids.shape
    size = (1 << max(rows - 1, 0).bit_length(), min(round_up(max(length, 1), 8), limit))
    padded = np.full(size, pad_id, "int32")
    padded[:rows, :length] = source_ids
    return padded


_COMPILED = weakref.WeakKeyDictionary()  # model -> what was compiled for it; goes with the model


def compiled(function: Callable, model, *constants) -> Callable:
    """`function(model, *constants, …)` compiled for this model: traced once for each shape, then reused.

    Whole numbers become tensors, so that a new one is no new trace.
    """
    made = _COMPILED.setdefault(model, {})
    if (function, *constants) not in made:
        owner = weakref.ref(model)  # the compiled function must not keep the model alive
        made[function, *constants] = tf.function(
            lambda *args: function(owner(), *constants, *args), autograph=False, jit_compile=has_xla()
        )
    run = made[function, *constants]
    return lambda *args: run(*(tf.constant(arg) if isinstance(arg, (int, np.ndarray)) else arg for arg in args))


@functools.cache
def has_xla() -> bool:
    """Whether TensorFlow was built with XLA here: not everywhere. Without it all is the same, and slower."""
    try:
        return bool(tf.function(lambda x: x + 1, jit_compile=True)(tf.constant(1)) == 2)
    except tf.errors.OpError:
        return False
