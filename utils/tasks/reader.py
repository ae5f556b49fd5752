"""What both frameworks' question answering have in common: the calls, the files, the data before training.

NumPy only. A framework adds the network and its training: `question_answering`, `question_answering_torch`.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from utils.datasets.readers.squad import Question, read_questions
from utils.pretrained import encoder_folder
from utils.pretrained.checkpoint import EncoderError, load_tokenizer, read_config, read_weights
from utils.pretrained.tokenizer import second_type
from utils.tasks.calibration import calibrate
from utils.tasks.crops import crops
from utils.tasks.folders import read_head, read_json, write_folder
from utils.tasks.looks import averaged, cuts
from utils.tasks.passages import (
    NEVER,
    Reading,
    Settings,
    Window,
    answers_of,
    choose_threshold,
    cut,
    put_together,
    said,
    scores_of,
    sentence_at,
    to_learn_from,
    to_read,
)
from utils.text.buckets import Anew, EncodingBatches, OnDemand

ROWS = 32  # windows read at once
CROP = 112  # tokens of a passage that are learnt from at once
DROPOUT = 0.0  # while learning
WIDER = 4  # parts of so many times their length are cut from, where the encoder has the positions
SETTINGS = "question_answering.json"
HEAD = {"qa_outputs.weight": "head/kernel", "qa_outputs.bias": "head/bias"}  # transformers' names -> our paths


class Reader(ABC):
    """Answers questions about passages: `reader.answer("When?", "Jane left in May.")`.

    Args:
        folder: of the encoder or of the saved model: config.json and the tokenizer are taken from it.
        settings: how passages are cut and answers chosen.
        history: what training left: {"loss": one for each step}.
    """

    def __init__(self, folder: str | os.PathLike, settings: Settings, history: dict | None = None):
        self.config = read_json(Path(folder) / "config.json")
        self.tokenizer: Tokenizer = load_tokenizer(folder)
        self.num_token_types = types_of(self.tokenizer, read_config(folder))
        self.settings, self.history = settings, history or {}

    @abstractmethod
    def logits(self, token_ids: np.ndarray, token_type_ids: np.ndarray, padding_mask: np.ndarray) -> tuple:
        """Start and end logits (B, T) of a batch of windows, as NumPy arrays; without dropout.

        Token types are 0 for the question and 1 for the passage, or, where `settings.likeness` is not 0, the numbers
        of the passage's sentences, 1, 2, …
        """

    @abstractmethod
    def weights(self) -> dict[str, np.ndarray]:
        """Every weight by its path in the Keras model; the matrix of a dense layer is (inputs, outputs)."""

    def answer(self, question: str, context: str, top_k: int = 1) -> list[dict]:
        """The most probable answers, the best first.

        Args:
            question: one question.
            context: the passage, of any length. Of one longer than `settings.max_windows` windows, those are read that
                are most like the question: `utils.tasks.passages.relevance`.
            top_k: how many answers, at most.

        Returns:
            Dictionaries with text, start and end (characters of the passage), score (0 to 1) and sentence, the
            sentence of the passage in which the answer begins; text "" and sentence "" say that the passage does not
            answer the question.

        Raises:
            TypeError: question or context is no text.
            ValueError: the question is empty, or top_k is not positive.
        """
        for name, value in {"question": question, "context": context}.items():
            if not isinstance(value, str):
                raise TypeError(f"`{name}` must be a text. Received: {name}={value!r}")
        if not question.strip():
            raise ValueError(f"There must be a question. Received: question={question!r}")
        if not isinstance(top_k, (int, np.integer)) or top_k < 1:
            raise ValueError(f"`top_k` must be a whole number of at least 1. Received: top_k={top_k!r}")
        (reading,) = self.read([Question("", question, context, ())])
        return self.answers_of(reading, context, top_k)

    def answers_of(self, reading: Reading, context: str, top_k: int) -> list[dict]:
        """The most probable answers of a reading of this passage, as `answer` gives them."""
        own = self.settings
        found = answers_of(reading, context, own.threshold, own.temperature, own.doubt)[:top_k]
        return [{**one, "sentence": sentence_at(context, one["start"]) if one["text"] else ""} for one in found]

    def read(self, questions: Sequence[Question]) -> list[Reading]:
        """What the model makes of each question, the windows of its passage put together: all, or the most relevant.

        Where `settings.looks` is 2 the passage is read twice: see `utils.tasks.looks`.
        """
        own, looks = self.settings, []
        for settings in cuts(own):
            windows = to_read(cut(questions, self.tokenizer, settings), settings.max_windows)
            looks.append(put_together(windows, self.read_windows(windows), len(questions), settings))
        return looks[0] if len(looks) == 1 else [averaged(each, own.n_best) for each in zip(*looks, strict=True)]

    def read_windows(self, windows: Sequence[Window]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Start and end logits of each window, (T,) each, T its own length."""
        found: list = [None] * len(windows)
        if windows:
            as_taken = as_read(windows, self.num_token_types, self.settings)
            for rows, batch in EncodingBatches(as_taken, ROWS, pad_id=self.pad_id).in_order():
                for i, *pair in zip(rows, *self.logits(*batch), strict=True):
                    found[i] = tuple(part[: len(windows[i])] for part in pair)
        return found

    @property
    def pad_id(self) -> int:
        """The id of padding."""
        return self.config.get("pad_token_id") or 0

    def predict(self, questions) -> list[str]:
        """The answer to each question, "" where it is declined.

        Args:
            questions: the path of a SQuAD file, or a list of `Question`.
        """
        questions = as_questions(questions)
        pairs = zip(self.read(questions), questions, strict=True)
        return [said(reading, q.context, self.settings.threshold) for reading, q in pairs]

    def evaluate(self, questions) -> dict[str, float]:
        """Scores by SQuAD's rules, 0 to 1: see `utils.tasks.passages.scores_of`.

        Args:
            questions: the path of a SQuAD file, or a list of `Question`.
        """
        questions = as_questions(questions)
        return scores_of(self.predict(questions), questions)

    def choose_threshold(self, questions) -> float:
        """Sets the threshold under which questions are answered to the best on these; returns it."""
        questions = as_questions(questions)
        self.settings = replace(self.settings, threshold=choose_threshold(self.read(questions), questions))
        return self.settings.threshold

    def save(self, folder: str | os.PathLike) -> None:
        """Writes model.safetensors, config.json, tokenizer.json and question_answering.json.

        Both frameworks read them; so does transformers' `AutoModelForQuestionAnswering`.

        Raises:
            OSError: the folder cannot be written or the disk is full.
        """
        settings = {k: (None if v == NEVER else v) for k, v in asdict(self.settings).items()}
        weights, others = self.weights(), {SETTINGS: settings}
        write_folder(folder, weights, HEAD, self.config, "QuestionAnswering", self.tokenizer, others)


def as_read(windows: Sequence[Window], num_token_types: int, settings: Settings) -> Sequence[Window]:
    """The windows as the model takes them, token types for its own.

    One that looks for the sentence takes the sentences' numbers; an encoder that knows one kind of text takes
    question and passage for it.
    """
    if isinstance(windows, Anew):
        own = windows.of_epoch
        return Anew(len(windows), lambda epoch: as_read(own(epoch), num_token_types, settings), windows.mark)
    if isinstance(windows, OnDemand):
        return OnDemand(windows.lengths, lambda i: as_read([windows[i]], num_token_types, settings)[0], windows.mark)
    if settings.likeness:
        return [replace(w, type_ids=w.sentences) for w in windows]
    return [replace(w, type_ids=[0] * len(w)) for w in windows] if num_token_types == 1 else list(windows)


def types_of(tokenizer: Tokenizer, config: dict) -> int:
    """How many kinds of text the model is told apart: the encoder's, or 1 where its tokenizer gives both texts one."""
    known = config["num_token_types"]
    return known if second_type(tokenizer) else min(known, 1)


def as_questions(questions) -> list[Question]:
    """Questions as a list, read from a file where a path is given, from several where a list of paths is."""
    if isinstance(questions, (str, os.PathLike)):
        return read_questions(questions)
    questions = list(questions)
    if questions and all(isinstance(q, (str, os.PathLike)) for q in questions):
        return [q for path in questions for q in read_questions(path)]
    for index, question in enumerate(questions):
        if not isinstance(question, Question):
            raise TypeError(f"Pass a path, or a list of Question. Received: questions[{index}]={question!r}")
    if not questions:
        raise ValueError("There must be at least one question. Received: none")
    return questions


# Files ---------------------------------------------------------------------------------------------


def read_saved(folder: str | os.PathLike) -> tuple[dict, dict[str, np.ndarray], Settings]:
    """What `save` wrote: the encoder's arguments, all weights by our paths, the settings.

    Raises:
        EncoderError: the folder does not hold such a model, whole.
    """
    config = read_config(folder)
    shapes = {"head/kernel": (config["embedding_dim"], 2), "head/bias": (2,)}
    head = read_head(folder, HEAD, shapes, "question answering")
    return config, read_weights(folder, config) | head, read_settings(folder, config)


def read_settings(folder: str | os.PathLike, config: dict) -> Settings:
    """The settings in question_answering.json; where it or one of them is missing, those that suit the encoder."""
    path = Path(folder) / SETTINGS
    if not path.is_file():
        return settings_for(config)
    found = read_json(path)
    kinds = {f.name: f.type for f in fields(Settings)}
    found = {k: NEVER if v is None and k == "threshold" else v for k, v in found.items()}
    if found.keys() - kinds.keys() or not all(type(v) in (kinds[k], int) for k, v in found.items()):
        raise EncoderError(f"{path} is damaged. Received: {found}. Save the model again")
    return replace(settings_for(config), **found)


def settings_for(config: dict, **changes) -> Settings:
    """Settings that fit an encoder: no window longer than its positions.

    Args:
        config: the encoder's arguments, as `read_config` gives them.
        changes: fields of `Settings` that are to be others.

    Raises:
        ValueError: they leave no room for a passage.
    """
    longest = config["maximum_position_encoding"]
    settings = replace(Settings(), **changes)
    if "max_length" not in changes:
        settings = replace(settings, max_length=min(settings.max_length, longest))
    if "max_question" not in changes:
        settings = replace(settings, max_question=min(settings.max_question, settings.max_length // 4))
    if "stride" not in changes:
        settings = replace(settings, stride=min(settings.stride, settings.max_length // 4))
    room = settings.max_length - settings.max_question - 3
    if settings.max_length > longest or room <= settings.stride or settings.stride < 0:
        raise ValueError(
            f"A window must fit the encoder's {longest} positions and hold the question, three marks and more of the "
            f"passage than neighbours share. Received: max_length={settings.max_length}, "
            f"max_question={settings.max_question}, stride={settings.stride}"
        )
    if settings.looks not in (1, 2):
        raise ValueError(f"A passage is read once or twice. Received: looks={settings.looks}")
    if settings.max_windows < 1:
        raise ValueError(f"At least one window must be read. Received: max_windows={settings.max_windows}")
    return settings


# Before training -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lessons:
    """What a model learns from: windows, and the first and last token of the answer in each.

    Attributes:
        folder: the encoder's.
        config: its arguments, as `read_config` gives them, but for dropout.
        settings: see `Settings`.
        windows: N of them, or parts of them.
        labels: (N, 2) int32; of parts in each epoch: `utils.text.buckets.in_epoch`.
        dev: questions to choose the threshold on.
        steps: how many.
        batch_size: windows of a step.
        seed: of the order.
        unanswerable: whether some questions have no answer.
    """

    folder: Path
    config: dict
    settings: Settings
    windows: Sequence[Window]
    labels: Sequence
    dev: list[Question]
    steps: int
    batch_size: int
    seed: int
    unanswerable: bool


def lessons(train, dev, encoder: str | os.PathLike, steps: int | None, batch_size: int | None, seed: int,
            negatives: int = 2, crop: int | None = CROP, dropout: float | None = DROPOUT,
            **settings) -> Lessons:  # fmt: skip
    """Reads, tokenizes, cuts and labels what `fine_tune` was given.

    Args:
        train: the path of a SQuAD file, a list of them, or a list of `Question`.
        dev: the same, or None.
        encoder: its name, or a folder.
        steps: None takes three times all windows, at least 200 steps.
        batch_size: windows a step; None is 16.
        seed: of the order.
        negatives: see `to_learn_from`.
        crop: of each window so many tokens of the passage are learnt from at once, cut anew each time: see `crops`;
            None for whole windows.
        dropout: the encoder's rates while it learns, 0 for none; None leaves them as its folder has them.
        settings: fields of `Settings`.
    """
    questions = as_questions(train)
    dev = [] if dev is None else as_questions(dev)
    folder = encoder_folder(encoder)
    config = read_config(folder)
    if dropout is not None:
        if not 0 <= dropout < 1:
            raise ValueError(f"`dropout` must lie in [0, 1). Received: dropout={dropout!r}")
        config |= {"dropout_rate": dropout, "attention_dropout_rate": dropout}
    chosen = settings_for(config, **settings)
    if crop is not None and crop < 1:
        raise ValueError(f"A part must have a token of the passage at least, or be None. Received: crop={crop}")
    tokenizer = load_tokenizer(folder)
    learnt = chosen
    if crop is not None:  # of longer windows there are more parts
        longest = min(config["maximum_position_encoding"], WIDER * crop)
        learnt = replace(chosen, max_length=max(chosen.max_length, longest))
    windows, labels = to_learn_from(cut(questions, tokenizer, learnt), questions, negatives)
    if not windows:
        raise ValueError("There is nothing to learn from: no passage has a single token")
    if not any(q.answers for q in questions):
        found = f"none of the {len(questions)} questions has an answer"
        raise ValueError(f"There is nothing to learn from: {found}. Pass a file with some that have")
    if not labels.any():
        raise ValueError(
            "There is nothing to learn from: not one answer lies whole within a window. "
            f"Answers of more than {learnt.max_length - 3} tokens need a larger max_length"
        )
    batch_size = batch_size or 16
    steps = max(200, 3 * -(-len(windows) // batch_size)) if steps is None else steps
    unanswerable = any(not q.answers for q in questions)
    if crop is not None:
        windows, labels = crops(windows, labels, crop, seed)
    windows = as_read(windows, types_of(tokenizer, config), chosen)
    return Lessons(folder, config, chosen, windows, labels, dev, steps, batch_size, seed, unanswerable)


def threshold_after(reader: Reader, lessons: Lessons) -> float:
    """Sets the threshold of a freshly trained model, and how sure it says it is; returns the threshold.

    Both are chosen on dev: the threshold where that has questions without an answer. Otherwise it is 0, null against
    the best span, for a model that has seen such questions; one that has seen none always answers.
    """
    threshold = 0.0 if lessons.unanswerable else NEVER
    if lessons.dev:
        readings = reader.read(lessons.dev)
        if any(not q.answers for q in lessons.dev):
            threshold = choose_threshold(readings, lessons.dev)
        temperature, doubt = calibrate(readings, lessons.dev, threshold)
        reader.settings = replace(reader.settings, temperature=temperature, doubt=doubt)
    reader.settings = replace(reader.settings, threshold=threshold)
    return threshold
