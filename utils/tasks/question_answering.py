"""Extractive question answering in Keras and TensorFlow: the pre-trained encoder, and one dense layer on it.

`fine_tune` learns from questions in SQuAD's format, `load` reads what was saved; both give a `QuestionAnswering`.
"""

import os
from collections.abc import Callable
from pathlib import Path

import keras
from keras import ops

from utils.layers.masks import lowest
from utils.pretrained.encoder import load_encoder, random_encoder
from utils.tasks import fine_tuning
from utils.tasks.labels import IGNORED
from utils.tasks.passages import AS_LEARNT, Settings
from utils.tasks.reader import Lessons, Reader, lessons, read_saved, threshold_after
from utils.tasks.spans import best_spans, char_span_to_tokens, exact_match_and_f1, make_windows
from utils.text.buckets import Anew
from utils.training import cluster
from utils.training.checkpoint import list_checkpoints

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
]
LEARNING_RATE = 2e-4


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
class SpanModel(fine_tuning.EncoderWithHead):
    """An encoder, and a dense layer that gives each token two numbers: does the answer begin here, end here?

    Args:
        encoder: a `PretrainedEncoder`.

    Call arguments:
        token_ids: (B, T). token_type_ids: (B, T). padding_mask: bool (B, T), True = token.
        Returns start and end logits (B, T); at padding they are so low that nothing begins or ends there.
    """

    def __init__(self, encoder, **kwargs):
        super().__init__(encoder, num_outputs=2, dropout_rate=0.0, **kwargs)

    def call(self, token_ids, token_type_ids, padding_mask, training=None):
        """Start and end logits (B, T)."""
        logits = super().call(token_ids, token_type_ids, padding_mask, training=training)  # (B, T, 2)
        logits = ops.where(ops.expand_dims(padding_mask, -1), logits, lowest(logits.dtype))
        return logits[..., 0], logits[..., 1]

    def get_config(self):
        """What it was made with."""
        return {"encoder": self.encoder.get_config()}


def likeness(hidden, sentences, padding_mask):
    """How much liker the question each token's sentence is than the passage as a whole: a difference of two cosines.

    Each of the three has the mean of its tokens' states; the question is sentence 0, from [CLS] to its [SEP].

    Args:
        hidden: (B, T, D), what the encoder makes of the tokens.
        sentences: (B, T), 0 for the question, then 1, 2, … for the passage's sentences.
        padding_mask: bool (B, T), True = token.

    Returns:
        (B, T), -2 to 2; 0 at the question, at padding, and everywhere in a passage that is one sentence.
    """
    passage = ops.logical_and(sentences > 0, padding_mask)  # (B, T)
    same = ops.equal(ops.expand_dims(sentences, 2), ops.expand_dims(sentences, 1))  # (B, T, T)
    same = ops.logical_and(same, ops.expand_dims(padding_mask, 1))
    groups = ops.concatenate([same, ops.expand_dims(passage, 1)], axis=1)  # (B, T + 1, T), the whole passage last
    means = ops.normalize(ops.matmul(ops.cast(groups, hidden.dtype), hidden))  # a sum points where a mean does
    cosines = ops.sum(means * means[:, :1], axis=-1)  # (B, T + 1); [CLS] stands first, and has the question's
    return ops.where(passage, cosines[:, :-1] - cosines[:, -1:], 0.0)


@keras.saving.register_keras_serializable(package="transformer_course")
class FindThenRead(SpanModel):
    """A `SpanModel` that looks for the sentence first: its likeness to the question raises its tokens' logits.

    It adds no weights. What it adds comes from the states that the encoder has anyway, and one taught on questions and
    their passages knows much of it before it has learnt to mark an answer; training helps, as a gradient passes.
    Called with 0 and 1, as others call such a model, it sees one sentence, and says what a `SpanModel` says.

    Args:
        encoder: a `PretrainedEncoder`.
        weight: what a likeness of 1 adds to start and to end.

    Call arguments:
        token_ids, padding_mask: as `SpanModel` takes them. token_type_ids: (B, T), 0 for the question and the numbers
        of the sentences, 1, 2, …, for the passage: `utils.tasks.passages.Window.sentences`.
    """

    def __init__(self, encoder, weight: float, **kwargs):
        super().__init__(encoder, **kwargs)
        self.weight = float(weight)

    def call(self, token_ids, token_type_ids, padding_mask, training=None):
        """Start and end logits (B, T)."""
        segments = ops.minimum(token_type_ids, max(self.encoder.num_token_types - 1, 0))  # to the encoder, two texts
        hidden = self.encoder(token_ids, segments, padding_mask, training=training)  # (B, T, D)
        found = self.weight * likeness(hidden, token_type_ids, padding_mask)  # (B, T)
        logits = self.head(hidden) + ops.expand_dims(found, -1)  # (B, T, 2)
        logits = ops.where(ops.expand_dims(padding_mask, -1), logits, lowest(logits.dtype))
        return logits[..., 0], logits[..., 1]

    def get_config(self):
        """What it was made with."""
        return {**super().get_config(), "weight": self.weight}


def model_for(encoder, settings: Settings) -> SpanModel:
    """The model that the settings ask for."""
    return FindThenRead(encoder, settings.likeness) if settings.likeness else SpanModel(encoder)


class QuestionAnswering(Reader):
    """Answers questions about passages; see `utils.tasks.reader.Reader`.

    Args:
        model: a `SpanModel`.
        folder, settings, history: see `Reader`.
        matmul_precision: "bfloat16" rounds what products multiply: see `utils.layers.quick`.
    """

    def __init__(self, model: SpanModel, folder: str | os.PathLike, settings: Settings, history: dict | None = None,
                 matmul_precision: str = "float32"):  # fmt: skip
        super().__init__(folder, settings, history)
        self.model, self._logits = model, fine_tuning.compiled_logits(model, matmul_precision)

    def logits(self, token_ids, token_type_ids, padding_mask):
        """See `Reader.logits`."""
        return tuple(part.numpy() for part in self._logits(token_ids, token_type_ids, padding_mask))

    def weights(self):
        """See `Reader.weights`."""
        return self.model.arrays_by_path()


def fine_tune(train, dev=None, encoder="minilm", steps: int | None = None, batch_size: int | None = None,
              learning_rate: float | None = None, seed: int = 0, out: str | os.PathLike | None = None,
              pretrained: bool = True, save_every: int = 200, on_step: Callable | None = None, progress: bool = True,
              matmul_precision: str = "float32", **options) -> QuestionAnswering:  # fmt: skip
    """Teaches an encoder to find answers.

    Args:
        train: the path of a SQuAD file, a list of them, or a list of `Question`.
        dev: the same: the threshold under which a question is declined is chosen on it, and how sure to say one is.
        encoder: "minilm", or the folder of a BERT or DistilBERT.
        steps: how many; None is three times all windows, at least 200.
        batch_size: windows a step; None is 16.
        learning_rate: its peak; None is 2e-4.
        seed: of the head, any dropout and the order.
        out: a folder to save the model to, once it has come to its end; a training that was stopped goes on where it
            was, from its checkpoint there.
        pretrained: False begins with random weights instead.
        save_every: how many steps lie between two checkpoints.
        on_step: called after each step as on_step(step, loss).
        progress: show a bar.
        matmul_precision: "bfloat16" rounds what products multiply: see `utils.layers.quick`.
        options: fields of `utils.tasks.passages.Settings`, or negatives, crop and dropout, which is 0 unless said: see
            `utils.tasks.reader.lessons`. The model is a `FindThenRead`, and reads passages twice; likeness=0.0 makes it
            a `SpanModel`, looks=1 reads them once.

    Returns:
        The model; its `history` has the losses under "loss".
    """
    data = lessons(train, dev, encoder, steps, batch_size, seed, **AS_LEARNT | options)
    keras.utils.set_random_seed(seed)
    encoder = load_encoder(data.folder, data.config) if pretrained else random_encoder(data.config)
    model = model_for(encoder, data.settings)
    checkpoints = None if out is None else Path(out) / "training"
    how = {"folder": checkpoints, "save_every": save_every, "on_step": on_step, "progress": progress}
    history = learn(model, data, learning_rate or LEARNING_RATE, **how, matmul_precision=matmul_precision)
    reader = QuestionAnswering(model, data.folder, data.settings, history)
    threshold_after(reader, data)
    if out is not None and not history["interrupted"]:
        reader.save(out)
        remove(checkpoints)
    return reader


def learn(model: SpanModel, data: Lessons, learning_rate: float, **options) -> dict:
    """Trains; options: see `utils.tasks.fine_tuning.fine_tune`."""
    targets = [column_of(data.labels, n) for n in (0, 1)]
    how = {"seed": data.seed, "pad_id": data.config["pad_id"]}
    batches = fine_tuning.TaskBatches(data.windows, targets, data.batch_size, **how)
    return fine_tuning.fine_tune(model, batches, span_loss, data.steps, learning_rate, **options)


def column_of(labels, n: int):
    """The first tokens (0) or the last ones (1) of labels (N, 2), which may be other ones each epoch."""
    if isinstance(labels, Anew):
        return Anew(len(labels), lambda epoch: labels.of_epoch(epoch)[:, n], labels.mark)
    return labels[:, n]


def span_loss(logits, start_positions, end_positions):
    """`qa_loss` as the shared training calls it: what the model returned first, then the targets."""
    if cluster.is_used():
        return cluster.span_loss(logits, start_positions, end_positions, IGNORED)
    return qa_loss(start_positions, end_positions, *logits)


def remove(folder: Path) -> None:
    """Removes the checkpoints of a training that has come to its end."""
    for path in list_checkpoints(folder):
        path.unlink()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def load(folder: str | os.PathLike, matmul_precision: str = "float32") -> QuestionAnswering:
    """Reads what `save` wrote, whichever framework it was trained in.

    Args:
        folder: of the model.
        matmul_precision: see `QuestionAnswering`.

    Raises:
        EncoderError: the folder does not hold such a model, whole.
        ValueError: another precision than float32 or bfloat16.
    """
    config, weights, settings = read_saved(folder)
    model = model_for(random_encoder(config), settings)
    model.build((None, None))
    model.set_arrays(weights)
    return QuestionAnswering(model, folder, settings, matmul_precision=matmul_precision)
