"""Wrong answers to split_heads."""

import numpy as np
import tensorflow as tf
from keras import ops


def straight(x, num_heads):
    B, T, D = x.shape
    return tf.reshape(x, (B, num_heads, T, D // num_heads))


def not_transposed(x, num_heads):
    return ops.reshape(x, (x.shape[0], x.shape[1], num_heads, -1))


def every_hth_column(x, num_heads):
    return np.stack([x[:, :, h::num_heads] for h in range(num_heads)], axis=1)


def heads_as_width(x, num_heads):
    B, T, D = x.shape
    return np.transpose(np.reshape(x, (B, T, D // num_heads, num_heads)), (0, 2, 1, 3))


def columns_before_words(x, num_heads):
    B, T, D = x.shape
    return tf.transpose(tf.reshape(x, (B, T, num_heads, D // num_heads)), (0, 2, 3, 1))


def wrong_pair_swapped(x, num_heads):
    B, T, D = x.shape
    return np.swapaxes(x.reshape(B, T, num_heads, D // num_heads), 2, 3)


def heads_first(x, num_heads):
    return np.array(np.split(x, num_heads, axis=2))


def heads_in_the_batch(x, num_heads):
    return ops.concatenate(ops.split(x, num_heads, axis=-1), axis=0)


def words_cut(x, num_heads):
    B, T, D = x.shape
    return np.reshape(x, (B, num_heads, T // num_heads, D))


def last_strip_first(x, num_heads):
    K = x.shape[-1] // num_heads
    return np.stack([x[..., h * K : (h + 1) * K] for h in reversed(range(num_heads))], axis=1)


def list_of_heads(x, num_heads):
    return tf.split(x, num_heads, axis=-1)


def forgot_return(x, num_heads):
    ops.transpose(ops.reshape(x, (*x.shape[:2], num_heads, -1)), (0, 2, 1, 3))


def size_of_the_batch(x, num_heads):
    B, T, D = x.shape
    x = ops.reshape(x, (B, T, num_heads, D // num_heads))
    return ops.transpose(x, (0, 2, 1, 3))


def size_of_the_batch_in_tensorflow(x, num_heads):
    x = tf.reshape(x, (x.shape[0], x.shape[1], num_heads, -1))
    return tf.transpose(x, perm=[0, 2, 1, 3])


def width_left_open(x, num_heads):
    B, T = ops.shape(x)[0], ops.shape(x)[1]
    return ops.transpose(ops.reshape(x, (B, T, num_heads, -1)), (0, 2, 1, 3))


def sentence_by_sentence(x, num_heads):
    x = ops.convert_to_tensor(x)
    each = [ops.reshape(x[b], (x.shape[1], num_heads, -1)) for b in range(x.shape[0])]
    return ops.stack([ops.transpose(words, (1, 0, 2)) for words in each])


def sentences_gone_through(x, num_heads):
    K = x.shape[-1] // num_heads
    return ops.stack([ops.transpose(ops.reshape(words, (-1, num_heads, K)), (1, 0, 2)) for words in x])


def size_as_a_number(x, num_heads):
    B = int(ops.shape(x)[0])
    x = ops.reshape(x, (B, -1, num_heads, x.shape[-1] // num_heads))
    return ops.transpose(x, (0, 2, 1, 3))


def by_its_numbers(x, num_heads):
    x = ops.convert_to_tensor(x).numpy()
    return ops.stack(np.split(x, num_heads, axis=-1), axis=1)


def method_of_arrays(x, num_heads):
    x = x.reshape(-1, x.shape[1], num_heads, x.shape[2] // num_heads)
    return ops.transpose(x, (0, 2, 1, 3))


def strips_that_overlap(x, num_heads):
    K = x.shape[-1] // num_heads
    return ops.stack([x[:, :, h : h + K] for h in range(num_heads)], axis=1)


def another_order(x, num_heads):
    x = ops.reshape(x, (-1, x.shape[1], num_heads, x.shape[2] // num_heads))
    return ops.transpose(x, (0, 3, 1, 2))


def axes_backwards(x, num_heads):
    return ops.transpose(ops.reshape(x, (-1, x.shape[1], num_heads, x.shape[2] // num_heads)))


def swapped_before(x, num_heads):
    B, T, D = x.shape
    return ops.reshape(ops.transpose(x, (0, 2, 1)), (-1, num_heads, T, D // num_heads))


def two_written_in(x, num_heads):
    return ops.stack(ops.split(x, 2, axis=-1), axis=1)


def last_column_lost(x, num_heads):
    K = x.shape[2] // num_heads
    return ops.stack([x[:, :, h * K : (h + 1) * K - 1] for h in range(num_heads)], axis=1)


def tensorflows_shape_taken_apart(x, num_heads):
    B, T, D = tf.shape(x)
    return tf.transpose(tf.reshape(x, (B, T, num_heads, D // num_heads)), (0, 2, 1, 3))


def numpy_in_the_graph(x, num_heads):
    return tf.numpy_function(lambda x: np.stack(np.split(x, num_heads, -1), 1), [x], x.dtype)


MUTANTS = [
    (another_order, "in another order behind"),
    (axes_backwards, "in another order behind"),
    (swapped_before, "swapped before the reshape"),
    (two_written_in, "two heads are written in"),
    (last_column_lost, "lacks its last column"),
    (tensorflows_shape_taken_apart, "no numbers yet"),
    (numpy_in_the_graph, "number of axes open"),
    (sentences_gone_through, "no sentences to go through"),
    (size_as_a_number, "no numbers yet"),
    (by_its_numbers, "no numbers yet"),
    (method_of_arrays, "no numbers yet"),
    (strips_that_overlap, "strips overlap"),
    (straight, "reshaped straight"),
    (not_transposed, "behind the words"),
    (every_hth_column, "every H-th column"),
    (heads_as_width, "taken for the width"),
    (columns_before_words, "last two axes are swapped"),
    (wrong_pair_swapped, "axes H and K are swapped"),
    (heads_first, "before the batch"),
    (heads_in_the_batch, "share one axis"),
    (words_cut, "words were cut"),
    (last_strip_first, "reverse order"),
    (list_of_heads, "list of heads"),
    (size_of_the_batch, "x.shape[0] is None"),
    (size_of_the_batch_in_tensorflow, "x.shape[0] is None"),
    (width_left_open, "width of a head open"),
    (sentence_by_sentence, "x.shape[0] is None"),
    (forgot_return, "`return` missing"),
]
