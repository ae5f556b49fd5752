"""What the answers of this lesson share."""

import numpy as np
import tensorflow as tf


def softmax(x, axis=-1):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def fitted(mask, scores):
    mask = tf.convert_to_tensor(mask)
    return mask[:, tf.newaxis] if mask.shape.rank == 3 and scores.shape.rank == 4 else mask


def tf_attention(q, k, v, mask=None, scale=None, hide=None, keep=None):
    """What a learner's answer in TensorFlow looks like, with holes."""
    scores = tf.matmul(q, k, transpose_b=True) * (1 / np.sqrt(k.shape[-1]) if scale is None else scale)
    if mask is not None:
        mask = fitted(mask, scores)
        scores = tf.where(mask, scores, -1e9) if hide is None else hide(scores, mask)
    weights = tf.nn.softmax(scores, axis=-1)
    if mask is not None:
        weights = tf.where(mask, weights, 0.0) if keep is None else keep(weights, mask)
    return tf.matmul(weights, v), weights
