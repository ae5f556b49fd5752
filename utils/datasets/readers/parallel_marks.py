"""Columns that hold no sentences but what is said about them: numbers, dates, codes, addresses, names of files, ids."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from utils.datasets.readers.parallel_foreign import SENTENCE, SHARE

NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?%?")
DATE = re.compile(
    r"\d{4}[-/.]\d\d?[-/.]\d\d?(?:[T ]\d\d:\d\d\S*)?|\d\d?[-/.]\d\d?[-/.]\d{4}|(?:\d\d:)?\d\d:\d\d(?:[.,]\d+)?"
)
YEAR = re.compile(r"\d{4}")
ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
CODE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?")
MARKS = {  # what a cell is that says where a sentence comes from
    "names of files": re.compile(
        r"\S+\.(?:xml|txt|gz|mp[34]|wav|flac|ogg|jpe?g|png|gif|json|tsv|csv|html?|pdf|srt|vtt|tok|sgml?|docx?)", re.I
    ),
    "domains": re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.I),
    "verses": re.compile(r"(?:\d ?)?[^\W\d]+\.?(?: [^\W\d]+){0,3}[ .]\d+[:.]\d+(?:[-–]\d+)?"),
}
ID = re.compile(r"(?=\S*\d)[!-~]+")  # no blank, a digit, nothing but ASCII
KEY = re.compile(r"(?=\S*\d)[0-9a-f-]{16,}", re.I)
FEW = 3  # rows that show a shape
NEVER = {r"\N", "__NULL__", "__null__", "[NULL]", "<NA>", "#NAME?", "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NULL!"}
PERHAPS = {"nan", "NaN", "None", "null", "NULL", "N/A", "NA"}  # where a sentence stands beside it, or the same again
ABSENT = NEVER | PERHAPS  # how programs write that there is no sentence


def placeholder(pair: Sequence[str]) -> str:
    """The side of a pair that says that there is none, as __NULL__ or nan beside a sentence; "" where both are text."""
    for side, other in (pair, pair[::-1]):
        if side in NEVER or side in PERHAPS and (side == other or " " in other or SENTENCE.fullmatch(other)):
            return side
    return ""


def share(cells: Sequence[str], holds: Callable) -> float:
    """Of the cells that are not empty, how many hold it."""
    there = [cell for cell in cells if cell]
    return sum(bool(holds(cell)) for cell in there) / len(there) if there else 0.0


def is_numeric(cells: Sequence[str]) -> bool:
    """Whether nearly all cells are numbers."""
    return share(cells, NUMBER.fullmatch) >= SHARE


def is_code(cells: Sequence[str]) -> bool:
    """Whether it is the same short code in every row, such as a language's."""
    return len(cells) >= 3 and len(set(cells)) == 1 and re.fullmatch(r"[A-Za-z]{2,3}([-_]\w+)?", cells[0]) is not None


def are_codes(cells: Sequence[str]) -> bool:
    """Whether they are codes of several languages, as in a list of sentences of many."""
    return len(cells) >= 4 and len({*cells}) <= len(cells) / 2 and all(map(CODE.fullmatch, cells))


def are_classes(cells: Sequence[str], texts: Sequence[str]) -> bool:
    """Whether they are classes of texts: a word each, few different ones beside many different texts."""
    few = len(cells) >= 20 and 5 * len({*cells}) <= len({*texts})
    return few and all(re.fullmatch(r"[\w-]+", cell) for cell in cells)


def is_single(cell: str) -> bool:
    """Whether a cell is one word of letters that ends no sentence: a class, a domain, the name of a file."""
    return " " not in cell and cell.isascii() and not SENTENCE.fullmatch(cell)


def mark_of(cells: Sequence[str]) -> str:
    """What kind of mark nearly all cells of a column are, such as "names of files"; "" for sentences."""
    if share(cells, DATE.fullmatch) >= SHARE:
        return "dates"
    for name, form in MARKS.items():
        if share(cells, form.fullmatch) >= SHARE:
            return name
    return "ids" if _are_ids(cells) else ""


def _are_ids(cells: Sequence[str]) -> bool:
    """Whether no cell comes twice and all are of one shape with numbers in it: en-000001, utt12, a hash.

    Where nothing parts letters and numbers the letters are the same: CO2, O2 and N2 are words.
    """
    if len(cells) < FEW or len({*cells}) < SHARE * len(cells) or share(cells, ID.fullmatch) < SHARE:
        return False
    shapes = [re.sub(r"[A-Za-z]+", "a", re.sub(r"\d+", "0", cell)) for cell in cells]
    (usual, times), *_ = Counter(shapes).most_common(1)
    if usual.isalnum():
        (_, times), *_ = Counter(re.sub(r"\d+", "0", cell) for cell in cells).most_common(1)
    return times >= SHARE * len(cells) and usual != "0" or share(cells, KEY.fullmatch) >= SHARE


def beside_text(cells: Sequence[str], others: Sequence[str]) -> str:
    """What marks a column of two holds that has text beside it and no translation; "" where both may be meant.

    Human dates beside written ones are meant: the year stands in both. So is a list of words with its numbers.
    """
    kind = "numbers" if is_numeric(cells) else mark_of(cells)
    if not kind or kind != "numbers" and mark_of(others) == kind:
        return kind if kind not in ("", "dates") else ""
    if kind == "dates":
        same = sum(any(year in other for year in YEAR.findall(cell)) for cell, other in zip(cells, others, strict=True))
        kind = "" if 2 * same > len(cells) else kind
    spoken = share(others, lambda cell: " " in cell or not cell.isascii() and len(cell) > 4)
    return kind if spoken > 0.5 else ""
