"""A `Transformer` of the course's own parts, computed by NumPy: what `utils.fast_decoding` asks, step by step.

A step of decoding is many small products. A framework takes longer to hand them out than to compute them, and seconds
to compile the loop, anew for each shape; NumPy begins when the weights are read, in milliseconds. For inference only:
nothing here has gradients.
"""

import math
from collections.abc import Callable

import keras
import numpy as np
from keras import layers, ops

from utils.layers.attention import MultiHeadAttention
from utils.layers.decoder import Decoder, DecoderLayer
from utils.layers.encoder import Encoder, EncoderLayer, FeedForward
from utils.layers.masks import lowest
from utils.layers.positional_encoding import PositionalEncoding
from utils.layers.transformer import Transformer

PLACES = 16  # for so many tokens there is room at first
LOWEST = np.float32(lowest("float32"))
PARTS = {Encoder, EncoderLayer, Decoder, DecoderLayer, MultiHeadAttention, FeedForward, PositionalEncoding}
KNOWN = PARTS | {Transformer, layers.Dense, layers.Dropout, layers.Embedding, layers.LayerNormalization}


def is_known(model) -> bool:
    """Whether all parts are the course's own in float32, so that what is computed here is what they compute."""
    parts = list(model._flatten_layers())
    bent = {id(part.widen) for part in parts if isinstance(part, FeedForward)}  # no other dense layer has an activation
    return all(is_as_made(part) and (id(part) in bent or is_linear(part)) for part in parts)


def is_as_made(part) -> bool:
    """Whether it is a known part in float32, its weights its own, and a norm has both of them."""
    return (
        type(part) in KNOWN
        and part.compute_dtype == "float32"
        and getattr(part, "quantization_mode", None) is None
        and not getattr(part, "lora_enabled", False)
        and not (isinstance(part, layers.LayerNormalization) and (part.gamma is None or part.beta is None))
    )


def is_linear(part) -> bool:
    """Whether it has no activation."""
    return not isinstance(part, layers.Dense) or part.activation is keras.activations.linear


class InNumPy:
    """A `Transformer` of known parts with the weights that it has now.

    Attributes:
        model: the model.
        encode: ids (B, S) and their mask to (B, S, D).
        embed: tokens (R,) and their position to (R, D).
        layers: of the decoder; see `decoder_layer`.
        cross: for each of them, keys and values (2, B, H, S, K) of what was read.
        score: (R, D), from the last of them, to logits (R, V).
    """

    def __init__(self, model):
        self.model, decoder, output = model, model.decoder, model.output_layer
        self.encode, self.embed = encoder_of(model.encoder), embedded(decoder)
        both = [(Attention(x.self_attention), Attention(x.cross_attention)) for x in decoder.decoder_layers]
        self.layers = [decoder_layer(x, *pair) for x, pair in zip(decoder.decoder_layers, both, strict=True)]
        self.cross = [cross.keys_and_values for _, cross in both]
        norm, last = normed(decoder.final_norm), affine((output.kernel, output.bias))
        self.score = lambda x: last(norm(x))

    def __getattr__(self, name: str):
        return getattr(self.model, name)


class Memory:
    """What a model has read and said; each step reads one token more of each row.

    Args:
        model: an `InNumPy`.
        source_ids: (B, S).
        beginnings: k, how many are held of each sentence: of R = B·k rows, row b·k + i is the ith of sentence b.
    """

    def __init__(self, model: InNumPy, source_ids: np.ndarray, beginnings: int = 1):
        self.model, self.position, R = model, 0, len(source_ids) * beginnings
        self.source = as_mask(source_ids != model.pad_id)
        encoded = model.encode(source_ids, self.source)
        self.cross = [keys_and_values(encoded) for keys_and_values in model.cross]
        self.said = np.zeros((R, 0), bool)  # which places hold a token
        width = model.embedding_dim // model.num_heads
        self.own = [np.zeros((2, R, model.num_heads, 0, width), "float32") for _ in model.layers]  # keys, values

    def step(self, token: np.ndarray) -> np.ndarray:
        """Reads a token (R,) and returns the logits (R, V) of the one that follows."""
        self.said = np.concatenate([self.said, token[:, np.newaxis] != self.model.pad_id], axis=1)
        if self.position == self.own[0].shape[3]:
            self.own = [with_more_room(memory) for memory in self.own]
        mask, x = as_mask(self.said), self.model.embed(token, self.position)
        for layer, own, cross in zip(self.model.layers, self.own, self.cross, strict=True):
            x = layer(x, own, self.position, mask, cross, self.source)
        self.position += 1
        return self.model.score(x)

    def carry_on(self, rows: np.ndarray, sentences: np.ndarray | None = None) -> None:
        """Goes on with these rows, numbers or bool; of the sentences with these, None being all."""
        self.said = self.said[rows]
        self.own = [with_more_room(memory[:, rows, :, : self.position], memory.shape[3]) for memory in self.own]
        if sentences is not None:
            self.cross = [memory[:, sentences] for memory in self.cross]
            self.source = None if self.source is None else self.source[sentences]


def with_more_room(memory: np.ndarray, places: int = 0) -> np.ndarray:
    """Keys and values (2, R, H, held, K) with room for so many places; else twice as many as are held.

    One more each step would copy all of it each step.
    """
    *front, held, K = memory.shape
    new = np.zeros((*front, places or max(2 * held, PLACES), K), "float32")
    new[..., :held, :] = memory
    return new


# The layers, from ids to logits: each of these reads weights, and returns what computes -------------------------------


def encoder_of(encoder) -> Callable:
    """Ids (B, S) and their mask to (B, S, D)."""
    embed, norm, parts = embedded(encoder), normed(encoder.final_norm), []
    for layer in encoder.encoder_layers:
        look = residual(layer, layer.attention_norm, Attention(layer.self_attention).to_itself)
        parts.append((look, residual(layer, layer.feed_forward_norm, fed(layer.feed_forward))))

    def apply(source_ids, mask):
        x = embed(source_ids, slice(source_ids.shape[1]))
        for look, feed in parts:
            x = feed(look(x, mask))
        return norm(x)

    return apply


def decoder_layer(layer, own: "Attention", cross: "Attention") -> Callable:
    """At one place: x (R, D), the memory of what was said, the place, its mask, and what was read with its mask."""
    look_back = residual(layer, layer.self_norm, own.look_back)
    look_over = residual(layer, layer.cross_norm, cross.look_over)
    feed = residual(layer, layer.feed_forward_norm, fed(layer.feed_forward))

    def apply(x, said, position, mask, read, source_mask):
        return feed(look_over(look_back(x, said, position, mask), read, source_mask))

    return apply


class Attention:
    """A `MultiHeadAttention` whose keys and values can be kept."""

    def __init__(self, attention):
        self.num_heads, (kernel, bias) = attention.num_heads, attention.output_weights
        query, key, value = attention.query_weights, attention.key_weights, attention.value_weights
        scale = np.float32(1 / math.sqrt(attention.key_dim))  # once here, and not of the scores at each step
        query = [None if weight is None else read(weight) * scale for weight in query]
        self.query, self.key_value, self.all = affine(query), affine(key, value), affine(query, key, value)
        self.output = affine((read(kernel).reshape(-1, kernel.shape[-1]), bias))

    def heads(self, x, number: int) -> np.ndarray:
        """So many projections side by side, (B, T, number·D), to (number, B, H, T, K)."""
        B, T, width = x.shape
        x = x.reshape(B, T, number, self.num_heads, width // (number * self.num_heads))
        return x.transpose(2, 0, 3, 1, 4)

    def keys_and_values(self, x) -> np.ndarray:
        """(2, B, H, S, K) of x (B, S, D)."""
        return self.heads(self.key_value(x), 2)

    def mix(self, q, k, v, mask):
        """What queries (B, H, T, K) take from keys and values (B, H, S, K) where a mask, if there is one, lets them."""
        scores = q @ k.swapaxes(-2, -1)  # (B, H, T, S)
        if mask is not None:
            scores = np.where(mask, scores, LOWEST)
        scores -= np.maximum.reduce(scores, axis=-1, keepdims=True)
        weights = np.exp(scores, out=scores)
        weights /= np.add.reduce(weights, axis=-1, keepdims=True)
        if mask is not None:
            weights *= mask  # who may look nowhere takes nothing
        mixed = (weights @ v).transpose(0, 2, 1, 3)  # (B, T, H, K)
        return self.output(mixed.reshape(*mixed.shape[:2], -1))

    def to_itself(self, x, mask):
        """Of an encoder: x (B, S, D) looks at itself."""
        return self.mix(*self.heads(self.all(x), 3), mask)

    def look_back(self, x, memory: np.ndarray, position: int, mask):
        """Of a decoder: x (R, D) goes into the memory (2, R, H, places, K), and looks at what is there."""
        new = self.heads(self.all(x)[:, np.newaxis], 3)
        memory[:, :, :, position] = new[1:, :, :, 0]
        k, v = memory[:, :, :, : position + 1]
        return self.mix(new[0], k, v, mask)[:, 0]

    def look_over(self, x, memory: np.ndarray, mask):
        """Of a decoder: x (R, D) looks at the B sentences that were read, (2, B, H, S, K), R / B rows at each."""
        q = self.heads(self.query(x).reshape(memory.shape[1], -1, x.shape[-1]), 1)[0]
        return self.mix(q, *memory, mask).reshape(x.shape)


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
        x = x - np.add.reduce(x, axis=-1, keepdims=True) * share
        variance = np.einsum("...d,...d->...", x, x)[..., np.newaxis] * share
        x /= np.sqrt(variance + epsilon)
        x *= gamma
        x += beta
        return x

    return apply


def affine(*weights: tuple) -> Callable:
    """X W + b over the last axis, of each kernel (N, …) and bias (…) or None; several side by side, as one product."""
    pairs = [(read(kernel), None if bias is None else read(bias)) for kernel, bias in weights]
    matrix = side_by_side([kernel.reshape(len(kernel), -1) for kernel, _ in pairs])
    shift = None if pairs[0][1] is None else side_by_side([bias.reshape(-1) for _, bias in pairs])
    inputs, outputs = matrix.shape

    def apply(x):
        flat = (x if x.ndim == 2 else x.reshape(-1, inputs)) @ matrix
        if shift is not None:
            flat += shift
        return flat if x.ndim == 2 else flat.reshape(*x.shape[:-1], outputs)

    return apply


def side_by_side(arrays: list[np.ndarray]) -> np.ndarray:
    """Joined along the last axis; one alone is not copied."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays, axis=-1)


def fed(feed_forward) -> Callable:
    """The feed-forward network."""
    widen, narrow = (affine((part.kernel, part.bias)) for part in (feed_forward.widen, feed_forward.narrow))
    bend = feed_forward.widen.activation
    if bend is keras.activations.relu:
        return lambda x: narrow(np.maximum(hidden := widen(x), 0, out=hidden))
    return lambda x: narrow(ops.convert_to_numpy(bend(widen(x))))


def read(weight) -> np.ndarray:
    """A weight as it is now, read only: an array is itself, and a variable's memory is lent where it can be."""
    if isinstance(weight, np.ndarray):
        return weight
    if keras.backend.backend() == "tensorflow":
        return np.asarray(weight.value.value())  # of the `tf.Variable`, a tensor
    return ops.convert_to_numpy(weight)


def as_mask(present: np.ndarray) -> np.ndarray | None:
    """What may be looked at, (B, 1, 1, S) of (B, S); None where that is everything."""
    return None if present.all() else present[:, np.newaxis, np.newaxis]
