"""Named-entity recognition: a label for every word, by an encoder fine-tuned on your sentences.

`model = fine_tune("train.jsonl"); model.predict("Jane left Cork in May.")`
"""

import os
import shutil
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from tokenizers import Tokenizer

from utils.datasets.readers.entity_examples import parts_words
from utils.datasets.readers.entity_files import Example, split_words
from utils.layers import quick
from utils.layers.contract import check_positive
from utils.pretrained import encoder_folder
from utils.pretrained.checkpoint import EncoderError, load_tokenizer, read_config, read_weights
from utils.pretrained.encoder import load_encoder, random_encoder
from utils.pretrained.tokenizer import within
from utils.tasks import fine_tuning
from utils.tasks.entity_examples import as_examples, label_names
from utils.tasks.fine_tuning import EncoderWithHead, TaskBatches, compiled_logits
from utils.tasks.folders import read_head, read_json, refuse_other_heads, write_folder
from utils.tasks.highlight import Highlighted
from utils.tasks.label_schemes import Meaning, labels_in
from utils.tasks.labels import (
    IGNORED,
    align_labels,
    decode_bio,
    entity_f1,
    f1_interval,
    scores_by_type,
    token_accuracy,
    viterbi,
)
from utils.tasks.on_demand import cut_on_demand
from utils.text.buckets import EncodingBatches, OnDemand
from utils.training import cluster

__all__ = [
    "TokenClassifier",
    "align_labels",
    "decode_bio",
    "entity_f1",
    "fine_tune",
    "load",
    "token_classification_loss",
]

HEAD = {"classifier.weight": "head/kernel", "classifier.bias": "head/bias"}  # transformers' name -> our path
SETTINGS = "token_classification.json"
ROWS = 32  # windows read at once
MAX_LENGTH, STRIDE = 128, 32  # pieces of a window, and how many of them two neighbours share
BATCH_SIZE, LEARNING_RATE = 16, 2e-4
WIDE = 768  # from this width on BERT's own rate is used
DECODERS = ("argmax", "viterbi")  # ways from probabilities to labels
TRAINING = "training"  # the folder of checkpoints within the one that is written


def token_classification_loss(labels, logits) -> tf.Tensor:
    """Cross-entropy, averaged over the pieces that are asked for a label.

    Args:
        labels: the right label of each piece, (B, T) whole numbers; -100 asks for nothing.
        logits: a score for each label, before any softmax, (B, T, C).

    Returns:
        A scalar in nats a label; 0 where none is asked for.
    """
    asked = tf.not_equal(labels, -100)  # (B, T)
    labels = tf.where(asked, labels, 0)  # -100 is the number of no label
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)  # (B, T)
    asked = tf.cast(asked, losses.dtype)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * asked), tf.reduce_sum(asked))


# Words, pieces, windows ----------------------------------------------------------------------------


def word_ids_of(offsets, words) -> list[int | None]:
    """The number of each piece's word: the one that holds the piece's first character; None where there is none.

    Args:
        offsets: start and end of each piece in the text; empty for [CLS] and [SEP].
        words: start and end of each word, in order.
    """
    found, n = [], 0
    for start, end in offsets:
        while n < len(words) and words[n][1] <= start:
            n += 1
        found.append(n if end > start and n < len(words) and words[n][0] <= start else None)
    return found


def words_inside(offsets, words, continues) -> dict[int, int]:
    """Words in which no piece begins, though one covers them: the number of each -> that of the piece's own word.

    Args:
        offsets: start and end of each piece in the text.
        words: start and end of each word, in order.
        continues: for each word whether it is a letter of a script without spaces, of several of which a tokenizer may
            make one piece; of other words (a sign behind a name) nothing is known by the piece.
    """
    own = word_ids_of(offsets, words)
    begun, found, t = set(own), {}, 0
    for n, (start, _) in enumerate(words):
        while t < len(offsets) and offsets[t][1] <= start:
            t += 1
        if continues[n] and n not in begun and t < len(offsets) and offsets[t][0] < start and own[t] is not None:
            found[n] = own[t]
    return found


def finer(example: Example) -> Example:
    """The example with the words that `predict` will see, where a given one holds spaces or a script without any.

    So too where the word of an entity holds signs, as U.S. does: of a word the first piece alone is learnt, and the
    rest would be asked for without having been learnt.
    """
    words, spans, n = [], example.spans, 0
    for start, end in example.words:
        while n < len(spans) and spans[n].end <= start:
            n += 1
        named = n < len(spans) and spans[n].start < end
        word = example.text[start:end]
        if word.isascii() and word.isalnum():  # by far the most
            words.append((start, end))
            continue
        split = not word.isalnum() and named or any(map(parts_words, word))
        words += [(start + a, start + b) for a, b in split_words(word)] if split else []
        words += [] if words and words[-1][1] > start else [(start, end)]
    return example._replace(words=tuple(words))


class Window:
    """A stretch of a tokenized text that the encoder reads at once, with [CLS] before and [SEP] after.

    Attributes:
        ids, type_ids: what the encoder takes.
        word_ids: for each piece the number of its word, None for the ends.
        text: the number of its text.
        depths: for each piece how far it lies from a cut; the ends of the text are no cuts.
        inside: see `words_inside`; of the whole text.
    """

    inside: dict[int, int] = {}

    def __init__(self, ids: list[int], word_ids: list, ends: tuple[int, int], text: int, cut: tuple[bool, bool]):
        self.ids, self.word_ids, self.text = [ends[0], *ids, ends[1]], [None, *word_ids, None], text
        self._cut = cut

    @property
    def type_ids(self) -> list[int]:
        """See `Window`."""
        return [0] * len(self.ids)

    @property
    def depths(self) -> list[int]:
        """See `Window`."""
        far = len(self.ids)
        before, after = (0 if is_cut else far for is_cut in self._cut)
        return [min(i + before, far - 1 - i + after) for i in range(far)]

    def __len__(self) -> int:
        return len(self.ids)


def windows_of(tokenizer: Tokenizer, examples: Sequence[Example], max_length: int, stride: int) -> list[Window]:
    """Every text whole, or in windows that overlap by `stride` pieces; nothing is left out."""
    ends, windows = tokenizer.encode("").ids, []
    for n, code in enumerate(tokenizer.encode_batch([e.text for e in examples], add_special_tokens=False)):
        example, ids, inside = examples[n], code.ids, {}
        offsets = within(example.text, code.offsets)
        word_ids = word_ids_of(offsets, example.words)
        if not example.text.isascii():
            letters = (example.text[start] for start, _ in example.words)
            inside = words_inside(offsets, example.words, [parts_words(letter) for letter in letters])
        for start, end in window_ends(len(ids), max_length, stride):
            cut = start > 0, end < len(ids)
            windows.append(Window(ids[start:end], word_ids[start:end], (ends[0], ends[-1]), n, cut))
            windows[-1].inside = inside
    return windows


def window_ends(pieces: int, max_length: int, stride: int) -> list[tuple[int, int]]:
    """Start and end of each window in a text of so many pieces; one window even where there is none."""
    room = max_length - 2
    starts = range(0, max(pieces - stride, 1), room - stride)
    return [(start, min(start + room, pieces)) for start in starts]


def lessons_of(tokenizer: Tokenizer, examples: Sequence[Example], labels: Sequence[str], max_length: int,
               stride: int) -> tuple[OnDemand, OnDemand]:  # fmt: skip
    """What `windows_of` and `targets_of` give for the `finer` examples, each made when a step asks for it."""

    def made(n: int) -> tuple[list[Window], list[np.ndarray]]:
        fine = [finer(examples[n])]
        windows = windows_of(tokenizer, fine, max_length, stride)
        return windows, targets_of(windows, fine, labels)

    def mark() -> str:
        code = zlib.crc32(repr((tokenizer.to_str(), labels, max_length, stride)).encode())
        for example in examples:
            said = example.text, example.words, [tuple(span) for span in example.spans]
            code = zlib.crc32(repr(said).encode(), code)
        return f"{code:08x}"

    ends = partial(window_ends, max_length=max_length, stride=stride)
    return cut_on_demand(tokenizer, [example.text for example in examples], ends, made, mark)


# The model -----------------------------------------------------------------------------------------


class TokenClassifier:
    """Finds entities in texts: `model.predict(text)`.

    Args:
        model: encoder and head, one output a label.
        tokenizer: the encoder's.
        labels: the names of the outputs, such as ["O", "B-PER", "I-PER"]; BIOES, BILOU and types alone are read too.
        config: config.json of the encoder.
        max_length: pieces of the longest window.
        stride: how many pieces two windows share.
        history: what training left: "loss" (one for each step), "interrupted", "dev".
        matmul_precision: "bfloat16" rounds what products multiply: see `utils.layers.quick`.
    """

    def __init__(self, model: EncoderWithHead, tokenizer: Tokenizer, labels: Sequence[str], config: dict,
                 max_length: int = MAX_LENGTH, stride: int = STRIDE, history: dict | None = None,
                 matmul_precision: str = "float32"):  # fmt: skip
        longest = model.encoder.maximum_position_encoding
        check_positive(max_length=max_length)
        if not 2 < max_length <= longest or not 0 <= stride < max_length - 2:
            raise ValueError(
                f"A window must fit the encoder's {longest} positions and hold two marks and more pieces than two "
                f"neighbours share. Received: max_length={max_length}, stride={stride}"
            )
        self.model, self.tokenizer, self.labels, self.config = model, tokenizer, list(labels), config
        self.max_length, self.stride, self.history = max_length, stride, history or {}
        self._logits = compiled_logits(model, matmul_precision)

    @cached_property
    def meaning(self) -> Meaning:
        """What the labels mean."""
        return Meaning(self.labels)

    def predict(self, text: str, decode: str = "argmax") -> list[dict]:
        """The entities of a text of any length.

        Args:
            text: any.
            decode: "argmax" takes each word's most probable label; "viterbi" the most probable labels of which every
                I- continues an entity of its type.

        Returns:
            Dictionaries with label (the type), start and end (characters), text, and score: the probability of the
            entity's least certain word, 0 to 1.

        Raises:
            TypeError: it is no text.
            ValueError: there is no such way to decode.
        """
        if not isinstance(text, str):
            raise TypeError(f"A text is wanted. Received: {text!r}")
        ((_, entities),) = self.read([Example(text, (), tuple(split_words(text)))], decode)
        return entities

    def read(self, examples: Sequence[Example], decode: str = "argmax") -> list[tuple[list[str], list[dict]]]:
        """For each example the labels of its words, in BIO, and its entities as from `predict`; many texts at once."""
        found = []
        for example, probabilities in zip(examples, self.probabilities(examples), strict=True):
            labels, scores = self._decoded(probabilities, decode)
            entities = []
            for label, first, last in decode_bio(labels):
                start, end = example.words[first][0], example.words[last - 1][1]
                about = {"label": label, "start": start, "end": end, "text": example.text[start:end]}
                entities.append(about | {"score": float(min(scores[first:last]))})
            found.append((labels, entities))
        return found

    def highlight(self, text: str, scores: bool = False) -> Highlighted:
        """The text with the predicted entities in colours; whatever it holds stays text."""
        return Highlighted(text, self.predict(text), scores)

    def predict_labels(self, examples: Iterable[Example], decode: str = "argmax") -> list[list[str]]:
        """For each word of each example O, B- or I- and a type; its own spans play no part. `decode`: see `predict`."""
        return [self._decoded(probabilities, decode)[0] for probabilities in self.probabilities(list(examples))]

    def _decoded(self, probabilities: np.ndarray, decode: str) -> tuple[list[str], list[float]]:
        """The labels of a sentence's words in BIO, and how probable each is, from (N, C)."""
        if decode not in DECODERS:
            raise ValueError(f"`decode` must be one of {', '.join(DECODERS)}. Received: decode={decode!r}")
        if decode == "viterbi":
            names = np.array(self.meaning.bio)
            labels = viterbi(np.log(np.maximum(probabilities, np.finfo("float64").tiny)), self.meaning.bio)
            scores = [share[names == label].sum() for share, label in zip(probabilities, labels, strict=True)]
            return self.meaning.in_bio(labels), scores
        path = probabilities.argmax(axis=1)
        return self.meaning.of_path(path), [share[n] for share, n in zip(probabilities, path, strict=True)]

    def probabilities(self, examples: Sequence[Example]) -> list[np.ndarray]:
        """For each example (N, C): the probability of each label for each of its N words.

        A word is read where its first piece stands, in the window in which that lies farthest from a cut. A word
        within another's piece goes on with what that one began. A word without a piece (an invisible character, say)
        gets "O".
        """
        outside = np.eye(len(self.labels))[self.meaning.outside]
        found = [np.tile(outside, (len(example.words), 1)) for example in examples]
        depths = [np.full(len(example.words), -1) for example in examples]
        windows = windows_of(self.tokenizer, examples, self.max_length, self.stride)
        if not windows:
            return found
        for rows, batch in EncodingBatches(windows, ROWS, pad_id=self.model.encoder.pad_id).in_order():
            shares = tf.nn.softmax(self._logits(*batch)).numpy()  # (B, T, C)
            for window, share in zip((windows[i] for i in rows), shares, strict=True):
                deep = window.depths
                asked = align_labels(range(len(depths[window.text])), window.word_ids)
                for t in np.flatnonzero(asked != IGNORED):
                    if deep[t] > depths[window.text][asked[t]]:
                        depths[window.text][asked[t]] = deep[t]
                        found[window.text][asked[t]] = share[t]
        for text, inside in {window.text: window.inside for window in windows}.items():
            for word, owner in inside.items():
                found[text][word] = self.meaning.continued(found[text][owner])
        return found

    def evaluate(self, source, decode: str = "argmax") -> dict:
        """Scores on sentences whose entities are known, 0 to 1.

        Args:
            source: the path of a file, or a list of `Example`.
            decode: see `predict`.

        Returns:
            "precision", "recall", "f1" of whole entities; "f1_interval", its 95 % interval by the bootstrap;
            "accuracy" of words, and "all_o_accuracy", what calling every word O would get; "types": the scores of
            each type, with "support".
        """
        examples = as_examples(source)
        gold, predicted = [example.labels() for example in examples], self.predict_labels(examples, decode)
        return {
            **entity_f1(gold, predicted),
            "f1_interval": f1_interval(gold, predicted),
            "accuracy": token_accuracy(gold, predicted),
            "all_o_accuracy": token_accuracy(gold, [["O"] * len(labels) for labels in gold]),
            "types": scores_by_type(gold, predicted),
        }

    def save(self, folder: str | os.PathLike) -> None:
        """Writes what `load` reads; so does transformers' `AutoModelForTokenClassification`.

        Raises:
            OSError: the folder cannot be written or the disk is full.
        """
        settings = {SETTINGS: {"max_length": self.max_length, "stride": self.stride}}
        about = self.config, "TokenClassification", self.tokenizer, settings, self.labels
        write_folder(folder, self.model.arrays_by_path(), HEAD, *about)


def load(folder: str | os.PathLike, matmul_precision: str = "float32") -> TokenClassifier:
    """Reads what `save` wrote, or any BERT or DistilBERT for token classification that transformers saved.

    Args:
        folder: of the model, whose labels may be BIO, BIOES, BILOU or types alone.
        matmul_precision: see `TokenClassifier`.

    Raises:
        EncoderError: the folder does not hold such a model, whole, or does not name its labels.
        ValueError: another precision than float32 or bfloat16.
    """
    quick.check_precision(matmul_precision)
    config, folder = read_config(folder), Path(folder)
    raw = read_json(folder / "config.json")
    labels = labels_in(folder / "config.json", raw)
    refuse_other_heads(folder / "config.json", raw, "TokenClassification")
    shapes = {"head/kernel": (config["embedding_dim"], len(labels)), "head/bias": (len(labels),)}
    arrays = read_weights(folder, config) | read_head(folder, HEAD, shapes, "naming entities")
    model = EncoderWithHead(random_encoder(config), len(labels))
    model.build((None, None))
    model.set_arrays(arrays)
    settings = read_json(folder / SETTINGS) if (folder / SETTINGS).is_file() else window_for(config)
    try:
        return TokenClassifier(
            model, load_tokenizer(folder), labels, raw, **settings, matmul_precision=matmul_precision
        )
    except (TypeError, ValueError) as error:
        raise EncoderError(f"{folder / SETTINGS} is damaged, or is of another model: {error}") from error


def fine_tune(train, dev=None, encoder: str | os.PathLike = "minilm", steps: int | None = None,
              batch_size: int | None = None, learning_rate: float | None = None, seed: int = 0, out=None,
              pretrained: bool = True, save_every: int = 200, on_step: Callable | None = None,
              progress: bool = True, matmul_precision: str = "float32") -> TokenClassifier:  # fmt: skip
    """Teaches an encoder to find the entities of your sentences.

    Args:
        train: the path of a file (see `utils.datasets.readers.entity_files`), or a list of `Example`.
        dev: the same, or None; what training is measured on at its end, under "dev" in the history.
        encoder: a name, or the folder of a BERT or DistilBERT.
        steps: how many; None is three times all sentences, at least 100 steps.
        batch_size: sentences a step; None is 16.
        learning_rate: the highest; None is 2e-4, or 5e-5 for an encoder as wide as BERT.
        seed: of the head, the dropout and the order.
        out: a folder for the trained model. While training lasts it also holds a checkpoint: the same call goes on
            where the last one was stopped or killed.
        pretrained: False takes the encoder's sizes and leaves its weights.
        save_every: how many steps lie between two checkpoints.
        on_step: called after each step as on_step(step, loss).
        progress: show a bar.
        matmul_precision: "bfloat16" rounds what products multiply: see `utils.layers.quick`.

    Raises:
        EntityFileError: a file cannot be read; the message names the line.
        EncoderError, FetchError: there is no such encoder.
        ValueError: there is no entity to learn from.
        CheckpointError: `out` cannot be written, or what lies there was made with other data or settings.
    """
    dev = None if dev is None else as_examples(dev)
    data = lessons(train, encoder, steps, batch_size, learning_rate, seed)
    keras.utils.set_random_seed(seed)
    checkpoints = None if out is None else Path(out) / TRAINING
    options = {"folder": checkpoints, "save_every": save_every, "on_step": on_step, "progress": progress}
    options["matmul_precision"] = matmul_precision
    model, history = learn(data, pretrained, **options)
    config, window = read_json(data.folder / "config.json"), window_for(data.config)
    found = TokenClassifier(model, load_tokenizer(data.folder), data.labels, config, **window)
    found.history = history | ({} if dev is None else {"dev": found.evaluate(dev)})
    if out is not None and not history["interrupted"]:
        found.save(out)
        shutil.rmtree(checkpoints, ignore_errors=True)
    return found


class Lessons(NamedTuple):
    """What is learnt from, and how: the encoder's folder and arguments, names of labels, batches, steps, the rate."""

    folder: Path
    config: dict
    labels: list[str]
    batches: TaskBatches
    steps: int
    learning_rate: float


def lessons(train, encoder, steps: int | None, batch_size: int | None, learning_rate: float | None,
            seed: int) -> Lessons:  # fmt: skip
    """Reads, tokenizes, cuts and labels what `fine_tune` was given; arguments and errors are its own."""
    examples, folder = as_examples(train), encoder_folder(encoder)
    config, labels = read_config(folder), label_names(examples)
    windows, targets = lessons_of(load_tokenizer(folder), examples, labels, **window_for(config))
    batches = TaskBatches(windows, (targets,), batch_size or BATCH_SIZE, seed=seed, pad_id=config["pad_id"])
    steps = max(100, 3 * batches.batches_per_epoch) if steps is None else steps
    if learning_rate is None:
        learning_rate = LEARNING_RATE if config["embedding_dim"] < WIDE else 5e-5
    return Lessons(folder, config, labels, batches, steps, learning_rate)


def learn(data: Lessons, pretrained: bool = True, **options) -> tuple[EncoderWithHead, dict]:
    """The trained model and its history; options: see `utils.tasks.fine_tuning.fine_tune`."""
    encoder = load_encoder(data.folder) if pretrained else random_encoder(data.config)
    model = EncoderWithHead(encoder, len(data.labels))
    history = fine_tuning.fine_tune(model, data.batches, label_loss, data.steps, data.learning_rate, **options)
    return model, history


def label_loss(logits, labels) -> tf.Tensor:
    """`token_classification_loss` as the shared training calls it: what the model returned first, then the targets."""
    if cluster.is_used():
        return cluster.label_loss(logits, labels, IGNORED)
    return token_classification_loss(labels, logits)


def window_for(config: dict) -> dict[str, int]:
    """The windows' settings: no longer than the encoder's positions."""
    longest = min(MAX_LENGTH, config["maximum_position_encoding"])
    return {"max_length": longest, "stride": min(STRIDE, longest // 4)}


def targets_of(windows: Sequence[Window], examples: Sequence[Example], labels: Sequence[str]) -> list[np.ndarray]:
    """For each window what its pieces are asked for, (T,): a label's number at each word's first piece, else -100."""
    numbers = {label: n for n, label in enumerate(labels)}
    of_words = [[numbers[label] for label in example.labels()] for example in examples]
    return [align_labels(of_words[window.text], window.word_ids) for window in windows]
