"""A saved model of any task: told from its folder, loaded, asked in batches."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from utils.pretrained.files import has_weights
from utils.tasks.shell.rows import Row

FILES = {"ner": "token_classification.json", "qa": "question_answering.json", "translate": "target.json"}
CLASSES = {"ForTokenClassification": "ner", "ForQuestionAnswering": "qa"}  # transformers' names
TASKS = {"ner": "named entities", "qa": "question answering", "translate": "translation"}


class FolderError(ValueError):
    """A folder holds no model that can be used; the message says what was found and what to do."""


class Answer(NamedTuple):
    """What the model says of a row: `content` as JSON has it, or `error` where it cannot say anything."""

    content: dict
    error: str = ""


def task_of(folder) -> str:
    """The task of a saved model, "ner", "qa" or "translate", told from the files in its folder.

    Raises:
        FolderError: there is no such folder, or no finished model of one of the three tasks in it.
    """
    folder = Path(folder)
    if wrong := no_folder(folder):
        raise FolderError(wrong)
    found = [task for task, name in FILES.items() if (folder / name).is_file()]
    if not found:
        found = [task for end, task in CLASSES.items() if any(c.endswith(end) for c in _architectures(folder))]
    half = (folder / "training").is_dir() and not (folder / "report.json").is_file() and "translate" not in found
    if len(found) == 1 and has_weights(folder / "model.safetensors") and not half:
        return found[0]
    if len(found) > 1:
        raise FolderError(f"{folder} holds several models: {', '.join(found)}. Give each a folder of its own")
    if (folder / "training").is_dir():
        raise FolderError(f"{folder} holds a training that was stopped. Give its command again: it goes on")
    names = ", ".join(sorted(p.name for p in folder.iterdir())[:8]) or "nothing"
    raise FolderError(
        f"{folder} holds no model for ner, qa or translate; in it: {names}. Pass the --out of a training, or a folder "
        "in which transformers saved a BERT for token classification or question answering"
    )


def no_folder(folder: Path) -> str:
    """Why a path is no folder of a model; "" where it may be one."""
    if folder.is_dir():
        return ""
    what = "is a file: pass the folder it is in" if folder.exists() else "is not there: check the spelling"
    return f"{folder} {what}"


def _architectures(folder: Path) -> list[str]:
    try:
        content = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return []  # there is no such file, or none that says anything
    names = content.get("architectures") if isinstance(content, dict) else None
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def load(folder, task: str, top: int = 1, beam: int = 1, matmul_precision: str = "float32", **settings) -> "Saved":
    """The model of a folder, ready to be asked.

    Args:
        folder: see `task_of`.
        task: see `task_of`.
        top: of answers, how many.
        beam: of translations, the width of the beam; 1 is greedy.
        matmul_precision: of entities and answers, see `utils.layers.quick`.
        settings: of answers, fields of `Settings` that are to be others than the saved ones.

    Raises:
        FolderError: the folder does not hold such a model, whole; or the settings do not fit it.
    """
    try:
        if task == "ner":
            from utils.tasks.token_classification import load as load_model

            return Names(load_model(folder, matmul_precision))
        if task == "qa":
            from utils.tasks.question_answering import load as load_model

            return Answers(load_model(folder, matmul_precision), top, settings)
        from utils.tasks.translation import Translator

        return Translations(Translator.load(folder), beam)
    except (ValueError, OSError) as error:
        raise FolderError(str(error).rstrip(".")) from error


class Saved:
    """A model that is asked row by row. `task`: its name; `model`: what the task's own `load` gives."""

    task = ""

    def __init__(self, model):
        self.model = model

    def ask(self, rows: Sequence[Row]) -> list[Answer]:
        """What the model says of each row. One that it cannot take costs the others nothing."""
        good = [row for row in rows if not row.error]
        try:
            said = self._ask(good) if good else []
        except (ValueError, TypeError):
            said = [self._alone(row) for row in good]
        found = iter(said)
        return [Answer({}, row.error) if row.error else next(found) for row in rows]

    def _alone(self, row: Row) -> Answer:
        try:
            return self._ask([row])[0]
        except (ValueError, TypeError) as error:
            return Answer({}, str(error).rstrip("."))

    def _ask(self, rows: Sequence[Row]) -> list[Answer]:
        raise NotImplementedError


class Names(Saved):
    """Finds entities."""

    task = "ner"

    def _ask(self, rows):
        examples = [row.content for row in rows]
        found = []
        for row, example, (labels, entities) in zip(rows, examples, self.model.read(examples), strict=True):
            entities = [entity | {"score": round(entity["score"], 4)} for entity in entities]
            words = {"tokens": [example.text[a:b] for a, b in example.words], "labels": labels} if row.words else {}
            found.append(Answer({"text": example.text, "entities": entities, **words}))
        return found


class Answers(Saved):
    """Answers questions about passages."""

    task = "qa"

    def __init__(self, model, top: int = 1, settings: dict | None = None):
        super().__init__(model)
        self.top = top
        if settings:
            from utils.tasks.reader import settings_for

            longest = {"maximum_position_encoding": model.model.encoder.maximum_position_encoding}
            model.settings = settings_for(longest, **{**asdict(model.settings), **settings})

    def _ask(self, rows):
        questions = [row.content for row in rows]
        found = []
        for question, reading in zip(questions, self.model.read(questions), strict=True):
            best = self.model.answers_of(reading, question.context, self.top)
            best = [{**one, "score": round(one["score"], 4)} for one in best]
            first = best[0] if best else {"text": "", "start": 0, "end": 0, "score": 1.0}
            more = {"answers": best} if self.top > 1 else {}
            found.append(Answer({"question": question.question, "answer": first["text"], "start": first["start"],
                                 "end": first["end"], "score": first["score"], **more}))  # fmt: skip
        return found


class Translations(Saved):
    """Translates."""

    task = "translate"

    def __init__(self, model, beam: int = 1):
        super().__init__(model)
        self.beam = beam

    def _ask(self, rows):
        texts = [row.content for row in rows]
        return [
            Answer({"text": text, "translation": said})
            for text, said in zip(texts, self.model(texts, self.beam), strict=True)
        ]
