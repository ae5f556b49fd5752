"""Wrong answers to merge_heads."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def reshaped_only(x):
    B, H, T, K = x.shape
    return np.reshape(x, (B, T, H * K))


def shuffled_columns(x):
    B, H, T, K = x.shape
    return np.einsum("bhtk->btkh", x).reshape(B, T, -1)


def swapped_behind(x):
    B, H, T, K = x.shape
    return tf.reshape(tf.transpose(x, (0, 1, 3, 2)), (B, T, H * K))


def averaged(x):
    return tf.reduce_mean(x, axis=1)


def summed(x):
    return ops.sum(x, axis=1)


def below_one_another(x):
    return np.concatenate([x[:, h] for h in range(x.shape[1])], axis=1)


def still_four_axes(x):
    return np.swapaxes(x, 1, 2)


def words_last(x):
    return np.concatenate([np.swapaxes(x[:, h], 1, 2) for h in range(x.shape[1])], axis=1)


def three_axes_lost(x):
    B, H, T, K = x.shape
    return x.transpose(0, 2, 1, 3).reshape(-1, H * K)


def last_head_first(x):
    return np.concatenate([x[:, h] for h in range(x.shape[1])][::-1], axis=-1)


def first_head_only(x):
    return x[:, 0, :, :]


def size_of_the_batch(x):
    B, H, T, K = x.shape
    return ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (B, T, H * K))


def number_of_sentences(x):
    x = ops.swapaxes(x, 1, 2)
    return ops.reshape(x, (len(x), x.shape[1], -1))


def width_left_open(x):
    x = tf.transpose(x, (0, 2, 1, 3))
    return tf.reshape(x, (tf.shape(x)[0], tf.shape(x)[1], -1))


def by_its_numbers(x):
    x = ops.convert_to_tensor(x).numpy()
    return ops.concatenate(list(x.swapaxes(0, 1)), axis=-1)


def axes_backwards(x):
    B, H, T, K = x.shape
    return ops.reshape(ops.transpose(x), (-1, T, H * K))


def list_of_heads(x):
    return tf.unstack(x, axis=1)


def lengths_after_the_swap(x):
    x = ops.transpose(x, (0, 2, 1, 3))
    return ops.reshape(x, (-1, x.shape[2], x.shape[1] * x.shape[3]))


def stacked_last(x):
    return ops.stack([x[:, h] for h in range(x.shape[1])], axis=-1)


def heads_to_the_batch(x):
    return ops.concatenate(ops.unstack(ops.convert_to_tensor(x), axis=1), axis=0)


def an_axis_left(x):
    return ops.concatenate(ops.split(x, x.shape[1], axis=1), axis=-1)


def flattened(x):
    return keras.layers.Flatten()(ops.transpose(x, (0, 2, 1, 3)))


def one_column_further(x):
    B, H, T, K = x.shape
    merged = np.zeros((B, T, H * K))
    for h in range(H):
        merged[:, :, h : h + K] = x[:, h]
    return merged


def last_head_only(x):
    for h in range(x.shape[1]):
        merged = x[:, h]
    return merged


def two_heads(x):
    return ops.concatenate([x[:, 0], x[:, 1]], axis=-1)


def numpy_in_the_graph(x):
    return tf.numpy_function(lambda x: np.concatenate(list(x.swapaxes(0, 1)), -1), [x], tf.float32)


MUTANTS = [
    (lengths_after_the_swap, "after the swap"),
    (stacked_last, "on an axis of their own"),
    (heads_to_the_batch, "gone to the batch"),
    (an_axis_left, "an axis of length 1 is left"),
    (flattened, "lost their axis"),
    (one_column_further, "strips overlap"),
    (last_head_only, "only the last head"),
    (two_heads, "two heads are written in"),
    (numpy_in_the_graph, "number of axes open"),
    (width_left_open, "width of a word open"),
    (by_its_numbers, "no numbers yet"),
    (axes_backwards, "in another order before the reshape"),
    (list_of_heads, "a list of heads"),
    (reshaped_only, "without swapping axes first"),
    (shuffled_columns, "shuffled like cards"),
    (swapped_behind, "swap H and T"),
    (averaged, "averaged"),
    (summed, "added up"),
    (below_one_another, "one below the other"),
    (still_four_axes, "still two"),
    (words_last, "words and columns are swapped"),
    (three_axes_lost, "one axis"),
    (last_head_first, "reverse order"),
    (size_of_the_batch, "x.shape[0] is None"),
    (number_of_sentences, "x.shape[0] is None"),
    (first_head_only, "only the first head"),
]
