"""Unusual right answers to entity_f1."""

import numpy as np
import tensorflow as tf

from tests.alternatives.named_entity_recognition.shared import decode_by_growing, decode_by_starts


def f1_by_numbered_entities(gold, predicted):
    def everything(side):
        return {(n, *entity) for n, labels in enumerate(side) for entity in decode_by_growing(labels)}

    g, p = everything(gold), everything(predicted)
    right = len(g & p)
    scores = np.divide([right, right, 2 * right], np.maximum([len(p), len(g), len(p) + len(g)], 1))
    return dict(zip(("precision", "recall", "f1"), scores, strict=True))


def f1_by_loops(y_true, y_pred):
    tp = fp = fn = 0
    for g, p in zip(y_true, y_pred, strict=True):
        g, p = list(decode_by_starts(g)), list(decode_by_starts(p))
        tp += sum(entity in g for entity in p)
        fp += sum(entity not in g for entity in p)
        fn += sum(entity not in p for entity in g)
    f1 = tf.math.divide_no_nan(2.0 * tp, 2.0 * tp + fp + fn)
    return {
        "recall": tp / (tp + fn) if tp else 0,
        "precision": tp / (tp + fp) if tp else 0,
        "f1": f1,
        "support": tp + fn,
    }


ALTERNATIVES = [f1_by_numbered_entities, f1_by_loops]
