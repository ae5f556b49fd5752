"""Unusual right answers to qa_loss."""

import keras
import tensorflow as tf
from keras import ops


def loss_of_keras(start_positions, end_positions, start_logits, end_logits):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return 0.5 * (loss(start_positions, start_logits) + loss(end_positions, end_logits))


def loss_of_tensorflow(start_positions, end_positions, start_logits, end_logits):
    start = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=start_positions, logits=start_logits)
    end = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=end_positions, logits=end_logits)
    return (tf.reduce_mean(start) + tf.reduce_mean(end)) / 2


def loss_by_picking(start_positions, end_positions, start_logits, end_logits):
    total = 0.0
    for positions, logits in ((start_positions, start_logits), (end_positions, end_logits)):
        total -= ops.mean(ops.take_along_axis(ops.log_softmax(logits), ops.expand_dims(positions, 1), axis=1))
    return total / 2


def loss_by_one_hot(start_positions, end_positions, start_logits, end_logits):
    positions = ops.concatenate([start_positions, end_positions], axis=0)
    logits = ops.concatenate([start_logits, end_logits], axis=0)
    wanted = ops.one_hot(positions, ops.shape(logits)[-1])
    return ops.mean(ops.logsumexp(logits, axis=-1) - ops.sum(ops.where(wanted > 0, logits, 0.0), axis=-1))


def loss_of_pairs(start_positions, end_positions, start_logits, end_logits):
    """A softmax over all pairs of start and end is the product of two."""
    T = ops.shape(start_logits)[1]
    pairs = ops.reshape(start_logits[:, :, None] + end_logits[:, None, :], (-1, T * T))
    wanted = start_positions * ops.cast(T, start_positions.dtype) + end_positions
    return ops.mean(ops.sparse_categorical_crossentropy(wanted, pairs, from_logits=True)) / 2


ALTERNATIVES = [loss_of_keras, loss_of_tensorflow, loss_by_picking, loss_by_one_hot, loss_of_pairs]
