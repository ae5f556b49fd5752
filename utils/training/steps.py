"""One step of learning: predict, compare, go a little downhill."""

import tensorflow as tf

from utils.training.losses import masked_loss

CLIP_NORM = 1.0  # a gradient longer than this is shortened to it, so that one odd batch cannot undo many


def train_step(model, optimizer, source_ids, target_inputs, labels, label_smoothing: float = 0.1) -> tf.Tensor:
    """Moves every weight a little so that `labels` become likelier. Works eagerly and inside `tf.function`.

    Args:
        model: a `Transformer`.
        optimizer: a Keras optimizer.
        source_ids: (B, S).
        target_inputs: what the decoder reads, start first, (B, T).
        labels: what it should say, end last, (B, T).
        label_smoothing: see `masked_loss`; 0.1 is the paper's (section 5.4).

    Returns:
        The loss before the step, a scalar.
    """
    with tf.GradientTape() as tape:
        logits = model((source_ids, target_inputs), training=True)  # teacher forcing: it reads the right words
        loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
    gradients = tape.gradient(loss, model.trainable_variables)
    gradients = [tf.convert_to_tensor(g) for g in gradients]  # an embedding's come row by row, a word's apart
    gradients, _ = tf.clip_by_global_norm(gradients, CLIP_NORM)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss
