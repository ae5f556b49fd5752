"""Unusual right answers to next_token_loss."""

import keras
import tensorflow as tf
from keras import ops


def by_tensorflow(token_ids, logits, pad_id=0):
    labels = tf.convert_to_tensor(token_ids)[:, 1:]
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, tf.convert_to_tensor(logits)[:, :-1])
    mask = tf.cast(labels != pad_id, losses.dtype)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def by_keras(token_ids, logits, pad_id=0):
    labels = ops.convert_to_tensor(token_ids)[:, 1:]
    losses = keras.losses.sparse_categorical_crossentropy(labels, logits[:, :-1], from_logits=True)
    kept = ops.where(labels == pad_id, 0.0, losses)
    return ops.sum(kept) / ops.maximum(1.0, ops.sum(ops.cast(labels != pad_id, "float32")))


def by_one_hot(ids, scores, pad_id=0):
    asked, scores = ids[:, 1:], ops.convert_to_tensor(scores)[:, :-1, :]
    right = ops.sum(scores * ops.one_hot(asked, scores.shape[-1]), axis=-1)
    losses = ops.logsumexp(scores, axis=-1) - right
    weight = ops.cast(asked != pad_id, "float32")
    return ops.sum(losses * weight) / (ops.sum(weight) + ops.cast(ops.sum(weight) == 0, "float32"))


def rolled_and_cut(token_ids, logits, pad_id=0):
    labels = ops.roll(ops.convert_to_tensor(token_ids), -1, axis=1)
    log_p = ops.log_softmax(ops.convert_to_tensor(logits), axis=-1)
    picked = ops.take_along_axis(log_p, ops.expand_dims(labels, -1), axis=-1)[:, :-1, 0]
    is_token = ops.cast(labels[:, :-1] != pad_id, picked.dtype)
    return -ops.sum(picked * is_token) / ops.maximum(ops.sum(is_token), 1)


def tokens_alone(token_ids, logits, pad_id=0):
    """What is not asked for is taken out first; an `if` over a tensor, which the training step's graph can read."""
    labels, scores = tf.convert_to_tensor(token_ids)[:, 1:], tf.convert_to_tensor(logits)[:, :-1]
    kept = labels != pad_id
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels[kept], scores[kept])
    if tf.size(losses) > 0:
        loss = tf.reduce_mean(losses)
    else:
        loss = 0.0
    return loss


def place_by_place(token_ids, logits, pad_id=0):
    total, count = 0.0, 0.0
    for t in range(logits.shape[1] - 1):
        log_p = ops.log_softmax(logits[:, t], axis=-1)
        asked = (
            ops.one_hot(token_ids[:, t + 1], logits.shape[-1])
            * ops.cast(token_ids[:, t + 1] != pad_id, "float32")[:, None]
        )
        total, count = total - ops.sum(log_p * asked), count + ops.sum(asked)
    return total / ops.maximum(count, 1)


ALTERNATIVES = [tokens_alone, place_by_place, by_tensorflow, by_keras, by_one_hot, rolled_and_cut]
