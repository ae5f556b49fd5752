"""What training makes small, and what it watches: both count words, never padding."""

import keras
import tensorflow as tf

from utils.layers.contract import check_rate


def masked_loss(labels, logits, pad_id: int = 0, label_smoothing: float = 0.0) -> tf.Tensor:
    """Cross-entropy, averaged over the tokens that are not padding (Vaswani et al. 2017, section 5.4).

    Args:
        labels: the right token at each position, (B, T) whole numbers.
        logits: a score for each word, before any softmax, (B, T, V).
        pad_id: the id that fills short sentences up.
        label_smoothing: ε in [0, 1): the right word is worth 1 - ε + ε/V, every other ε/V.

    Returns:
        A scalar in nats a token; 0 where all is padding.

    Raises:
        ValueError: the shapes do not fit, or ε lies outside [0, 1).
    """
    labels, logits = check_predictions(labels, logits)
    check_rate(label_smoothing=label_smoothing)
    share = label_smoothing / logits.shape[-1]  # ε/V
    targets = tf.one_hot(labels, logits.shape[-1], on_value=1 - label_smoothing + share, off_value=share)
    losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)  # (B, T)
    is_token = tf.cast(tf.not_equal(labels, pad_id), losses.dtype)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * is_token), tf.reduce_sum(is_token))


def masked_accuracy(labels, logits, pad_id: int = 0) -> tf.Tensor:
    """The share of tokens, padding left out, whose highest score is the right word's.

    Args:
        labels: the right token at each position, (B, T) whole numbers.
        logits: a score for each word, (B, T, V).
        pad_id: the id that fills short sentences up.

    Returns:
        A scalar from 0 to 1; 0 where all is padding.

    Raises:
        ValueError: the shapes do not fit.
    """
    labels, logits = check_predictions(labels, logits)
    is_token = tf.not_equal(labels, pad_id)
    right = tf.equal(labels, tf.argmax(logits, axis=-1, output_type=labels.dtype)) & is_token
    right, is_token = tf.cast(right, "float32"), tf.cast(is_token, "float32")
    return tf.math.divide_no_nan(tf.reduce_sum(right), tf.reduce_sum(is_token))


@keras.saving.register_keras_serializable(package="transformer_course")
class MaskedLoss(keras.losses.Loss):
    """`masked_loss` for Keras' own `compile` and `fit`, on several devices too.

    There Keras divides by the number of devices what has one number a sentence, and forgets to where a loss is
    a single number already: loss and gradient would double on two. So each sentence gets the batch's mean.
    The mean is over each device's tokens; it is that of the whole batch where all have equally many.

    Args:
        pad_id, label_smoothing: see `masked_loss`.
    """

    def __init__(self, pad_id=0, label_smoothing=0.0, name="masked_loss", **kwargs):
        super().__init__(name=name, **kwargs)
        check_rate(label_smoothing=label_smoothing)
        self.pad_id, self.label_smoothing = pad_id, label_smoothing

    def call(self, y_true, y_pred):
        """Labels (B, T) and logits (B, T, V) to (B,), the same number for each sentence."""
        loss = masked_loss(y_true, y_pred, self.pad_id, self.label_smoothing)
        return tf.fill(tf.shape(y_pred)[:1], loss)

    def get_config(self):
        """What it was made with."""
        return {**super().get_config(), "pad_id": self.pad_id, "label_smoothing": self.label_smoothing}


def check_predictions(labels, logits) -> tuple[tf.Tensor, tf.Tensor]:
    """Labels as int32 (B, T), logits as float32 (B, T, V). Raises ValueError where the shapes do not fit."""
    labels, logits = tf.cast(labels, "int32"), tf.cast(logits, "float32")
    if len(labels.shape) != 2 or len(logits.shape) != 3 or not labels.shape.is_compatible_with(logits.shape[:2]):
        raise ValueError(
            "Labels must have shape (B, T) and logits (B, T, V), with the same B and T. "
            f"Received: labels of shape {tuple(labels.shape)}, logits of shape {tuple(logits.shape)}"
        )
    return labels, logits
