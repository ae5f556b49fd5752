"""Extractive question answering in Keras and TensorFlow: the pre-trained encoder, and one dense layer on it.

`fine_tune` learns from questions in SQuAD's format, `load` reads what was saved; both give a `QuestionAnswering`.
"""

import os
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from utils.encoders import load_encoder, named_weights, random_encoder
from utils.layers.masks import lowest
from utils.tasks.passages import Settings
from utils.tasks.reader import Lessons, Reader, lessons, read_saved, run_steps, threshold_after
from utils.tasks.spans import best_spans, char_span_to_tokens, exact_match_and_f1, make_windows

__all__ = [
    "QuestionAnswering",
    "SpanModel",
    "best_spans",
    "char_span_to_tokens",
    "exact_match_and_f1",
    "fine_tune",
    "load",
    "make_windows",
    "qa_loss",
    "qa_train_step",
]
LEARNING_RATE = 2e-4
WARM_UP = 0.1  # share of the steps in which the learning rate rises
WEIGHT_DECAY = 0.01
CLIP_NORM = 1.0


def qa_loss(start_positions, end_positions, start_logits, end_logits):
    """How surprised the model is by the answer's first and its last token: two choices among the T tokens.

    Args:
        start_positions: (B,), the number of the answer's first token.
        end_positions: (B,), the number of its last.
        start_logits: (B, T).
        end_logits: (B, T).

    Returns:
        The cross-entropy in nats, a scalar: the mean over the batch and over both choices.
    """
    start = ops.sparse_categorical_crossentropy(start_positions, start_logits, from_logits=True)  # (B,)
    end = ops.sparse_categorical_crossentropy(end_positions, end_logits, from_logits=True)  # (B,)
    return ops.mean((start + end) / 2)


@keras.saving.register_keras_serializable(package="transformer_course")
class SpanModel(keras.Model):
    """An encoder, and a dense layer that gives each token two numbers: does the answer begin here, end here?

    Args:
        encoder: gives hidden states (B, T, D).

    Call arguments:
        token_ids: (B, T). token_type_ids: (B, T). padding_mask: bool (B, T), True = token.
        Returns start and end logits (B, T); at padding they are so low that nothing begins or ends there.
    """

    def __init__(self, encoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.span = keras.layers.Dense(2, kernel_initializer=keras.initializers.TruncatedNormal(stddev=0.02))
        self.span.build((None, None, encoder.embedding_dim))

    def call(self, token_ids, token_type_ids, padding_mask, training=None):
        """Start and end logits (B, T)."""
        hidden = self.encoder(token_ids, token_type_ids, padding_mask, training=training)  # (B, T, D)
        logits = self.span(hidden)  # (B, T, 2)
        logits = ops.where(ops.expand_dims(padding_mask, -1), logits, lowest(logits.dtype))
        return logits[..., 0], logits[..., 1]


def qa_train_step(model, optimizer, token_ids, token_type_ids, padding_mask, start_positions, end_positions):
    """Moves every weight a little so that the right span becomes likelier.

    Args:
        model: a `SpanModel`.
        optimizer: a Keras optimizer.
        token_ids: (B, T).
        token_type_ids: (B, T), 0 question, 1 context.
        padding_mask: bool (B, T), True = token.
        start_positions: (B,).
        end_positions: (B,).

    Returns:
        The loss before the step, a scalar.
    """
    with tf.GradientTape() as tape:
        start_logits, end_logits = model(token_ids, token_type_ids, padding_mask, training=True)
        loss = qa_loss(start_positions, end_positions, start_logits, end_logits)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


class QuestionAnswering(Reader):
    """Answers questions about passages; see `utils.tasks.reader.Reader`.

    Args:
        model: a `SpanModel`.
        folder, settings, history: see `Reader`.
    """

    def __init__(self, model: SpanModel, folder: str | os.PathLike, settings: Settings, history: dict | None = None):
        super().__init__(folder, settings, history)
        self.model = model
        inputs = [tf.TensorSpec((None, None), dtype) for dtype in ("int32", "int32", "bool")]
        self._logits = tf.function(lambda *batch: model(*batch, training=False), input_signature=inputs)

    def logits(self, token_ids, token_type_ids, padding_mask):
        """See `Reader.logits`."""
        return tuple(part.numpy() for part in self._logits(token_ids, token_type_ids, padding_mask))

    def weights(self):
        """See `Reader.weights`."""
        return {path: as_matrix(path, w) for path, w in all_weights(self.model).items()}


def all_weights(model: SpanModel) -> dict[str, keras.Variable]:
    """Every weight by its path."""
    return named_weights(model.encoder) | {"span/kernel": model.span.kernel, "span/bias": model.span.bias}


def as_matrix(path: str, weight) -> np.ndarray:
    """A kernel as the matrix it is, (inputs, outputs), a bias as a vector; embeddings as they are."""
    array = np.asarray(weight)
    if path.endswith("output_kernel"):
        return array.reshape(-1, array.shape[-1])
    if path.endswith("_kernel"):
        return array.reshape(array.shape[0], -1)
    return array.reshape(-1) if path.endswith("_bias") else array


def fine_tune(train, dev=None, encoder="minilm", steps: int | None = None, batch_size: int | None = None,
              learning_rate: float | None = None, seed: int = 0, out: str | os.PathLike | None = None,
              pretrained: bool = True, on_step: Callable | None = None, progress: bool = True,
              **options) -> QuestionAnswering:  # fmt: skip
    """Teaches an encoder to find answers.

    Args:
        train: the path of a SQuAD file, a list of them, or a list of `Question`.
        dev: the same: the threshold under which a question is declined is chosen on it.
        encoder: "minilm", or the folder of a BERT or DistilBERT.
        steps: how many; None is three times all windows, at least 200.
        batch_size: windows a step; None is 16.
        learning_rate: its peak; None is 2e-4.
        seed: of the head, the dropout and the order.
        out: a folder to save the model to.
        pretrained: False begins with random weights instead.
        on_step: called after each step as on_step(step, loss).
        progress: show a bar.
        options: fields of `utils.tasks.passages.Settings`, or negatives: see `to_learn_from`.

    Returns:
        The model; its `history` has the losses under "loss".
    """
    data = lessons(train, dev, encoder, steps, batch_size, seed, **options)
    keras.utils.set_random_seed(seed)
    model = SpanModel(load_encoder(data.folder) if pretrained else random_encoder(data.config))
    losses = learn(model, data, learning_rate or LEARNING_RATE, on_step, progress)
    reader = QuestionAnswering(model, data.folder, data.settings, {"loss": losses})
    threshold_after(reader, data)
    if out is not None:
        reader.save(out)
    return reader


def learn(model: SpanModel, data: Lessons, learning_rate: float, on_step: Callable | None,
          progress: bool) -> np.ndarray:  # fmt: skip
    """Trains; returns the loss of every step. Ctrl-C ends it after the step at hand."""
    optimizer = make_optimizer(learning_rate, data.steps)
    optimizer.build(model.trainable_variables)
    shapes = [(None, None)] * 3 + [(None,)] * 2
    kinds = ("int32", "int32", "bool", "int32", "int32")
    signature = [tf.TensorSpec(shape, kind) for shape, kind in zip(shapes, kinds, strict=True)]
    run = tf.function(lambda *batch: qa_train_step(model, optimizer, *batch), signature, autograph=False)
    return run_steps(data, lambda batch: run(*batch), on_step, progress)


def make_optimizer(learning_rate: float, steps: int) -> keras.optimizers.Optimizer:
    """AdamW: the rate rises for a tenth of the steps, then falls in a line to zero; no decay of biases and norms."""
    warm_up = max(1, round(WARM_UP * steps))
    schedule = keras.optimizers.schedules.PolynomialDecay(learning_rate, max(1, steps - warm_up), 0.0)
    optimizer = keras.optimizers.AdamW(
        WarmUp(schedule, learning_rate, warm_up), WEIGHT_DECAY, global_clipnorm=CLIP_NORM
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule that begins after so many steps, in which the rate rises in a line to its peak."""

    def __init__(self, schedule, peak: float, steps: int):
        self.schedule, self.peak, self.steps = schedule, peak, steps

    def __call__(self, step):
        """The rate at a step."""
        step = ops.cast(step, "float32")
        return ops.where(
            step < self.steps, self.peak * (step + 1) / self.steps, self.schedule(ops.maximum(step - self.steps, 0.0))
        )

    def get_config(self):
        """Its arguments."""
        return {"schedule": self.schedule, "peak": self.peak, "steps": self.steps}


def load(folder: str | os.PathLike) -> QuestionAnswering:
    """Reads what `save` wrote, whichever framework it was trained in.

    Raises:
        EncoderError: the folder does not hold such a model, whole.
    """
    config, weights, settings = read_saved(folder)
    model = SpanModel(random_encoder(config))
    for path, weight in all_weights(model).items():
        weight.assign(weights[path].reshape(weight.shape))
    return QuestionAnswering(model, folder, settings)
