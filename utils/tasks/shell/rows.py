"""What is asked of a saved model, row by row: JSON Lines, columns of words, or a text a line; told from content.

A row is held in memory at a time, so that input may be endless.
"""

import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from utils.datasets.readers.entity_examples import Example, split_words
from utils.datasets.readers.questions import Problem as QuestionProblem
from utils.datasets.readers.questions import Question, has_half
from utils.datasets.readers.text_files import Problem, decode

FORMS = ("jsonl", "conll", "text")
LOOKED_AT = 200  # lines that tell the form
WIDE = 0.9  # of the rows of columns have as many cells, at least
KEYS = {"ner": ("text", "sentence"), "translate": ("text", "source", "sentence")}
WORDS = ("tokens", "words")
TEXTS = {"text", "texts", "sentence", "sentences", "content", "source"}  # what tables call the column of the texts
NAME = re.compile(r"[\w .#-]{0,30}")  # of a column


class Row(NamedTuple):
    """A row of input.

    Attributes:
        line: in which it begins, from 1.
        content: an `Example` for ner, a `Question` for qa, a text for translate; None where it cannot be read.
        id: as the input has it, or None.
        error: why it cannot be read; "" where it can.
        words: whether the words were given, not told from a text.
    """

    line: int
    content: Example | Question | str | None
    id: str | int | None = None
    error: str = ""
    words: bool = False

    @property
    def size(self) -> int:
        """Its characters."""
        if isinstance(self.content, Question):
            return len(self.content.question) + len(self.content.context)
        return len(self.content.text if isinstance(self.content, Example) else self.content or "")


class RowsError(ValueError):
    """Input cannot be read at all; the message says what was found and what to do."""


def read_rows(lines: Iterable[tuple[int, bytes | None]], task: str, form: str | None = None, name: str = "input",
              tag_column: int | None = None, look: int = LOOKED_AT) -> tuple[str, Iterator[Row]]:  # fmt: skip
    """What was recognised, as a sentence, and the rows, one for each line, or for each sentence of columns.

    Args:
        lines: number and bytes of each, as `number_lines` gives them.
        task: "ner", "qa" or "translate".
        form: one of FORMS; None: told from the first lines.
        name: of the input, for messages.
        tag_column: of columns with labels, which holds them, from 0; None: told from the content.
        look: so many lines are waited for to tell the form; where it is named as JSON Lines or text, none.

    Raises:
        RowsError: the task cannot be asked in this form.
    """
    texts = ((number, decode(Path(name), number, line)) for number, line in lines)
    first = list(islice(texts, 0 if form in ("jsonl", "text") else look))
    shown = [text for _, text in first if isinstance(text, str)]
    chosen = form or form_of(shown, task)
    if chosen != "jsonl" and task == "qa":
        raise RowsError(
            f"{name} is read as {'columns' if chosen == 'conll' else 'plain text'}, and a question needs its passage. "
            'Pass a line of JSON for each: {"question": "Who left?", "context": "Jane left."}'
        )
    if chosen == "conll" and task != "ner":
        raise RowsError(f"{name}: columns of words are for models of entities. Pass a text a line, or JSON Lines")
    if chosen == "text" and form is None and (wrong := _no_plain_text(shown, task)):
        raise RowsError(f"{name} {wrong}")
    how = "as asked" if form else "told from its content; --from chooses"
    texts = chain(first, texts)
    if chosen == "conll":
        labels = _labels(shown, tag_column)
        what = "columns of words and labels; the labels are passed over" if labels else "a word a line"
        rows = _labelled(texts, name, tag_column) if labels else _sentences(texts)
    else:
        what = "a line of JSON for each" if chosen == "jsonl" else "a text a line"
        row = _json_row if chosen == "jsonl" else _text_row
        rows = (row(number, text, task) for number, text in _held(texts))
    return f"{name}: {what} ({how})", rows


def form_of(lines: list[str], task: str) -> str:
    """One of FORMS, told from the first lines."""
    full = [line for line in lines if line.strip()]
    objects = sum(_is_object(line) for line in full)
    if objects > len(full) / 2 or (objects and full[0].lstrip().startswith("{")):
        return "jsonl"
    if task == "ner" and full and (_labels(lines, None) or _is_word_a_line(lines)):
        return "conll"
    if task == "qa" and full and full[0].lstrip().startswith("{"):
        return "jsonl"  # perhaps damaged; as text it could not be asked
    return "text"


def _no_plain_text(lines: list[str], task: str) -> str:
    """Why lines that are no lines of JSON and no columns of words are not taken for texts either; "" where they are."""
    full = [line.strip() for line in lines if line.strip()]
    if full and (full[0] in ("[", "{") or re.match(r'[\[{]\s*[\[{"]', full[0])):
        return (
            f"begins like JSON over several lines: {full[0][:20]!r}. Write one object a line, such as "
            f"{EXAMPLES[task]}; --from text takes its lines as they are"
        )
    if task == "translate" and full and sum("\t" in line for line in full) >= WIDE * len(full):
        return (
            "holds columns with a tab between, and one text a line is wanted. Pass the source alone, as cut -f1 gives "
            "it; --from text translates whole lines"
        )
    if len(full) > 1 and any(_names_texts(full, sign) for sign in ",;\t"):
        return (
            f"begins with the names of columns: {full[0][:40]!r}. Write one object a line, such as {EXAMPLES[task]}; "
            "--from text takes its lines as they are"
        )
    return ""


def _names_texts(lines: list[str], sign: str) -> bool:
    """Whether the first line names the columns of a table, one of them that of the texts."""
    names = [name.strip(' "').lower() for name in lines[0].split(sign)]
    named = len(names) > 1 and all(NAME.fullmatch(name) for name in names) and not TEXTS.isdisjoint(names)
    return named and sum(sign in line for line in lines) > len(lines) / 2


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(_alone(line)), dict)
    except (ValueError, RecursionError):
        return False


def _alone(line: str) -> str:
    """An object without the comma behind it, as one has that was cut from a list."""
    return line.rstrip().removesuffix(",") if line.rstrip().endswith("},") else line


def _labels(lines: list[str], tag_column: int | None) -> bool:
    """Whether these are columns, one of them labels: nearly all rows are as wide, which sentences are not."""
    from utils.datasets.readers.entity_layout import layout_of

    if _is_table(lines):
        return True
    layout = layout_of(lines, tag_column)
    if layout is None:
        return False
    rows = [line for line in lines if line.strip() and not layout.is_comment(line)]
    return sum(len(layout.cells(row)) == layout.width for row in rows) >= WIDE * len(rows)


def _is_table(lines: list[str]) -> bool:
    """Whether this is a CSV of words, as the reader of training files tells one."""
    from utils.datasets.readers.entity_files import format_of

    first = next((line for line in lines if line.strip()), "")
    if not any(sign in first for sign in ",;\t"):
        return False
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "first.csv"
        path.write_text(first + "\n", encoding="utf-8", errors="replace")
        return format_of(path) == "csv"


def _is_word_a_line(lines: list[str]) -> bool:
    """Whether words stand one a line, sentences parted by blank lines, some of more than one word."""
    stripped = [line.strip() for line in lines]
    if any(len(text.split()) > 1 for text in stripped) or "" not in stripped[:-1]:
        return False
    return any(a and b for a, b in zip(stripped, stripped[1:], strict=False))


def read_passages(path: str) -> tuple[str, Iterator[Row]]:
    """What was recognised, and the questions of a file in any form that qa learns from; its answers are passed over.

    Raises:
        RowsError: it is in no such form.
    """
    from utils.datasets.readers.flat_questions import format_of
    from utils.datasets.readers.squad import examine_questions

    found = examine_questions(path, answered=False)
    first = next(found)
    if isinstance(first, QuestionProblem) and not first.id:
        raise RowsError(str(first))
    what = "a table of questions" if format_of(path) == "csv" else "JSON of questions"
    return f'{path}: {what}; "line" counts them, answers are passed over', _counted(chain([first], found))


def _counted(found: Iterable) -> Iterator[Row]:
    number = 0
    for item in found:
        if isinstance(item, Question):
            number += 1
            yield Row(number, item, item.id)
        elif not item.kept:
            number += 1
            yield Row(number, None, item.id, f"{item.message}. {item.advice}")


# Rows ----------------------------------------------------------------------------------------------


def _held(texts: Iterable[tuple[int, str | Problem]]) -> Iterator[tuple[int, str | Problem]]:
    """The lines but for blank ones at the end of the input, which ask for nothing."""
    blank = []
    for number, text in texts:
        if isinstance(text, str) and not text.strip():
            blank.append((number, text))
            continue
        yield from blank
        blank.clear()
        yield number, text


BLANK = "the line is blank"


def _text_row(number: int, text: str | Problem, task: str) -> Row:
    if isinstance(text, Problem):
        return Row(number, None, error=f"{text.message}. {text.advice}")
    return Row(number, _content(text.strip(), task))


def _content(text: str, task: str) -> Example | str:
    return Example(text, (), tuple(split_words(text))) if task == "ner" else text


def _json_row(number: int, text: str | Problem, task: str) -> Row:
    if isinstance(text, Problem):
        return Row(number, None, error=f"{text.message}. {text.advice}")
    if not text.strip():
        return Row(number, None, error=BLANK)
    try:
        item = json.loads(_alone(text), object_pairs_hook=once)
    except Twice as error:
        return Row(number, None, error=str(error))
    except (ValueError, RecursionError) as error:
        return Row(number, None, error=f"the line is no JSON: {error}. Write one whole object a line")
    return row_of(item, task, number)


class Twice(Exception):
    """A key stands twice in an object, with two values; the message says which."""


def once(pairs: list[tuple[str, object]]) -> dict:
    """An object of JSON. Raises Twice where a key stands twice with different values."""
    found = {}
    for key, value in pairs:
        if key in found and found[key] != value:
            raise Twice(f"the key {key!r} stands twice, and one of the two would be lost")
        found[key] = value
    return found


def row_of(item, task: str, number: int = 0) -> Row:
    """An object of JSON as a row of a task; what is wrong with it is in its `error`."""
    if not isinstance(item, dict):
        return Row(number, None, error=f"an object is wanted, such as {EXAMPLES[task]}")
    name = item.get("id")
    if not isinstance(name, (str, int, type(None))) or isinstance(name, bool) or _has_half(name):
        what = "half of a character (a lone surrogate)" if isinstance(name, str) else _brief(name)
        return Row(number, None, error=f"'id' must be a text or a whole number. Received: {what}")
    given = {key: item[key] for key in ("question", "context", *WORDS, *KEYS.get(task, ())) if key in item}
    if half := next((key for key, value in given.items() if _has_half(value)), None):
        return Row(number, None, name, f"{half!r} holds half of a character (a lone surrogate). Export it anew")
    if task == "qa":
        return _question_row(item, number, name)
    if task == "ner" and (key := next((key for key in WORDS if key in item), None)):
        return _words_row(item[key], key, number, name)
    key = next((key for key in KEYS[task] if key in item), None)
    if key is None:
        keys = ", ".join(map(repr, list(item)[:8])) or "none"
        return Row(number, None, name, f'it has no "text"; its keys are {keys}. Write {EXAMPLES[task]}')
    if not isinstance(item[key], str):
        return Row(number, None, name, f"{key!r} must be a text. Received: {_brief(item[key])}")
    return Row(number, _content(item[key], task), name)


EXAMPLES = {
    "ner": '{"text": "Jane left Cork."} or {"tokens": ["Jane", "left"]}',
    "qa": '{"question": "Who left?", "context": "Jane left."}',
    "translate": '{"text": "Jane part."}',
}


def _question_row(item: dict, number: int, name) -> Row:
    for key in ("question", "context"):
        if key not in item:
            keys = ", ".join(map(repr, list(item)[:8])) or "none"
            return Row(number, None, name, f'it has no "{key}"; its keys are {keys}. Write {EXAMPLES["qa"]}')
        if not isinstance(item[key], str) or not item[key].strip():
            return Row(number, None, name, f"{key!r} must be a text that says something. Received: {_brief(item[key])}")
    return Row(number, Question(str(name or ""), item["question"].strip(), item["context"], ()), name)


def _words_row(words, key: str, number: int, name) -> Row:
    if not isinstance(words, list) or not all(isinstance(w, str) for w in words):
        return Row(number, None, name, f"{key!r} must be a list of words. Received: {_brief(words)}")
    if blank := next((n for n, word in enumerate(words, 1) if not word.strip()), None):
        return Row(number, None, name, f"word {blank} of {key!r} is blank. Take it out, and its label")
    return Row(number, example_of(words, number), name, words=True)


def example_of(words: list[str], line: int = 0) -> Example:
    """Words with a space between any two."""
    places, at = [], 0
    for word in words:
        places.append((at, at + len(word)))
        at += len(word) + 1
    return Example(" ".join(words), (), tuple(places), line)


def _has_half(value) -> bool:
    texts = value if isinstance(value, list) else [value]
    return any(has_half(text) for text in texts if isinstance(text, str))


def _brief(value) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 60 else text[:59] + "…"


# Columns -------------------------------------------------------------------------------------------


def _sentences(texts: Iterable[tuple[int, str | Problem]]) -> Iterator[Row]:
    """Words that stand one a line; a blank line ends a sentence."""
    words, begun = [], 0
    for number, text in chain(texts, [(0, "")]):
        if isinstance(text, Problem):
            yield Row(number, None, error=f"{text.message}. {text.advice}")
        elif text.strip():
            begun = begun if words else number
            words.append(text.strip())
        elif words:
            yield Row(begun, example_of(words, begun), words=True)
            words = []


def _labelled(texts: Iterable[tuple[int, str | Problem]], name: str, tag_column: int | None) -> Iterator[Row]:
    """Columns with labels, by the reader of training files; it reads a file, so the lines go through one."""
    from utils.datasets.readers.entity_files import examine_entities

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.conll"
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            for number, text in texts:
                if isinstance(text, Problem):
                    yield Row(number, None, error=f"{text.message}. {text.advice}")
                    text = ""
                file.write(text + "\n")
        for item in examine_entities(os.fspath(path), tag_column):
            if isinstance(item, Example):
                yield Row(item.line, item, words=True)
            elif not item.kept:
                yield Row(item.line, None, error=f"{item.message}. {item.advice}")
