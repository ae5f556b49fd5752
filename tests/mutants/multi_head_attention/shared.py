"""The layer with its steps apart, for wrong answers that change one."""

import numpy as np
from keras import ops

from utils.layers import MultiHeadAttention as Given
from utils.layers.attention import project


def layer(call):
    """The lesson's class with this `call`."""
    return type(call.__name__, (Given,), {"call": call})


def cut(x, H):
    return ops.transpose(ops.reshape(x, (x.shape[0], x.shape[1], H, -1)), (0, 2, 1, 3))


def glue(x):
    return ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (x.shape[0], x.shape[2], -1))


def qkv(self, query, value, key):
    return (
        cut(project(query, self.query_weights), self.num_heads),
        cut(project(key, self.key_weights), self.num_heads),
        cut(project(value, self.value_weights), self.num_heads),
    )


def hidden(scores, mask):
    if mask is None:
        return scores
    mask = ops.convert_to_tensor(mask)
    if len(mask.shape) == 3:
        mask = mask[:, None]
    return ops.where(mask, scores, -1e9)


def end(self, weights, v, training, asked):
    output = project(glue(ops.matmul(self.dropout_layer(weights, training=training), v)), self.output_weights)
    return (output, weights) if asked else output


def right_scores(self, q, k, mask):
    return hidden(ops.einsum("bhtk,bhsk->bhts", q, k) / np.sqrt(self.key_dim), mask)


def four_axes(mask):
    mask = ops.cast(mask, "float32")
    return mask[:, None] if len(mask.shape) == 3 else mask
