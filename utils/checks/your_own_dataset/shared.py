"""What the exercises of this lesson share."""

from utils.checks.frame import brief

LINE = {"text": str, "entities": [{"start": int, "end": int}]}
QUESTION = {"id": str, "question": str, "answers": [{"text": str, "answer_start": int}]}
SQUAD = {"data": [{"paragraphs": [{"context": str, "qas": [dict]}]}]}


def has_shape(value, shape) -> bool:
    """Whether what JSON says is of a shape: a type, [shape] a list of such, or {key: shape} an object with these."""
    if isinstance(shape, list):
        return isinstance(value, list) and all(has_shape(item, shape[0]) for item in value)
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(has_shape(value.get(key), part) for key, part in shape.items())
    return type(value) is shape


def say(found) -> str | None:
    """What came back, as the list of pairs that is asked for."""
    if found is None:
        return None
    try:
        return str([_pair(pair) for pair in ([found] if isinstance(found, (str, dict)) else found)])
    except (TypeError, ValueError):
        return f"{brief(found)}, which is no list of pairs"


def _pair(pair):
    if isinstance(pair, (str, dict, set)):
        raise TypeError
    place, kind = (value.item() if hasattr(value, "item") else value for value in pair)
    return place, kind
