"""Parallel text in documents: TMX and XLIFF, read unit by unit, and JSON that is no line for each, held whole.

No framework. Own code for the two of XML, since their maintained readers (translate-toolkit) hold a file whole.
"""

import json
import re
import xml.etree.ElementTree as ElementTree
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from utils.datasets.readers.broken_json import one_after_another
from utils.datasets.readers.text_files import Problem, open_bytes

PEEK = 2000  # units that the two languages are told from
CODES = {"bpt", "ept", "ph", "it", "ut", "bx", "ex", "x", "sc", "ec"}  # what of a segment is its program's, no text
ANY = "-*"  # behind a language: of whichever region
CHINESE, TRADITIONAL = {"zh", "zho", "chi", "cmn"}, {"tw", "hk", "mo"}  # codes; regions that write it so
UNTRANSLATED = {"new", "needs-translation", "initial"}  # XLIFF: states of what has a target, but no translation
HOLDERS = {"file", "group", "unit", "trans-unit"}  # XLIFF: what may say of all within it that it is not translated
BROKEN = (OSError, EOFError, zlib.error)  # what an archive raises that breaks off or was damaged
BOTH = "target"  # XLIFF: a segment without it is not translated yet


def local(tag: str) -> str:
    """The name of an element without its name space."""
    return tag.rpartition("}")[2]


def is_wide_xml(path: Path) -> str:
    """How XML in UTF-16 begins, as translation memories often are: the parser reads that; "" for any other file."""
    try:
        with open_bytes(path) as file:
            head = file.read(2000)
    except BROKEN:
        return ""
    begins = head.decode("utf-16", "replace") if head[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
    return begins if begins.lstrip().startswith(("<?xml", "<tmx", "<xliff")) else ""


def said_by(element: ElementTree.Element | None) -> str:
    """The text of a segment, without the codes of the program that it was taken from (bold, a placeholder)."""
    if element is None:
        return ""
    parts = [element.text or ""]
    for inner in element:
        breaks = any(
            inner.get(key) in ("lb", "xlf:lb") for key in ("type", "ctype", "subType")
        )  # a line, between words
        parts.append((" " if breaks else "") if local(inner.tag) in CODES else said_by(inner))
        parts.append(inner.tail or "")
    return "".join(parts)


# TMX -----------------------------------------------------------------------------------------------


def tmx_languages(path: Path, error_class: type) -> tuple[tuple[str, str], str]:
    """The two languages of a TMX, that of its header first, and what was guessed; "" where nothing was.

    Upper and lower case are the same. Where there are more than two (en-US, en-GB, fr), but two without their regions,
    those are given, one of several regions as "en-*".

    Raises:
        error_class: it is not well-formed, is no TMX, or has not two languages; regions that stand side by side in one
            unit, or are written otherwise (zh-CN, zh-TW), are two, unless the header names one of them.
    """
    source, languages, twice, beside = "", [], "", {}
    for number, unit, header in islice(_units(path, error_class), PEEK):
        source = source or header.lower()
        languages += [language for language in unit if language not in languages]
        more = [language for language, segments in unit.items() if len(segments) > 1]
        twice = twice or (f"unit {number} has {more[0]} more than once, and the first is taken" if more else "")
        for language in unit if len(unit) > 2 else ():
            if sum(_without_region(other) == _without_region(language) for other in unit) > 1:
                beside.setdefault(_without_region(language), f"stand side by side in unit {number}")
    if not languages:
        raise error_class(f"{path} is XML, and there is no unit of TMX or XLIFF in it. Export it as one of the two.")
    sides, regions = languages, ""
    bare = list(dict.fromkeys(map(_without_region, languages)))
    if len(languages) > 2 and len(bare) == 2:
        regions = f"{', '.join(languages)} count as {' and '.join(bare)}"
        for place, codes in enumerate([code for code in languages if _without_region(code) == name] for name in bare):
            why = beside.get(bare[place]) or ("are written otherwise" if len({*map(_writing, codes)}) > 1 else "")
            if why and source not in codes:
                raise error_class(f"{path}: TMX of {', '.join(languages)}, and two languages are wanted; "
                                  f"{' and '.join(codes)} {why}. Keep one of them.")  # fmt: skip
            if why:
                regions, codes = f"of {' and '.join(codes)}, {source} was taken, as the header says", [source]
            bare[place] = codes[0] if len(codes) == 1 else bare[place] + ANY
        sides = bare
    if len(sides) != 2:
        raise error_class(
            f"{path}: TMX, and two languages are wanted; the first units have {languages}. Keep two of them."
        )
    if source not in sides:
        source = next((side for side in sides if _without_region(side) == _without_region(source)), sides[0])
    other = sides[1] if source == sides[0] else sides[0]
    return (source, other), "; ".join(filter(None, (regions, twice)))


def _without_region(language: str) -> str:
    return re.split("[-_]", language)[0]


def _writing(language: str) -> str:
    """The script that a code names, of Chinese its region's; "" where it says nothing of it."""
    first, *more = re.split("[-_]", language.lower())
    script = next((part for part in more if len(part) == 4 and part.isalpha()), "")
    return script or ("" if first not in CHINESE else "hans" if TRADITIONAL.isdisjoint(more) else "hant")


def _is_same(one: str, other: str) -> bool:
    """Whether two codes are of one language, of whichever regions, and written in one way."""
    return all(of(one.lower()) == of(other.lower()) for of in (_without_region, _writing))


def read_tmx(path: Path, sides: tuple, error_class: type) -> Iterator[tuple[str, str] | Problem]:
    """The two segments of each unit."""
    for number, unit, _ in _units(path, error_class):
        pair = _segment(unit, sides[0]), _segment(unit, sides[1])
        if all(pair):
            yield pair
        else:
            found = f"unit {number} has nothing in {sides[0] if not pair[0] else sides[1]}"
            yield Problem("empty side", str(path), 0, found, "Fill it or drop the unit")


def _segment(unit: dict[str, list[str]], side: str) -> str:
    """A unit's first segment in a language, or in any that "en-*" stands for."""
    if side.endswith(ANY):
        bare = side.removesuffix(ANY)
        found = [one for language, segments in unit.items() if _without_region(language) == bare for one in segments]
    else:
        found = unit.get(side, ())
    return next((one for one in found if one), "")


def _units(path: Path, error_class: type) -> Iterator[tuple[int, dict[str, list[str]], str]]:
    """Each translation unit's number from 1, its segments by language, and the header's source language."""
    number, source = 0, ""
    for event, element in _elements(path, error_class):
        tag = local(element.tag)
        if event == "start" and tag == "header":
            source = element.get("srclang", "")
        if event != "end" or tag != "tu":
            continue
        number += 1
        unit = {}
        for variant in (inner for inner in element if local(inner.tag) == "tuv"):
            language = variant.get("{http://www.w3.org/XML/1998/namespace}lang") or variant.get("lang") or ""
            segment = next((inner for inner in variant if local(inner.tag) == "seg"), None)
            unit.setdefault(language.lower(), []).append(said_by(segment).strip())
        element.clear()
        yield number, unit, "" if source == "*all*" else source


def _elements(path: Path, error_class: type) -> Iterator[tuple[str, ElementTree.Element]]:
    try:
        with open_bytes(path) as file:
            yield from ElementTree.iterparse(file, events=("start", "end"))
    except (ElementTree.ParseError, LookupError, ValueError) as error:  # an encoding that nobody knows, too
        coded = "encoding" in str(error)
        advice = 'Save it as UTF-8, and write encoding="UTF-8" into its first line' if coded else "Export it again"
        raise error_class(f"{path}: not well-formed XML: {error}. {advice}.") from error
    except BROKEN as error:
        raise error_class(f"{path} breaks off: {error}. Fetch it again.") from error


# XLIFF ---------------------------------------------------------------------------------------------


def xliff_languages(path: Path, error_class: type) -> tuple[str, str]:
    """The two languages that an XLIFF names, or "source" and "target"."""
    for event, element in _elements(path, error_class):
        for source, target in (("source-language", "target-language"), ("srcLang", "trgLang")):
            if event == "start" and element.get(source):
                return element.get(source), element.get(target) or "target"
    return "source", "target"


def read_xliff(path: Path, sides: tuple, error_class: type) -> Iterator[tuple[str, str] | Problem]:
    """Source and target of each unit of XLIFF 1.2, or segment of XLIFF 2, where it is translated.

    Raises:
        error_class: it is not well-formed, or a file in it is of other languages than the first.
    """
    number, kept = 0, [False]  # whether what is open is to be left as it is, from the outermost
    known = ["", ""]  # the languages that the files within it name
    for event, element in _elements(path, error_class):
        tag = local(element.tag)
        if tag == "file" and event == "start":
            said = [element.get(f"{side}-language", "") for side in ("source", BOTH)]
            if any(a and b and not _is_same(a, b) for a, b in zip(said, known, strict=True)):
                raise error_class(
                    f"{path}: the file {element.get('original', '')!r} in it is {' to '.join(filter(None, said))}, "
                    f"what comes before is {' to '.join(known)}. Put each two languages into an XLIFF of their own."
                )
            known = [b or a for a, b in zip(said, known, strict=True)]
            if any(a and a.lower() != b.lower() for a, b in zip(said, known, strict=True)):
                found = f"a file within is {' to '.join(filter(None, said))}, and the first {' to '.join(known)}"
                advice = "They count as the same; put each region into an XLIFF of its own where it should not"
                yield Problem("regions", str(path), 0, found, advice, kept=True)
        if tag in HOLDERS and event == "start":
            kept.append(element.get("translate", "no" if kept[-1] else "yes") == "no")
        elif tag in HOLDERS:
            stays = kept.pop()
        if event != "end" or tag not in ("trans-unit", "segment"):
            continue
        number += 1
        states = [part.get("state") for part in (element, *element) if part.get("state") in UNTRANSLATED]
        why = 'translate="no"' if (stays if tag in HOLDERS else kept[-1]) else f'state="{states[0]}"' if states else ""
        parts = {local(inner.tag): inner for inner in element if local(inner.tag) in ("source", "seg-source", BOTH)}
        source, target = (said_by(parts.get(name)).strip() for name in ("source", BOTH))
        segments = (_segments(parts.get("seg-source")), _segments(parts.get(BOTH))) if target and not why else ({}, {})
        element.clear()
        if segments[0] and segments[1]:  # of Trados and its like: each segment by itself
            for name, said in segments[0].items():
                yield from _pair(path, f"segment {name} of unit {number}", said, segments[1].get(name, ""), "")
        else:
            yield from _pair(path, f"{tag.removeprefix('trans-')} {number}", source, target, why)


def _pair(path: Path, place: str, source: str, target: str, why: str) -> Iterator[tuple[str, str] | Problem]:
    """A source and its translation, or what is missing; `why` says that it is not translated yet."""
    if source and target and not why:
        yield source, target
    else:
        found = f"{place} has no {'target' if source else 'source'}" + (f" yet: {why}" if why else "")
        yield Problem("empty side", str(path), 0, found, f"Translate it or drop the {place.split()[0]}")


def _segments(element: ElementTree.Element | None) -> dict[str, str]:
    """The texts of the segments that are marked within a side, by their numbers."""
    marks = () if element is None else element.iter()
    return {
        mark.get("mid", ""): said_by(mark).strip()
        for mark in marks
        if local(mark.tag) == "mrk" and mark.get("mtype") == "seg"
    }


# JSON that is no line for each ---------------------------------------------------------------------


def whole_json(path: Path) -> list | None:
    """The items of a file that is one JSON: an array, one within an object, an object of columns; None where none."""
    try:
        with open_bytes(path) as file:
            text = file.read().decode("utf-8-sig")
        value = json.loads(text)
    except (UnicodeDecodeError, *BROKEN):  # named where its lines are read
        return None
    except (ValueError, RecursionError):
        value = one_after_another(text)
    for _ in range(3):
        if isinstance(value, list):
            return value if value and all(isinstance(item, (dict, list)) for item in value) else None
        if not isinstance(value, dict):
            return None
        rows = [one for one in value.values() if isinstance(one, dict)]
        if len(rows) == len(value) > 1 and _are_rows(rows):
            return rows
        columns = {key: list(one.values()) if _is_column(one) else one for key, one in value.items()}
        texts = [key for key, one in columns.items() if isinstance(one, list) and one and isinstance(one[0], str)]
        if len(texts) >= 2 and len({len(columns[key]) for key in texts}) == 1:
            return [dict(zip(texts, row, strict=True)) for row in zip(*(columns[key] for key in texts), strict=True)]
        lists = [one for one in value.values() if isinstance(one, list) and one and isinstance(one[0], (dict, list))]
        lists = [one for one in lists if isinstance(one[0], dict) and "row_idx" in one[0]] or lists
        value = lists[0] if len(lists) == 1 else None
    return None


def _is_column(value: Any) -> bool:
    """Whether it is a column as pandas writes one, {"0": …, "1": …}."""
    return isinstance(value, dict) and all(map(str.isdecimal, value))


def _are_rows(objects: list[dict]) -> bool:
    """Whether objects are rows that stand under names, as of pandas' index: of the same keys, which are no numbers."""
    same = all(one.keys() == objects[0].keys() for one in objects)
    return same and not any(map(_is_column, objects)) and not ({"text", "value", "content"} & objects[0].keys())


def as_record(item: Any) -> Any:
    """A pair as an object, a list of two, out of what `datasets` or Elasticsearch puts around it, or as it is."""
    if isinstance(item, dict) and "row_idx" in item and "row" in item:  # of its server
        item = item["row"]
    if isinstance(item, dict) and "_index" in item and isinstance(item.get("_source"), dict):
        item = item["_source"]
    inner = item.get("translation") if isinstance(item, dict) else None
    if isinstance(inner, dict) and isinstance(codes := inner.get("language"), list):  # of any number of languages
        sides = inner.get("translation")
        if isinstance(sides, list) and len(sides) == len(codes) == len({*map(str, codes)}):
            return {"translation": dict(zip(map(str, codes), sides, strict=True))}
    if isinstance(item, list) and len(item) == 2 and all(isinstance(side, str) for side in item):
        return {"source": item[0], "target": item[1]}
    return item
