"""Unusual right answers to lesson 08."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from utils.training.losses import masked_loss
from utils.training.steps import CLIP_NORM


def loss_by_log_softmax(labels, logits, pad_id=0, label_smoothing=0.0):
    log_p = tf.nn.log_softmax(tf.cast(logits, tf.float32), axis=-1)
    right = tf.gather(log_p, labels, axis=-1, batch_dims=2)
    losses = -(1 - label_smoothing) * right - label_smoothing * tf.reduce_mean(log_p, axis=-1)
    mask = tf.cast(tf.not_equal(labels, pad_id), tf.float32)
    return tf.reduce_sum(losses * mask) / tf.maximum(tf.reduce_sum(mask), 1.0)


def loss_by_keras(labels, logits, pad_id=0, label_smoothing=0.0):
    own = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=label_smoothing, reduction=None)
    losses = own(ops.one_hot(labels, logits.shape[-1]), logits)
    mask = ops.cast(ops.not_equal(labels, pad_id), losses.dtype)
    return ops.sum(losses * mask) / ops.maximum(ops.sum(mask), 1)


def loss_by_keras_ops(y, scores, pad_id=0, label_smoothing=0.0):
    targets = ops.one_hot(y, scores.shape[-1]) * (1 - label_smoothing) + label_smoothing / scores.shape[-1]
    losses = ops.logsumexp(scores, axis=-1) - ops.sum(targets * scores, axis=-1)
    losses = ops.where(ops.equal(y, pad_id), 0.0, losses)
    count = ops.sum(ops.cast(ops.not_equal(y, pad_id), "float32"))
    return ops.sum(losses) / ops.maximum(count, 1.0)


def loss_by_boolean_mask(labels, logits, pad_id=0, label_smoothing=0.0):
    mask = tf.not_equal(labels, pad_id)
    labels, logits = tf.boolean_mask(labels, mask), tf.boolean_mask(logits, mask)
    targets = tf.one_hot(labels, logits.shape[-1])
    targets = targets * (1 - label_smoothing) + label_smoothing / logits.shape[-1]
    total = tf.reduce_sum(tf.nn.softmax_cross_entropy_with_logits(targets, logits))
    return total / tf.cast(tf.maximum(tf.size(labels), 1), tf.float32)


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


def schedule(name, rate):
    class WarmupSchedule(keras.optimizers.schedules.LearningRateSchedule):
        def __init__(self, d_model, warmup_steps=4000):
            self.d_model, self.warmup_steps = d_model, warmup_steps

        def __call__(self, step):
            return rate(self, step)

        def get_config(self):
            return {"d_model": self.d_model, "warmup_steps": self.warmup_steps}

    WarmupSchedule.__name__ = name
    return WarmupSchedule


def by_tensorflow(self, step):
    step = tf.cast(step, tf.float32)
    arg1 = tf.math.rsqrt(step)
    arg2 = step * (self.warmup_steps**-1.5)
    return tf.math.rsqrt(tf.cast(self.d_model, tf.float32)) * tf.math.minimum(arg1, arg2)


def by_where(self, step):
    step = ops.cast(step, "float32")
    up, down = step / self.warmup_steps**1.5, 1 / ops.sqrt(ops.maximum(step, 1))
    return ops.where(step < self.warmup_steps, up, down) / self.d_model**0.5


def by_the_peak(self, step):
    step, peak = tf.cast(step, tf.float32), (self.d_model * self.warmup_steps) ** -0.5
    return peak * tf.minimum(step / self.warmup_steps, tf.sqrt(self.warmup_steps / tf.maximum(step, 1.0)))


def by_cond(self, step):
    step = tf.cast(step, tf.float32)
    up, down = (lambda: step * self.warmup_steps**-1.5), (lambda: step**-0.5)
    return self.d_model**-0.5 * tf.cond(step < self.warmup_steps, up, down)


def step_by_apply(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    weights = model.trainable_weights
    with tf.GradientTape() as tape:
        logits = model([source_ids, target_inputs], training=True)
        loss = masked_loss(labels, logits, pad_id=model.pad_id, label_smoothing=label_smoothing)
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, weights)]
    optimizer.apply(tf.clip_by_global_norm(gradients, CLIP_NORM)[0], weights)
    return loss


def step_clipped_by_hand(model, optimizer, source, said, y, label_smoothing=0.1):
    with tf.GradientTape(persistent=True) as tape:
        loss = masked_loss(y, model((source, said), training=True), model.pad_id, label_smoothing)
    gradients = [tf.convert_to_tensor(tape.gradient(loss, v)) for v in model.trainable_variables]
    norm = tf.sqrt(sum(tf.reduce_sum(g**2) for g in gradients))
    factor = tf.minimum(1.0, CLIP_NORM / norm)
    optimizer.apply_gradients((g * factor, v) for g, v in zip(gradients, model.trainable_variables, strict=True))
    return tf.identity(loss)


def step_through_the_call(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model.call((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    pairs = list(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables, strict=True))
    gradients, _ = tf.clip_by_global_norm([tf.convert_to_tensor(g) for g, _ in pairs], 1.0)
    optimizer.apply_gradients([(g, v) for g, (_, v) in zip(gradients, pairs, strict=True)])
    return loss


ALTERNATIVES = {
    "masked_loss": [loss_by_log_softmax, loss_by_keras, loss_by_keras_ops, loss_by_boolean_mask],
    "masked_accuracy": [accuracy_by_numpy, accuracy_by_loops, accuracy_by_keras_ops, accuracy_by_weights],
    "WarmupSchedule": [schedule(f.__name__, f) for f in (by_tensorflow, by_where, by_the_peak, by_cond)],
    "train_step": [step_by_apply, step_clipped_by_hand, step_through_the_call],
}
