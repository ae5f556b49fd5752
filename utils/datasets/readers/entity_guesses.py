"""What a file may be that is in no format of entities that is read: a sentence, and what to do. No framework."""

import csv
import re

from utils.datasets.readers.broken_json import no_json
from utils.datasets.readers.entity_examples import SHOWN
from utils.datasets.readers.entity_labels import TAG
from utils.datasets.readers.entity_layout import layout_of
from utils.datasets.readers.entity_leading import MOST, cells_of
from utils.datasets.readers.entity_records import are_tags
from utils.datasets.readers.label_names import are_names

WANTED = 'Pass columns, a word and its label (B-PER) a line, or JSON Lines, {"text": …, "entities": [[0, 4, "PER"]]}'
FEW = 60  # different labels, at most
CSV_NAMES = re.compile(r"[\w .#/()-]{1,40}")
REPAIRS = (  # what stands in place of what is wanted, and what to do
    (re.compile("[\u00a0\u3000\u2000-\u200a\u202f]+"), "\t", "words and labels are parted by a space of another kind",
     "Put a tab between them"),
    (re.compile("(?<=[BIESLUMW])[\u2010-\u2015\u2212](?=\\S)"), "-", "the labels have a dash in place of the hyphen",
     "Write B-PER, with the sign - of the keyboard"),
    (re.compile(r"(?<=[BIESLUMW])\((\w+)\)$"), r"-\1", "the labels are written as B(PER)", "Write B-PER"),
    (re.compile(r"\s*(?:=>|->|=|:)\s*(?=\S+$)"), "\t", "words and labels are parted by another sign",
     "Put a tab between them"),
)  # fmt: skip


def guess(every: list[str]) -> tuple[str, str] | None:
    """What the first lines of a file show, and what to do; None where they show nothing that is known."""
    lines = [line for line in every if line.strip()]
    if not lines:
        return None
    if are_names([line.strip() for line in lines]):
        return (
            "this is a list of labels, a name a line, and no text",
            "Pass the file of the texts; this one may lie beside",
        )
    if words_over_labels(lines):
        found = f"words stand in one line and their labels in the next: {lines[0][:SHOWN]!r} over {lines[1][:SHOWN]!r}"
        return found, "Write a word, a tab and its label a line, or a sentence, a tab and its labels"
    if lines[0].startswith("# global.columns"):
        return f"this is CoNLL-U Plus, and no column of it holds entities: {lines[0][2:].strip()}", WANTED
    if known := no_json("\n".join(lines)):
        return known
    if _is_marked(lines[0]):
        return f"entities are marked within the text, in brackets: {lines[0][:SHOWN]!r}", WANTED
    for pattern, put, found, advice in REPAIRS:
        mended = [pattern.sub(put, line) for line in every]
        changed = [line for line, other in zip(every, mended, strict=True) if line != other]
        layout = layout_of(mended) if 2 * len(changed) > len(lines) else None
        if layout is not None and not layout.tags:
            return f"{found}, as in {changed[0][:SHOWN]!r}", advice
    return _of_table(lines) or _of_columns(lines)


def words_over_labels(lines: list[str]) -> bool:
    """Whether each line of words is followed by one of as many labels, a name with a colon before each or not."""
    rows = [line.split() for line in lines[: len(lines) // 2 * 2]]
    rows = [row[1:] if row[0].endswith(":") and len(row) > 1 else row for row in rows]
    good = [len(words) == len(tags) and are_tags(tags) and not are_tags(words)
            for words, tags in zip(rows[::2], rows[1::2], strict=True)]  # fmt: skip
    return sum(good) >= MOST * max(len(good), 1) and any(len(row) > 1 for row in rows)


def _is_marked(line: str) -> bool:
    return len(re.findall(r"\w\{[^{}]+\}|\[[^\]\[]+\]\(\w+\)|\[@?[^\]\[|#]+[|#]\w+\*?\]", line)) > 1


def _of_table(lines: list[str]) -> tuple[str, str] | None:
    """A CSV of which no column holds labels of words, nor spans."""
    for separator in (",", ";", "\t"):
        if separator not in lines[0] or len(lines) < 2:
            continue
        try:
            names, *rows = list(csv.reader((line + "\n" for line in lines), delimiter=separator))
        except csv.Error:
            continue
        good = [row for row in rows if len(row) == len(names)]
        known = {"text", "sentence", "word", "token", "content", "label", "tag", "entity", "entities", "class", "type"}
        if len(names) < 2 or not good or not all(CSV_NAMES.fullmatch(name.strip()) for name in names):
            continue
        if not {name.strip().lower() for name in names} & known:
            continue
        found = f"this is a table with the columns {', '.join(name.strip() for name in names[:8])}"
        if max(sum(" " in row[n] for row in good) for n in range(len(names))) > len(good) / 2:
            found += ", a whole text a row, and none of them says where in it an entity begins and ends"
            return found, 'Add columns start and end, or spans in a column entities: [[0, 4, "PER"]]'
        return f"{found}, and none of them holds labels of words", 'Name the columns "word" and "tag", labels as B-PER'
    return None


def _of_columns(lines: list[str]) -> tuple[str, str] | None:
    """A word, or a text, and something about it that is no label."""
    tabs = sum("\t" in line for line in lines) > len(lines) / 2
    rows = [cells_of(line, tabs) for line in lines]
    if not tabs or len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        return None
    last = {row[-1] for row in rows}
    if any(" " in cell for cell in last) or len(last) > FEW:
        return None
    shown = ", ".join(sorted(last)[:4])
    if sum(" " in row[0] for row in rows) > len(rows) / 2:
        found = f"each line is a whole text and a word about it ({shown}): a class of texts, and no entity"
        return found, 'Say where each entity begins and ends: {"text": …, "entities": [[0, 4, "PER"]]}'
    if not any(TAG.fullmatch(cell) for cell in last):
        found = f"the last column holds {shown}: no label says outside (O), and none begins with B- or I-"
        return found, "Where these are types of entities, give all other words the label O"
    return None
