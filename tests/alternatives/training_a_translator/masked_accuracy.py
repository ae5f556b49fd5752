"""Unusual right answers to masked_accuracy."""

import keras
import numpy as np
from keras import ops


def accuracy_by_numpy(labels, logits, pad_id=0):
    mask = labels != pad_id
    return np.mean(np.argmax(logits, axis=-1)[mask] == labels[mask]) if mask.any() else 0.0


def accuracy_by_loops(labels, logits, pad_id=0):
    right = count = 0
    for row, scores in zip(labels, logits, strict=True):
        for label, score in zip(row, scores, strict=True):
            if label != pad_id:
                count += 1
                right += score[label] >= score.max()
    return right / count if count else 0.0


def accuracy_by_keras_ops(y, scores, pad_id=0):
    mask = ops.cast(ops.not_equal(y, pad_id), "float32")
    hit = ops.cast(ops.equal(ops.cast(ops.argmax(scores, axis=-1), "int32"), y), "float32")
    return ops.sum(hit * mask) / ops.maximum(ops.sum(mask), 1)


def accuracy_by_weights(labels, logits, pad_id=0):
    metric = keras.metrics.SparseCategoricalAccuracy()
    metric.update_state(labels, logits, sample_weight=labels != pad_id)
    return metric.result()


def accuracy_by_weighing(labels, logits, pad_id=0):
    mask = labels != pad_id
    return np.average(np.argsort(logits, axis=-1)[..., -1] == labels, weights=mask) if mask.any() else 0


def accuracy_in_a_masked_array(labels, logits, pad_id=0):
    right = np.ma.masked_array(np.argmax(logits, axis=-1) == labels, labels == pad_id)
    return float(right.mean()) if right.count() else 0.0


ALTERNATIVES = [
    accuracy_by_weighing,
    accuracy_in_a_masked_array,
    accuracy_by_numpy,
    accuracy_by_loops,
    accuracy_by_keras_ops,
    accuracy_by_weights,
]
