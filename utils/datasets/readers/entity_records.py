"""What an object of JSON says about a text's entities, before any of it is checked. No framework."""

import json
from typing import Any, NamedTuple

from utils.datasets.readers.entity_examples import SHOWN
from utils.datasets.readers.entity_labels import TAG


class Mark(NamedTuple):
    """An entity as its file marks it; any of it may be absent or of a wrong type.

    Attributes:
        start: the first place.
        end: one past the last place, as its format counts it.
        label: its type; a list where there are several, or explicitly none.
        words: the text that it claims to cover, or None.
        other: a second string beside the label: the entity's own text, its name in some register, or even its type.
    """

    start: Any
    end: Any
    label: Any
    words: Any = None
    other: str | None = None


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
    """An object that is left out, or taken in part, as its makers wish; `why` is counted."""

    why: str
    advice: str = "They were left out"


TAKEN = "That is how the file marks them"  # where nothing was left out


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


def counted(value: Any) -> Any:
    """A whole number that was written as "15" or 15.0; anything else as it is."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return int(value) if isinstance(value, str) and value.isascii() and value.strip().isdecimal() else value


def are_tags(values: list) -> bool:
    """Whether all are labels with a prefix, or O."""
    return bool(values) and all(isinstance(value, str) and TAG.fullmatch(value) for value in values)


def first_of(item: dict, keys: tuple[str, ...], absent: Any = None) -> Any:
    """The value under the first of the keys that is there."""
    return next((item[key] for key in keys if key in item), absent)
