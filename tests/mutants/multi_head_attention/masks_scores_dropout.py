"""Wrong answers to MultiHeadAttention: its mask, what it gives back, its dropout."""

import keras
from keras import ops

from tests.mutants.multi_head_attention.shared import end, four_axes, glue, layer, qkv, right_scores
from utils.layers.attention import project


@layer
def mask_forgotten(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    return end(self, ops.softmax(right_scores(self, q, k, None)), v, training, return_attention_scores)


@layer
def mask_inverted(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    mask = None if attention_mask is None else ops.logical_not(attention_mask)
    return end(self, ops.softmax(right_scores(self, q, k, mask)), v, training, return_attention_scores)


@layer
def mask_times_scores(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    scores = right_scores(self, q, k, None)
    if attention_mask is not None:
        scores = scores * four_axes(attention_mask)
    return end(self, ops.softmax(scores), v, training, return_attention_scores)


@layer
def mask_times_weights(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, None))
    if attention_mask is not None:
        weights = weights * four_axes(attention_mask)
    return end(self, weights, v, training, return_attention_scores)


@layer
def mask_added_as_it_is(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    q, k, v = qkv(self, query, value, value if key is None else key)
    scores = right_scores(self, q, k, None)
    if attention_mask is not None:
        scores += four_axes(attention_mask)
    return end(self, ops.softmax(scores), v, training, return_attention_scores)


@layer
def mask_added_where_allowed(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    q, k, v = qkv(self, query, value, value if key is None else key)
    scores = right_scores(self, q, k, None)
    if attention_mask is not None:
        scores += -1e9 * four_axes(attention_mask)
    return end(self, ops.softmax(scores), v, training, return_attention_scores)


@layer
def three_axes_over_heads(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    q, k, v = qkv(self, query, value, value if key is None else key)
    scores = right_scores(self, q, k, None)
    if attention_mask is not None:
        scores = ops.where(attention_mask, scores, -1e9)
    return end(self, ops.softmax(scores), v, training, return_attention_scores)


@layer
def mask_of_head_zero(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    if attention_mask is not None and attention_mask.ndim == 4:
        attention_mask = attention_mask[:, 0]
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    return end(self, weights, v, training, return_attention_scores)


@layer
def always_a_pair(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    return end(self, ops.softmax(right_scores(self, q, k, attention_mask)), v, training, True)


@layer
def never_a_pair(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    return end(self, ops.softmax(right_scores(self, q, k, attention_mask)), v, training, False)


@layer
def pair_swapped(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    both = end(self, weights, v, training, True)
    return both[::-1] if return_attention_scores else both[0]


@layer
def averaged_scores(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    output = end(self, weights, v, training, False)
    return (output, ops.mean(weights, axis=1)) if return_attention_scores else output


@layer
def raw_scores(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    scores = right_scores(self, q, k, attention_mask)
    output = end(self, ops.softmax(scores), v, training, False)
    return (output, scores) if return_attention_scores else output


@layer
def dropout_forgotten(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    output = project(glue(ops.matmul(weights, v)), self.output_weights)
    return (output, weights) if return_attention_scores else output


@layer
def dropout_always(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    kept = keras.random.dropout(weights, self.dropout) if self.dropout else weights
    output = project(glue(ops.matmul(kept, v)), self.output_weights)
    return (output, weights) if return_attention_scores else output


@layer
def dropout_on_output(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    output = self.dropout_layer(project(glue(ops.matmul(weights, v)), self.output_weights), training=training)
    return (output, weights) if return_attention_scores else output


@layer
def dropout_on_values(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    heads = ops.matmul(weights, self.dropout_layer(v, training=training))
    output = project(glue(heads), self.output_weights)
    return (output, weights) if return_attention_scores else output


@layer
def dropout_on_scores(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    q, k, v = qkv(self, query, value, value if key is None else key)
    scores = right_scores(self, q, k, attention_mask)
    weights = ops.softmax(self.dropout_layer(scores, training=training))
    output = project(glue(ops.matmul(weights, v)), self.output_weights)
    return (output, ops.softmax(scores)) if return_attention_scores else output


@layer
def dropped_scores_returned(
    self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None
):
    q, k, v = qkv(self, query, value, value if key is None else key)
    weights = ops.softmax(right_scores(self, q, k, attention_mask))
    weights = self.dropout_layer(weights, training=training)
    output = project(glue(ops.matmul(weights, v)), self.output_weights)
    return (output, weights) if return_attention_scores else output


MUTANTS = [
    (mask_forgotten, "mask is ignored"),
    (mask_inverted, "turned around"),
    (mask_times_scores, "multiplied into the scores"),
    (mask_times_weights, "after the softmax"),
    (mask_added_as_it_is, "added to the scores as 0 and 1"),
    (mask_added_where_allowed, "turned around"),
    (three_axes_over_heads, "laid over the heads"),
    (mask_of_head_zero, "first head's mask"),
    (always_a_pair, "not asked for"),
    (never_a_pair, "only the output"),
    (pair_swapped, "swapped"),
    (averaged_scores, "averaged over the heads"),
    (raw_scores, "before the softmax"),
    (dropout_forgotten, "never applied"),
    (dropout_always, "outside training"),
    (dropout_on_output, "what the heads give"),
    (dropout_on_values, "on the values"),
    (dropout_on_scores, "before the softmax"),
    (dropped_scores_returned, "those after dropout"),
]
