"""The names of labels that stand as numbers: in the file of the texts itself, or in one that lies beside it.

What is published with numbers has its names in `dataset_info.json` (the `datasets` library), `config.json` (a model's
id2label), `label2id.json`, `label_list.json`, `labels.txt` (a name a line, from 0) and the like. No framework.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from utils.datasets.readers.entity_labels import BARE_TAG, OUTSIDE, PHRASES, TAG

BESIDE = re.compile(
    r"(?:\w+[_-])?(?:labels?|tags?|class(?:es)?|types)(?:[_-]?(?:list|map|mapping|names|vocab|config|dict|info|set))?"
    r"\.(?:txt|json|vocab)|(?:\w+[_-])?(?:label2id|id2label|tag2id|id2tag)\.json|dataset_infos?\.json|features\.json"
    r"|config\.json|readme\.md", re.IGNORECASE)  # fmt: skip
LARGEST = 2**22  # bytes; a list of names is small
OTHERS = re.compile(r"(?:^|[._-])(?:[ux]?pos|chunks?|phrases?|lemmas?)(?:$|[._-])", re.IGNORECASE)
NAMED = re.compile(r"^\s*['\"]?(\d+)['\"]?:\s*['\"]?([^\s'\"]+)['\"]?\s*$", re.MULTILINE)
DEPTH = 8
HINT = (
    'Or lay labels.txt beside it, a name a line from number 0; or put {"id2label": {"0": "O", "1": "B-PER"}} '
    "into a line"
)


def strings(value: Any) -> bool:
    """Whether it is a list of strings, with something in it."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


def names_in(value: Any) -> dict[int, str]:
    """The names of numbered labels that an object holds somewhere: a list with O, id2label or label2id; or nothing.

    Names of phrases and of parts of speech are none. Where several lists are left, those under a key that speaks of
    entities; where those differ, nothing: none is better than the other.
    """
    found = [(way, names) for way, names in _all_names(value, "") if not OTHERS.search(way)]
    if len({tuple(names.items()) for _, names in found}) > 1:
        found = [(way, names) for way, names in found if re.search("ner|entit", way, re.IGNORECASE)] or found
    different = {tuple(sorted(names.items())) for _, names in found}
    return dict(next(iter(different))) if len(different) == 1 else {}


def _all_names(value: Any, way: str, depth: int = DEPTH) -> Iterator[tuple[str, dict[int, str]]]:
    """Every mapping from numbers to names within a value, each with the keys that lead to it."""
    if not depth:
        return
    if strings(value):
        if len(value) > 1 and are_names(value):
            yield way, dict(enumerate(value))
    elif isinstance(value, dict):
        named = list(value.values())
        if value and all(str(key).isdecimal() for key in value) and strings(named) and are_names(named):
            yield way, {int(number): name for number, name in value.items()}
        elif value and all(map(_whole, named)) and are_names(list(value)):
            yield way, {number: name for name, number in value.items()}
        else:
            said = value.get("name")  # of the `datasets` server, and of lists of features
            way = f"{way}.{said}" if isinstance(said, str) else way
            for key, inner in value.items():
                yield from _all_names(inner, f"{way}.{key}", depth - 1)
    elif isinstance(value, list) and not all(isinstance(one, (str, int)) for one in value):
        for inner in value:
            yield from _all_names(inner, way, depth - 1)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def are_names(values: list[str]) -> bool:
    """Whether they name the labels of a scheme: one says outside, none comes twice, and they have prefixes or none."""
    others = [value for value in values if value not in OUTSIDE]
    if len(others) != len(values) - 1 or len(set(values)) != len(values):
        return False
    if all(TAG.fullmatch(value) for value in others):
        return bool(others) and not {value[2:] for value in others} <= PHRASES
    return bool(others) and all(BARE_TAG.fullmatch(value) for value in others)


def types_in(value: Any) -> dict[int, str]:
    """The names of numbered types of spans, among which none says outside: [{"id": 1, "text": "PER"}], {"1": "PER"}."""
    if isinstance(value, list) and value and all(isinstance(one, dict) and _whole(one.get("id")) for one in value):
        names = [next((one[k] for k in ("text", "name", "label", "title") if isinstance(one.get(k), str)), None)
                 for one in value]  # fmt: skip
        if all(names) and len(set(names)) == len(names):
            return {one["id"]: name for one, name in zip(value, names, strict=True)}
    if isinstance(value, dict) and value:
        named = list(value.values())
        if all(str(key).isdecimal() for key in value) and strings(named):
            return {int(number): name for number, name in value.items()}
        if all(map(_whole, named)):
            return {number: name for name, number in value.items()}
    return {}


# Beside the file -----------------------------------------------------------------------------------


def names_beside(file: str, highest: int, spans: bool = False) -> tuple[dict[int, str], str]:
    """The names that a file beside one of texts gives, and a sentence that says where they were found, or what is odd.

    Args:
        file: the path of the texts.
        highest: the highest number that stands for a label there.
        spans: whether the numbers are types of spans, where no name says outside.

    Returns:
        Nothing and "" where no file names labels; nothing and a reason where one does and cannot be right.
    """
    folder = Path(file).absolute().parent
    for place in (folder, folder.parent):
        found = {}
        for path in sorted(place.iterdir(), key=lambda path: path.name) if place.is_dir() else ():
            if not BESIDE.fullmatch(path.name) or OTHERS.search(path.stem) or path.absolute() == Path(file).absolute():
                continue
            if named := _read(path, spans):
                found[path] = named
        if not found:
            continue
        said = " and ".join(path.name for path in found)
        if len({tuple(sorted(names.items())) for names in found.values()}) > 1:
            return {}, f"{said} beside the file name the labels differently"
        names = next(iter(found.values()))
        if highest not in names:
            return {}, f"{said} beside the file names {len(names)} labels, and number {highest} is none of them"
        return names, f"the numbers of labels were given their names by {said}, beside the file"
    return {}, ""


def _read(path: Path, spans: bool) -> dict[int, str]:
    """The names that a file gives; nothing where it gives none."""
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            return {}
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return {}
    if path.suffix.lower() == ".md":
        return _from_card(text)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _from_lines([line.strip() for line in text.splitlines() if line.strip()], spans)
    names = names_in({path.stem: value})
    return names or (types_in(value) if spans else {})


def _from_card(text: str) -> dict[int, str]:
    """The names in the head of a data set's card, where one list of names is one of labels: '0': O, '1': B-PER."""
    head = text.split("\n---", 1)[0]
    lists = ({int(n): name for n, name in NAMED.findall(part)} for part in head.split("names:")[1:])
    found = [names for names in lists if are_names(list(names.values()))]
    return found[0] if len(found) == 1 else {}


def _from_lines(lines: list[str], spans: bool) -> dict[int, str]:
    """A name a line, or a name and its number."""
    pairs = [line.split() for line in lines]
    if lines and all(len(pair) == 2 for pair in pairs):
        for number, name in ((0, 1), (1, 0)):
            if all(pair[number].isdecimal() for pair in pairs):
                found = {int(pair[number]): pair[name] for pair in pairs}
                return found if spans or are_names(list(found.values())) else {}
    good = all(len(pair) == 1 for pair in pairs) and len(set(lines)) == len(lines)
    return dict(enumerate(lines)) if good and (are_names(lines) or spans and len(lines) > 1) else {}
