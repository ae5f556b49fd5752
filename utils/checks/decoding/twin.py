"""This lesson's tiny model in NumPy: what the checks expect, and what known mistakes do to it."""

import math

import numpy as np

from utils.checks.in_numpy import (
    cut,
    fed_forward,
    merge_heads,
    normalised_by,
    own_mask,
    padding,
    positions,
    projected,
    split_heads,
    unchanged,
    weighed,
)


def on_the_twin(function):
    """A known mistake as a class: so a check can tell it from a learner's answer, and hands it the model's twin."""
    new = staticmethod(lambda cls, *args, **kwargs: function(*args, **kwargs))
    return type(function.__name__, (), {"__new__": new, "on_the_twin": True})


class _Attention:
    """An attention's weights under the library's names, arrays that can be changed in place."""

    def __init__(self, weights):
        self.query_weights, self.key_weights, self.value_weights, self.output_weights = cut(weights, 2, 2, 2)
        self.num_heads, self.key_dim = weights[0].shape[1:]

    def keys_and_values(self, x):
        """Keys and values (B, H, S, K) of x (B, S, D)."""
        pairs = (self.key_weights, self.value_weights)
        return tuple(split_heads(projected(x, *pair), self.num_heads) for pair in pairs)

    def look(self, x, k, v, mask):
        """The query x (B, T, D) looks at keys and values."""
        q = split_heads(projected(x, *self.query_weights), self.num_heads)
        shares = weighed(q @ k.swapaxes(-1, -2) / math.sqrt(self.key_dim), mask)
        return projected(merge_heads(shares @ v), *self.output_weights)


class _Layer:
    """A layer of the encoder, or of the decoder, which has two attentions."""

    def __init__(self, weights, norm):
        self.pre = norm == "pre"
        if len(weights) == 16:
            own, self.self_norm, self.feed, self.feed_norm = cut(weights, 8, 2, 4)
        else:
            own, other, self.feed, self.self_norm, self.cross_norm, self.feed_norm = cut(weights, 8, 8, 4, 2, 2)
            self.cross_attention = _Attention(other)
        self.self_attention = _Attention(own)

    def around(self, part, norm, x):
        """The residual and the norm around a part."""
        x = x + part(normalised_by(norm, x) if self.pre else x)
        return x if self.pre else normalised_by(norm, x)

    def __call__(self, x, mask, encoded=None, cross_mask=None):
        own = self.self_attention
        x = self.around(lambda x: own.look(x, *own.keys_and_values(x), mask), self.self_norm, x)
        cross = None if encoded is None else self.cross_attention.keys_and_values(encoded)
        return self.to_the_end(x, cross, cross_mask)

    def step(self, x, position, memory, said, cross, source_mask):
        """The decoder's layer at one position: x (B, 1, D) and the memory with one more key and value."""

        def look(x):
            nonlocal memory
            new = self.self_attention.keys_and_values(x)
            memory = tuple(updated(old, position, one, axis=2) for old, one in zip(memory, new, strict=True))
            return self.self_attention.look(x, *memory, said)

        x = self.around(look, self.self_norm, x)
        return self.to_the_end(x, cross, source_mask), memory

    def to_the_end(self, x, cross, cross_mask):
        """What follows the self-attention; `cross` is keys and values of the source, None in the encoder."""
        if cross is not None:
            x = self.around(lambda x: self.cross_attention.look(x, *cross, cross_mask), self.cross_norm, x)
        return self.around(lambda x: fed_forward(self.feed, x, unchanged), self.feed_norm, x)


def updated(array, position, part, axis=3):
    """A copy with the part from a position on; where it would stick out it lies at the end, as in `slice_update`."""
    new, length = np.array(array), part.shape[axis]
    start = min(position, new.shape[axis] - length)
    np.moveaxis(new, axis, 0)[start : start + length] = np.moveaxis(part, axis, 0)
    return new


class _Stack:
    """The encoder or the decoder."""

    def __init__(self, weights, in_a_layer, num_layers, norm):
        (self.table,), *layers, self.final = cut(weights, 1, *[in_a_layer] * num_layers)
        self.layers = self.encoder_layers = self.decoder_layers = [_Layer(w, norm) for w in layers]
        self.D = self.table.shape[1]

    def __call__(self, ids, mask, *others):
        x = self.table[ids] * math.sqrt(self.D) + positions(ids.shape[1], self.D, 0)
        for layer in self.layers:
            x = layer(x, mask, *others)
        return self.normed(x)

    def normed(self, x):
        """Pre-norm's last norm, where there is one."""
        return normalised_by(self.final, x) if self.final else x


class Twin:
    """The library's Transformer in NumPy, from its weights; `find_attention` finds its attentions too."""

    def __init__(self, weights, num_layers, norm, pad_id=0):
        weights = [w.astype("float64") for w in weights]  # copies: a mistake may change them
        sizes = 16, 26  # how many weights a layer of either has
        lengths = (1 + size * num_layers + (2 if norm == "pre" else 0) for size in sizes)
        *stacks, self.output = cut(weights, *lengths)
        pairs = zip(stacks, sizes, strict=True)
        self.encoder, self.decoder = (_Stack(stack, size, num_layers, norm) for stack, size in pairs)
        self.pad_id = pad_id

    def __call__(self, inputs):
        """The logits (B, T, V)."""
        source_ids, target_ids = inputs
        mask = padding(source_ids, self.pad_id)
        return self.scored(self.decoded(target_ids, self.encoder(source_ids, mask), mask))

    def decoded(self, ids, encoded, mask):
        """What the decoder makes of ids (B, T): (B, T, D)."""
        return self.decoder(ids, own_mask(ids, self.pad_id), encoded, mask)

    def scored(self, x):
        """Logits (…, V) of vectors (…, D)."""
        kernel, bias = self.output
        return x @ kernel + bias
