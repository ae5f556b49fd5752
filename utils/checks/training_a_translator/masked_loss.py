"""The exercise masked_loss: what must hold, and what each mistake looks like."""

import numpy as np
import tensorflow as tf

from utils.checks.frame import Exercise, Property, case, register
from utils.checks.training_a_translator.masked_loss_mistakes import MISTAKES
from utils.checks.training_a_translator.shared import (
    NO_GRADIENT,
    one_number,
    random_labels,
    random_logits,
    what_is_missing,
)
from utils.training.losses import masked_loss


def _slope(answer, labels, logits, **options):
    """The gradient at the logits, first step by step, then compiled; in words where there is none."""
    labels, logits = tf.constant(labels), tf.constant(logits)

    def gradient(labels, logits):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            losses.append(answer(labels, logits, **options))
        return tape.gradient(losses[-1], logits) if tf.is_tensor(losses[-1]) else None

    losses = []
    found = gradient(labels, logits)
    if found is None or hasattr(losses[-1], "as_compiled"):
        return NO_GRADIENT if found is None else found
    shapes = tf.TensorSpec((None, None), "int32"), tf.TensorSpec((None, None, logits.shape[-1]), "float32")
    try:
        return tf.function(gradient, input_signature=shapes, autograph=False)(labels, logits)
    except Exception as error:  # whatever the answer meets there, among it NotImplementedError, has one of two reasons
        return what_is_missing(error)


register(
    Exercise(
        name="masked_loss",
        notebook="08_training_a_translator",
        reference=masked_loss,
        properties=(
            Property(
                "without padding: the mean of -log p of the right words",
                2,
                lambda rng: [
                    case(np.array([[1]], "int32"), np.array([[[1, 3]]], "float32")),
                    case(np.array([[2, 1]], "int32"), np.array([[[0, 1, 2], [3, 1, 0]]], "float32")),
                    case(random_labels(rng, 2, 3, 5), random_logits(rng, 2, 3, 5)),
                    case(random_labels(rng, 20, 16, 300), random_logits(rng, 20, 16, 300)),  # what 8 bits do not hold
                ],
                read=one_number,
                tolerance=1e-5,  # or a little too small a loss would pass for one that is cut off
            ),
            Property(
                "padding counts for nothing, neither in the sum nor in the number",
                2,
                lambda rng: [
                    case(np.array([[2, 0]], "int32"), np.array([[[0, 1, 2], [3, 1, 4]]], "float32")),
                    case(np.array([[2, 1, 1], [1, 0, 0]], "int32"), random_logits(rng, 2, 3, 4)),
                    case(random_labels(rng, 3, 5, 7, pad_id=0), random_logits(rng, 3, 5, 7)),
                    case(np.array([[2, 1, 3], [0, 0, 0]], "int32"), random_logits(rng, 2, 3, 4)),  # a row to fill up
                ],
                read=one_number,
            ),
            Property(
                "any id can be the padding",
                1,
                lambda rng: [
                    case(np.array([[0, 3, 1, 3]], "int32"), random_logits(rng, 1, 4, 5), pad_id=3),
                    case(random_labels(rng, 3, 4, 6, pad_id=2), random_logits(rng, 3, 4, 6), pad_id=2),
                ],
                read=one_number,
            ),
            Property(
                "label smoothing: the right word is worth 1 - ε + ε/V, every other ε/V",
                2,
                lambda rng: [
                    case(np.array([[1]], "int32"), np.array([[[1, 3, 0]]], "float32"), label_smoothing=0.3),
                    case(random_labels(rng, 2, 3, 5), random_logits(rng, 2, 3, 5), label_smoothing=0.1),
                    case(random_labels(rng, 3, 4, 6, pad_id=0), random_logits(rng, 3, 4, 6), label_smoothing=0.2),
                ],
                read=one_number,
            ),
            Property(
                "logits of a thousand are no trouble",
                1,
                lambda rng: [
                    case(np.array([[1, 2]], "int32"), np.array([[[0, 1000, 0], [0, 1000, 0]]], "float32")),
                    case(random_labels(rng, 2, 3, 5), random_logits(rng, 2, 3, 5, scale=1000.0)),
                ],
                read=one_number,
            ),
            Property(
                "nothing but padding: 0",
                1,
                lambda rng: [
                    case(np.zeros((1, 2), "int32"), random_logits(rng, 1, 2, 3)),
                    case(random_labels(rng, 1, 2, 3), random_logits(rng, 1, 2, 3)),  # else 0 would do for all
                ],
                read=one_number,
            ),
            Property(
                "a gradient passes, also compiled with shapes not known beforehand",
                1,
                lambda rng: [
                    case(random_labels(rng, 2, 3, 5, pad_id=0), random_logits(rng, 2, 3, 5), label_smoothing=0.1),
                ],
                run=_slope,
            ),
        ),
        mistakes=MISTAKES,
        hints=(
            "Three things in a row: what each position should have said, how much it cost, and which positions count.",
            "tf.one_hot takes on_value and off_value; tf.nn.softmax_cross_entropy_with_logits(targets, logits) gives "
            "one loss a position, (B, T), straight from logits.",
            "tf.cast(tf.not_equal(labels, pad_id), losses.dtype) is 1 at words. Sum the losses there, and divide by "
            "how many there are; tf.math.divide_no_nan copes with none.",
        ),
    )
)
