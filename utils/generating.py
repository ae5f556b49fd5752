"""How a decoder alone writes: each next token drawn from what may come, the keys and values of the others kept."""

import math
from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from keras import ops

from utils.decoding import attend_to, compiled, keys_and_values, round_up
from utils.layers.contract import check_positive, check_rank, check_token_ids
from utils.text import pad_batch


def sample(logits, uniform, temperature: float = 1.0, top_k: int | None = None, top_p: float | None = None):
    """Draws a token of each row. The dice are given: the same number, the same token.

    The likelier tokens come first: of a number below the likeliest one's probability comes that one, of the next
    stretch the second likeliest, and so on (the inverse of the distribution function). What is done to the
    probabilities is done in this order.

    Args:
        logits: (B, V).
        uniform: (B,) numbers from 0 up to, but without, 1.
        temperature: the logits are divided by it; at 0 the likeliest token comes, whatever the number.
        top_k: only that many, the likeliest, may come; None: all.
        top_p: only the likeliest may come, as few as together have at least this probability among those that
            `top_k` has left (Holtzman et al. 2020); None: all.

    Returns:
        (B,) int32.

    Raises:
        ValueError: a temperature below 0, top_k below 1, or top_p outside (0, 1].
    """
    check_sampling(temperature, top_k, top_p)
    logits = ops.cast(logits, "float32")
    order = ops.argsort(-logits, axis=-1)  # (B, V), the likeliest first
    if temperature == 0:
        return ops.cast(order[:, 0], "int32")
    p = ops.softmax(ops.take_along_axis(logits, order, axis=-1) / temperature, axis=-1)
    if top_k is not None:
        p = ops.where(ops.arange(p.shape[-1]) < top_k, p, 0.0)
        p = p / ops.sum(p, axis=-1, keepdims=True)
    if top_p is not None:
        p = ops.where(ops.cumsum(p, axis=-1) - p < top_p, p, 0.0)  # what those before it have is not yet enough
    reach = ops.cumsum(p, axis=-1)  # up to which number each token comes
    number = ops.cast(uniform, "float32")[:, None] * reach[:, -1:]
    place = ops.sum(ops.cast(reach <= number, "int32"), axis=-1, keepdims=True)  # how many it has passed
    last = ops.sum(ops.cast(p > 0, "int32"), axis=-1, keepdims=True) - 1  # where rounding has passed them all
    return ops.cast(ops.take_along_axis(order, ops.minimum(place, last), axis=-1)[:, 0], "int32")


def check_sampling(temperature: float, top_k: int | None, top_p: float | None) -> None:
    """Raises ValueError for what no distribution can be made of."""
    if not 0 <= temperature < math.inf:
        raise ValueError(f"`temperature` must be 0 or more. Received: temperature={temperature!r}")
    if top_k is not None:
        check_positive(top_k=top_k)
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"`top_p` must lie in (0, 1]. Received: top_p={top_p!r}")


def cached_generation_step(layer, x, position, memory: tuple) -> tuple:
    """An `EncoderLayer` at one place of a text of which it may see what came before. Equals the layer on the whole.

    Args:
        layer: an `EncoderLayer`, of norm "pre" or "post".
        x: (B, 1, D), what stands at `position`.
        position: a scalar, from 0 on; those before it were read already.
        memory: keys and values of the places read so far, (B, H, L, K) each, with room for L; zeros at first.

    Returns:
        The layer's output (B, 1, D) and the memory with one key and one value more. The memory given is left alone.
    """
    residual, x = x, layer.attention_norm(x) if layer.norm == "pre" else x
    new = keys_and_values(layer.self_attention, x)  # of this place only, (B, H, 1, K)
    memory = tuple(ops.slice_update(old, (0, 0, position, 0), one) for old, one in zip(memory, new, strict=True))
    read = ops.arange(memory[0].shape[2])[None, :] <= position  # (1, L): what came before, and itself
    x = residual + attend_to(layer.self_attention, x, *memory, read)
    x = layer.attention_norm(x) if layer.norm == "post" else x

    residual, x = x, layer.feed_forward_norm(x) if layer.norm == "pre" else x
    x = residual + layer.feed_forward(x)
    return layer.feed_forward_norm(x) if layer.norm == "post" else x, memory


def start_memory(model, rows: int, size: int) -> list[tuple]:
    """For each layer of a `LanguageModel` empty keys and values, (rows, H, size, K) each."""
    shape = (rows, model.num_heads, size, model.embedding_dim // model.num_heads)
    return [(ops.zeros(shape, model.compute_dtype),) * 2 for _ in model.encoder.encoder_layers]


def next_logits(model, token, position, memory: list[tuple], positions) -> tuple:
    """A `LanguageModel` at one place: its token (B,) to the logits (B, V) of the next, and the new memory.

    `positions` is the encoding of all places there is room for, (1, L, D).
    """
    stack, kept = model.encoder, []
    x = stack.embedding(token[:, None]) * math.sqrt(stack.embedding_dim) + ops.take(positions, position, axis=1)
    for layer, old in zip(stack.encoder_layers, memory, strict=True):
        x, new = cached_generation_step(layer, x, position, old)
        kept.append(new)
    x = x if stack.final_norm is None else stack.final_norm(x)
    return model.output_layer(x)[:, 0], kept


def generate(
    model, prompt: Sequence[int], number: int = 1, max_length: int = 64, end_id: int = 2, seed: int = 0, **sampling
) -> list[np.ndarray]:
    """Writes a text `number` times, each on from the same beginning.

    Args:
        model: a `LanguageModel`.
        prompt: the ids of the beginning, the start token first, (P,).
        number: how many texts.
        max_length: the most tokens of a text, the beginning and the end among them.
        end_id: the id that ends a text.
        seed: of the numbers that `sample` is given: the same numbers on every machine.
        sampling: `temperature`, `top_k` and `top_p`, as `sample` takes them.

    Returns:
        The texts' ids, each (T,) int32 with T at most `max_length`, the beginning first, without the end.

    Raises:
        ValueError: no beginning, one that leaves no room, an id outside the vocabulary, a length beyond the model's.
    """
    check_positive(number=number, max_length=max_length)
    settings = {"temperature": 1.0, "top_k": None, "top_p": None}
    if unknown := sampling.keys() - settings.keys():
        raise ValueError(f"Sampling takes {', '.join(settings)}. Received: {', '.join(sorted(unknown))}")
    settings |= sampling
    check_sampling(**settings)
    prompt = np.asarray(prompt, "int32")
    check_rank(prompt, 1, "prompt", "(P,)")
    check_token_ids(prompt[None], model.input_vocab_size)
    limit = model.maximum_position_encoding
    if max_length > limit or not 0 < len(prompt) < max_length:
        raise ValueError(
            f"A text begins with at least one token and has at most {limit}. Received: {len(prompt)} tokens to begin "
            f"with, max_length={max_length}"
        )
    size = min(round_up(max_length, 32), limit)
    rows = 1 << (number - 1).bit_length()  # texts of about one number share what was compiled
    uniform = np.random.default_rng(seed).random((rows, size), "float32")
    ids = np.full((rows, size + 1), end_id, "int32")
    ids[:, : len(prompt)] = prompt
    run = compiled(generation_loop, model, *settings.values())
    written = run(ids, uniform, len(prompt), max_length - 1, end_id).numpy()[:number, :max_length]
    ended = np.cumsum(written[:, len(prompt) :] == end_id, axis=1) > 0
    return [row[: len(prompt) + np.sum(~over)] for row, over in zip(written, ended, strict=True)]


def generation_loop(model, temperature, top_k, top_p, ids, uniform, begun, stop, end_id):
    """Fills `ids` (B, L + 1) on from place `begun` up to place `stop`, or until every row has ended."""
    B, size = uniform.shape
    zeros = ops.zeros((1, size, model.embedding_dim), model.compute_dtype)
    positions = model.encoder.positional_encoding(zeros)

    def is_going_on(position, ids, finished, memory):
        return (position < stop) & ~tf.reduce_all(finished)

    def write_next(position, ids, finished, memory):
        logits, memory = next_logits(model, tf.gather(ids, position, axis=1), position, memory, positions)
        drawn = sample(logits, tf.gather(uniform, position, axis=1), temperature, top_k, top_p)
        is_given = position + 1 < begun
        token = tf.where(is_given, tf.gather(ids, position + 1, axis=1), tf.where(finished, end_id, drawn))
        ids = ops.slice_update(ids, (0, position + 1), token[:, None])
        return position + 1, ids, finished | (~is_given & (token == end_id)), memory

    state = (tf.constant(0), ids, tf.zeros(B, "bool"), start_memory(model, B, size))
    return tf.while_loop(is_going_on, write_next, state)[1]


def log_probabilities(model, rows: Sequence[np.ndarray], batch_size: int = 64) -> list[np.ndarray]:
    """What probability the model gave to each token of each text, given those before it.

    Args:
        model: a `LanguageModel`.
        rows: texts as ids, each (T,) with T at least 2 and at most what the model reads.
        batch_size: how many are read at once.

    Returns:
        For each text natural logarithms, (T - 1,) float32: of its second token, its third, and so on.
    """
    order, found = sorted(range(len(rows)), key=lambda n: len(rows[n])), [None] * len(rows)
    for first in range(0, len(rows), batch_size):
        chosen = order[first : first + batch_size]
        batch = pad_batch([rows[n] for n in chosen], model.pad_id)
        log_p = ops.convert_to_numpy(following_log_p(model, batch))
        for row, n in zip(log_p, chosen, strict=True):
            found[n] = row[: len(rows[n]) - 1]
    return found


def following_log_p(model, ids):
    """Ids (B, T) to the log-probability of each next one, (B, T - 1)."""
    log_p = ops.log_softmax(ops.cast(model(ids)[:, :-1], "float32"), axis=-1)
    return ops.take_along_axis(log_p, ids[:, 1:, None], axis=-1)[..., 0]
