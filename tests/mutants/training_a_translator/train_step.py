"""Wrong answers to train_step."""

import keras
import tensorflow as tf

from utils.training.losses import masked_loss
from utils.training.steps import CLIP_NORM


def finish(model, optimizer, gradients):
    gradients, _ = tf.clip_by_global_norm([tf.convert_to_tensor(g) for g in gradients], CLIP_NORM)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))


def without_training(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs))
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def reads_the_answer(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, labels), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def learns_to_repeat(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(target_inputs, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def ids_swapped(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((target_inputs, source_ids), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def smoothing_lost(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def smoothing_fixed(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, 0.1)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def padding_lost(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, label_smoothing=label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def unclipped(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


def clipped_to_a_half(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
    gradients, _ = tf.clip_by_global_norm(gradients, 0.5)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


def clipped_one_by_one(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    gradients = tape.gradient(loss, model.trainable_variables)
    gradients = [tf.clip_by_norm(tf.convert_to_tensor(g), CLIP_NORM) for g in gradients]
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


def clipped_by_value(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    gradients = tape.gradient(loss, model.trainable_variables)
    gradients = [tf.clip_by_value(tf.convert_to_tensor(g), -CLIP_NORM, CLIP_NORM) for g in gradients]
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


def rows_not_added(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, model.trainable_variables), CLIP_NORM)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


def uphill(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = -masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return -loss


def never_applied(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    tape.gradient(loss, model.trainable_variables)
    return loss


def outside_the_tape(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    logits = model((source_ids, target_inputs), training=True)
    with tf.GradientTape() as tape:
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def a_float(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss.numpy()


def step_without_return(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    a_float(model, optimizer, source_ids, target_inputs, labels, label_smoothing)


def loss_and_logits(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss, logits


def in_a_list(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        loss = masked_loss(labels, model((source_ids, target_inputs), training=True), model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return [loss]


def tells_the_perplexity(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    return tf.exp(in_a_list(model, optimizer, source_ids, target_inputs, labels, label_smoothing)[0])


def gives_logits(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return logits


def gives_length(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
    gradients, length = tf.clip_by_global_norm(gradients, CLIP_NORM)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return length


def gives_minus(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return -loss


def gives_unsmoothed(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return masked_loss(labels, logits, model.pad_id)


def minus_too_late(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(-loss, model.trainable_variables))
    return loss


def by_hand(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
    gradients, length = tf.clip_by_global_norm(gradients, CLIP_NORM)
    for gradient, weight in zip(gradients, model.trainable_variables, strict=True):
        weight.assign_sub(optimizer.learning_rate * gradient)
    return loss


def one_by_one(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
    gradients, length = tf.clip_by_global_norm(gradients, CLIP_NORM)
    for gradient, weight in zip(gradients, model.trainable_variables, strict=True):
        optimizer.apply([gradient], [weight])
    return loss


def its_own_adam(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
    gradients, length = tf.clip_by_global_norm(gradients, CLIP_NORM)
    keras.optimizers.Adam(1e-3).apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


def applied_twice(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
    gradients, length = tf.clip_by_global_norm(gradients, CLIP_NORM)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


def shifted_again(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs[:, :-1]), training=True)
        loss = masked_loss(labels[:, 1:], logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def started_again(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        target_inputs = tf.pad(target_inputs[:, :-1], [[0, 0], [1, 0]], constant_values=1)
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def plain_loss(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def clipped_to_ten(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
    gradients, length = tf.clip_by_global_norm(gradients, 10.0)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


def every_variable(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        loss = masked_loss(labels, model((source_ids, target_inputs), training=True), model.pad_id, label_smoothing)
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.variables)]
    gradients, _ = tf.clip_by_global_norm(gradients, CLIP_NORM)
    optimizer.apply_gradients(zip(gradients, model.variables, strict=True))
    return loss


def both_results_kept(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        loss = masked_loss(labels, model((source_ids, target_inputs), training=True), model.pad_id, label_smoothing)
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
    gradients = tf.clip_by_global_norm(gradients, CLIP_NORM)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))  # noqa: B905 - as learners write it
    return loss


def pairs_turned_around(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        loss = masked_loss(labels, model((source_ids, target_inputs), training=True), model.pad_id, label_smoothing)
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
    gradients, _ = tf.clip_by_global_norm(gradients, CLIP_NORM)
    optimizer.apply_gradients(zip(model.trainable_variables, gradients, strict=True))
    return loss


def smoothing_in_third_place(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        loss = masked_loss(labels, model((source_ids, target_inputs), training=True), label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def times_the_rate(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        loss = masked_loss(labels, model((source_ids, target_inputs), training=True), model.pad_id, label_smoothing)
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
    gradients, _ = tf.clip_by_global_norm(gradients, CLIP_NORM)
    gradients = [optimizer.learning_rate * g for g in gradients]
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


def counts_for_itself(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        loss = masked_loss(labels, model((source_ids, target_inputs), training=True), model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    optimizer.iterations.assign_add(1)
    return loss


def gives_what_apply_gives(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        loss = masked_loss(labels, model((source_ids, target_inputs), training=True), model.pad_id, label_smoothing)
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
    gradients, _ = tf.clip_by_global_norm(gradients, CLIP_NORM)
    return optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))


def looks_again(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        loss = masked_loss(labels, model((source_ids, target_inputs), training=True), model.pad_id, label_smoothing)
    watched = masked_loss(labels, model((source_ids, target_inputs)), model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return watched


def embeddings_alone(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        loss = masked_loss(labels, model((source_ids, target_inputs), training=True), model.pad_id, label_smoothing)
    pairs = zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables, strict=True)
    optimizer.apply_gradients([(g, v) for g, v in pairs if isinstance(g, tf.IndexedSlices)])
    return loss


def without_the_root(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        loss = masked_loss(labels, model((source_ids, target_inputs), training=True), model.pad_id, label_smoothing)
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
    length = tf.add_n([tf.reduce_sum(tf.square(g)) for g in gradients])
    gradients = [g / tf.maximum(length, 1.0) for g in gradients]
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


def by_sizes(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    B, T = target_inputs.shape
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)
        logits = tf.reshape(logits, (B, T, logits.shape[-1]))
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    finish(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


MUTANTS = [
    (every_variable, "model.trainable_variables"),
    (both_results_kept, "keep the first result"),
    (pairs_turned_around, "the pairs are (gradient, variable)"),
    (smoothing_in_third_place, "expects pad_id"),
    (times_the_rate, "multiplied by the learning rate"),
    (counts_for_itself, "counted twice"),
    (gives_what_apply_gives, "the number of steps came back"),
    (looks_again, "a second look"),
    (embeddings_alone, "only some of the weights"),
    (without_the_root, "the root is missing"),
    (by_sizes, "has no size"),
    (gives_logits, "the logits came back"),
    (gives_length, "gradient's length came back"),
    (gives_minus, "sign turned around"),
    (gives_unsmoothed, "without smoothing"),
    (minus_too_late, "inside the `with`"),
    (by_hand, "moved by hand"),
    (one_by_one, "a step for every weight"),
    (its_own_adam, "a rate of its own"),
    (applied_twice, "applied twice"),
    (shifted_again, "shifted once more"),
    (started_again, "shifted once more"),
    (plain_loss, "counts padding too"),
    (clipped_to_ten, "shortened to 10"),
    (in_a_list, "a list, or several results"),
    (tells_the_perplexity, "the perplexity"),
    (without_training, "dropout is off"),
    (reads_the_answer, "reads the labels"),
    (learns_to_repeat, "one word further on"),
    (ids_swapped, "changed places"),
    (smoothing_lost, "`label_smoothing` does not"),
    (smoothing_fixed, "0.1 is taken"),
    (padding_lost, "pad_id does not reach"),
    (unclipped, "nothing is shortened"),
    (clipped_to_a_half, "shortened to 0.5"),
    (clipped_one_by_one, "by itself"),
    (clipped_by_value, "one by one"),
    (rows_not_added, "lies in rows"),
    (uphill, "uphill"),
    (never_applied, "no weight has moved"),
    (outside_the_tape, "inside the `with`"),
    (a_float, "not compiled"),
    (step_without_return, "nothing came back"),
    (loss_and_logits, "the loss alone"),
]
