"""Unusual right answers to train_step."""

import tensorflow as tf

from utils.training.losses import masked_loss
from utils.training.steps import CLIP_NORM


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


def step_over_all_that_has_a_gradient(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        loss = masked_loss(labels, model((source_ids, target_inputs), training=True), model.pad_id, label_smoothing)
    pairs = zip(tape.gradient(loss, model.variables), model.variables, strict=True)
    pairs = [(tf.convert_to_tensor(g), v) for g, v in pairs if g is not None]  # dropout's own numbers have none
    gradients, _ = tf.clip_by_global_norm([g for g, _ in pairs], CLIP_NORM)
    optimizer.apply_gradients([(g, v) for g, (_, v) in zip(gradients, pairs, strict=True)])
    return loss


def step_with_everything_in_the_tape(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        loss = masked_loss(labels, model((source_ids, target_inputs), training=True), model.pad_id, label_smoothing)
        gradients = tape.gradient(loss, model.trainable_variables, unconnected_gradients="zero")
        gradients = [tf.convert_to_tensor(g) for g in gradients]
        length = tf.linalg.global_norm(gradients)
        gradients = tf.cond(length > 1, lambda: [g / length for g in gradients], lambda: gradients)
        optimizer.apply(gradients)
    return loss


ALTERNATIVES = [
    step_over_all_that_has_a_gradient,
    step_with_everything_in_the_tape,
    step_by_apply,
    step_clipped_by_hand,
    step_through_the_call,
]
