"""Lists that stand in strings, as JSON or as Python prints them: in cells of a table, and in objects of JSON.

pandas writes such strings where a column held lists. No framework.
"""

import ast
import json
from typing import Any

from utils.datasets.readers.entity_csv import listed
from utils.datasets.readers.entity_spans import SPAN_KEYS, TEXT_KEYS, is_span
from utils.datasets.readers.entity_tokens import TAG_KEYS, TOKEN_KEYS

LITERALS = 2**16  # characters of a cell of Python; longer ones cost too much


def structure(cell: str) -> Any:
    """What a cell holds as JSON, or as Python prints it, tuples as lists; None where it holds neither."""
    if cell[:1] not in ("[", "{", "("):
        return None
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        if len(cell) > LITERALS:
            return None
    try:
        return json.loads(json.dumps(ast.literal_eval(cell)))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def is_triple(value: Any) -> bool:
    """Whether it is [0, 4, "PER"], in any order."""
    if not isinstance(value, list) or len(value) != 3:
        return False
    return sum(isinstance(one, int) and not isinstance(one, bool) for one in value) == 2 and any(
        isinstance(one, str) for one in value
    )


def unpacked(item: dict) -> dict:
    """An object, its strings that hold spans, or words and as many labels, taken apart; other strings stay."""
    packed = {key: value for key, value in item.items() if isinstance(value, str) and value[:1] == "["}
    if not packed:
        return item
    found = {key: spans for key, value in packed.items() if (spans := _spans(key, value)) is not None}
    words, tags = ({key: listed(packed[key]) for key in keys if key in packed and key not in found}
                   for keys in (TOKEN_KEYS, TAG_KEYS))  # fmt: skip
    for key, value in words.items():
        beside = {other: tag for other, tag in tags.items() if other != key and tag and len(tag) == len(value or [])}
        found |= {key: value} | beside if beside else {}
    return item | found if found else item


def _spans(key: str, value: str) -> list | None:
    """The spans that a string holds; None where it holds none."""
    found = structure(value) if key not in TEXT_KEYS else None
    if not isinstance(found, list) or not found and key not in SPAN_KEYS:
        return None
    return found if all(is_span(one) or is_triple(one) for one in found) else None
