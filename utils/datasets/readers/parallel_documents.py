"""Parallel text in documents: TMX and XLIFF, read unit by unit, and JSON that is no line for each, held whole.

No framework. Own code for the two of XML, since their maintained readers (translate-toolkit) hold a file whole.
"""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from utils.datasets.readers.broken_json import one_after_another
from utils.datasets.readers.text_files import Problem, open_bytes

PEEK = 2000  # units that the two languages are told from
CODES = {"bpt", "ept", "ph", "it", "ut", "bx", "ex", "x", "sc", "ec"}  # what of a segment is its program's, no text
BOTH = "target"  # XLIFF: a segment without it is not translated yet


def local(tag: str) -> str:
    """The name of an element without its name space."""
    return tag.rpartition("}")[2]


def is_wide_xml(path: Path) -> str:
    """How XML in UTF-16 begins, as translation memories often are: the parser reads that; "" for any other file."""
    try:
        with open_bytes(path) as file:
            head = file.read(2000)
    except (OSError, EOFError):
        return ""
    begins = head.decode("utf-16", "replace") if head[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
    return begins if begins.lstrip().startswith(("<?xml", "<tmx", "<xliff")) else ""


def said_by(element: ElementTree.Element | None) -> str:
    """The text of a segment, without the codes of the program that it was taken from (bold, a placeholder)."""
    if element is None:
        return ""
    parts = [element.text or ""]
    for inner in element:
        parts += [] if local(inner.tag) in CODES else [said_by(inner)]
        parts.append(inner.tail or "")
    return "".join(parts)


# TMX -----------------------------------------------------------------------------------------------


def tmx_languages(path: Path, error_class: type) -> tuple[str, str]:
    """The two languages of a TMX, that of its header first.

    Raises:
        error_class: it is not well-formed, is no TMX, or has not two languages.
    """
    source, languages = "", []
    for _, unit, header in islice(_units(path, error_class), PEEK):
        source = source or header
        languages += [language for language in unit if language not in languages]
    if not languages:
        raise error_class(f"{path} is XML, and there is no unit of TMX or XLIFF in it. Export it as one of the two.")
    source = next((language for language in languages if language.lower() == source.lower()), source)
    first = source if source in languages else languages[0]
    others = [language for language in languages if language != first]
    if len(others) != 1:
        raise error_class(
            f"{path}: TMX, and two languages are wanted; the first units have {languages}. Keep two of them."
        )
    return first, others[0]


def read_tmx(path: Path, sides: tuple, error_class: type) -> Iterator[tuple[str, str] | Problem]:
    """The two segments of each unit."""
    for number, unit, _ in _units(path, error_class):
        absent = [language for language in sides if not unit.get(language, "").strip()]
        if absent:
            advice = "Fill it or drop the unit"
            yield Problem("empty side", str(path), 0, f"unit {number} has nothing in {absent[0]}", advice)
        else:
            yield unit[sides[0]].strip(), unit[sides[1]].strip()


def _units(path: Path, error_class: type) -> Iterator[tuple[int, dict[str, str], str]]:
    """Each translation unit's number from 1, its segments by language, and the header's source language."""
    number, source = 0, ""
    for event, element in _elements(path, error_class):
        if event == "start" and element.tag == "header":
            source = element.get("srclang", "")
        if event != "end" or element.tag != "tu":
            continue
        number += 1
        unit = {}
        for variant in element.iter("tuv"):
            language = variant.get("{http://www.w3.org/XML/1998/namespace}lang") or variant.get("lang") or ""
            unit[language] = said_by(variant.find("seg"))
        element.clear()
        yield number, unit, "" if source == "*all*" else source


def _elements(path: Path, error_class: type) -> Iterator[tuple[str, ElementTree.Element]]:
    try:
        with open_bytes(path) as file:
            yield from ElementTree.iterparse(file, events=("start", "end"))
    except ElementTree.ParseError as error:
        raise error_class(f"{path}: not well-formed XML: {error}. Export it again.") from error


# XLIFF ---------------------------------------------------------------------------------------------


def xliff_languages(path: Path, error_class: type) -> tuple[str, str]:
    """The two languages that an XLIFF names, or "source" and "target"."""
    for event, element in _elements(path, error_class):
        for source, target in (("source-language", "target-language"), ("srcLang", "trgLang")):
            if event == "start" and element.get(source):
                return element.get(source), element.get(target) or "target"
    return "source", "target"


def read_xliff(path: Path, sides: tuple, error_class: type) -> Iterator[tuple[str, str] | Problem]:
    """Source and target of each unit of XLIFF 1.2, or segment of XLIFF 2."""
    number = 0
    for event, element in _elements(path, error_class):
        if event != "end" or local(element.tag) not in ("trans-unit", "segment"):
            continue
        number += 1
        parts = {local(inner.tag): said_by(inner).strip() for inner in element if local(inner.tag) in ("source", BOTH)}
        element.clear()
        if parts.get("source") and parts.get(BOTH):
            yield parts["source"], parts[BOTH]
        else:
            absent = "source" if not parts.get("source") else BOTH
            advice = "Translate it or drop the unit"
            yield Problem("empty side", str(path), 0, f"unit {number} has no {absent}", advice)


# JSON that is no line for each ---------------------------------------------------------------------


def whole_json(path: Path) -> list | None:
    """The items of a file that is one JSON: an array, one within an object, an object of columns; None where none."""
    try:
        with open_bytes(path) as file:
            text = file.read().decode("utf-8-sig")
        value = json.loads(text)
    except UnicodeDecodeError:
        return None
    except (ValueError, RecursionError):
        value = one_after_another(text)
    for _ in range(3):
        if isinstance(value, list):
            return value if value and all(isinstance(item, (dict, list)) for item in value) else None
        if not isinstance(value, dict):
            return None
        columns = {key: list(one.values()) if isinstance(one, dict) else one for key, one in value.items()}
        texts = [key for key, one in columns.items() if isinstance(one, list) and one and isinstance(one[0], str)]
        if len(texts) >= 2 and len({len(columns[key]) for key in texts}) == 1:
            return [dict(zip(texts, row, strict=True)) for row in zip(*(columns[key] for key in texts), strict=True)]
        lists = [one for one in value.values() if isinstance(one, list) and one and isinstance(one[0], (dict, list))]
        value = lists[0] if len(lists) == 1 else None
    return None


def as_record(item: Any) -> Any:
    """A pair as an object, `[source, target]`; whatever else as it is."""
    if isinstance(item, list) and len(item) == 2 and all(isinstance(side, str) for side in item):
        return {"source": item[0], "target": item[1]}
    return item
