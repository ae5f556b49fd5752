"""What an object of JSON says about a text's entities, before any of it is checked. No framework."""

import json
from typing import Any, NamedTuple

from utils.datasets.readers.entity_examples import SHOWN
from utils.datasets.readers.entity_labels import BARE_TAG, OUTSIDE, TAG


class Mark(NamedTuple):
    """An entity as its file marks it; any of it may be absent or of a wrong type.

    Attributes:
        start: the first place.
        end: one past the last place, as its format counts it.
        label: its type.
        words: the text that it claims to cover, or None.
    """

    start: Any
    end: Any
    label: Any
    words: Any = None


class Marked(NamedTuple):
    """A text with spans, tokens with a label each, or tokens with spans.

    Attributes:
        text: as it stands in the file, or None.
        tokens: the words, where they are given.
        tags: a label for each token: a name or a number.
        marks: the entities, where spans give them.
        last: of marks over tokens, whether the end is the last token; None where the format does not say.
    """

    text: str | None = None
    tokens: list | None = None
    tags: list | None = None
    marks: list[Mark] | None = None
    last: bool | None = None


class Odd(NamedTuple):
    """What is wrong with an object; see `Problem`."""

    kind: str
    message: str
    advice: str


class Passed(NamedTuple):
    """An object that is left out as its makers wish; `why` is counted."""

    why: str


class Names(NamedTuple):
    """The names of labels that stand as numbers: number -> name."""

    names: dict[int, str]


def short(value: Any) -> str:
    """A value as JSON, cut; a half character becomes its escape, so that it can be printed."""
    try:
        shown = json.dumps(value, ensure_ascii=False, default=repr)
    except RecursionError:
        return "brackets nested too deep"
    shown = shown if len(shown) <= SHOWN else shown[:SHOWN] + "…"
    return shown.encode("utf-8", "backslashreplace").decode("utf-8")


def whole_number(value: Any) -> bool:
    """Whether it is a whole number, and no truth value."""
    return isinstance(value, int) and not isinstance(value, bool)


def strings(value: Any) -> bool:
    """Whether it is a list of strings, with something in it."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


def are_tags(values: list) -> bool:
    """Whether all are labels with a prefix, or O."""
    return bool(values) and all(isinstance(value, str) and TAG.fullmatch(value) for value in values)


def names_in(value: Any, depth: int = 5) -> dict[int, str]:
    """The names of numbered labels that an object holds somewhere: a list with O, id2label or label2id; or nothing."""
    if not depth:
        return {}
    if strings(value) and len(value) > 1 and _are_names(value):
        return dict(enumerate(value))
    if isinstance(value, dict):
        if value and all(str(key).isdecimal() for key in value) and strings(named := list(value.values())):
            if _are_names(named):
                return {int(number): name for number, name in value.items()}
        if value and all(whole_number(number) for number in value.values()) and _are_names(list(value)):
            return {number: name for name, number in value.items()}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((found for item in inner if (found := names_in(item, depth - 1))), {})


def _are_names(values: list[str]) -> bool:
    """Whether they name the labels of a scheme: one says outside, none comes twice, and they have prefixes or none."""
    others = [value for value in values if value not in OUTSIDE]
    if len(others) != len(values) - 1 or len(set(values)) != len(values):
        return False
    return are_tags(others) or bool(others) and all(BARE_TAG.fullmatch(value) for value in others)


def first_of(item: dict, keys: tuple[str, ...], absent: Any = None) -> Any:
    """The value under the first of the keys that is there."""
    return next((item[key] for key in keys if key in item), absent)
