"""Objects of JSON that hold a model's suggestions beside what people answered, as Argilla writes them. No framework.

Of Argilla 1 "annotation" and "status"; of Argilla 2, made flat, "….responses" of one question about spans. What nobody
has answered yet, or what was discarded, is left out.
"""

from collections.abc import Iterator
from typing import Any

from utils.datasets.readers.entity_records import TAKEN, Marked, Odd, Passed
from utils.datasets.readers.entity_spans import TEXT_KEYS, is_span, text_with_spans

WAITING, DISCARDED = Passed("have no annotation yet"), Passed("were discarded by their annotators")
ANSWERS = ".responses"


def is_reviewed(item: dict) -> bool:
    """Whether it is a record of Argilla 1, or one of Argilla 2 that was made flat."""
    first = "annotation" in item and "prediction" in item and "status" in item
    return first or any(key.endswith(ANSWERS) for key in item) and not item.keys().isdisjoint(TEXT_KEYS)


def reviewed(item: dict) -> Iterator[Marked | Odd | Passed]:
    """What a record says: the entities that people marked, never those that a model suggested."""
    if item.get("status") in ("Discarded", "discarded"):
        yield DISCARDED
    elif "prediction" in item:
        yield from [WAITING] if item["annotation"] is None else text_with_spans(_with(item, item["annotation"]))
    else:
        yield from _of_responses(item)


def _of_responses(item: dict) -> Iterator[Marked | Odd | Passed]:
    questions = {key: value for key, value in item.items() if key.endswith(ANSWERS)}
    answered = {key: value for key, value in questions.items() if _are_answers(value)}
    if item.get("status") == "pending" or not any(value for value in questions.values()):
        yield WAITING
        return
    if len(answered) != 1:
        names = " and ".join(key.removesuffix(ANSWERS) for key in answered or questions)
        advice = 'Make it {"text": …, "entities": [[0, 4, "PER"]]} from the question whose spans are the entities'
        yield Odd("several lists", f"{'several questions ask' if answered else 'no question asks'} for spans: {names}",
                  advice)  # fmt: skip
        return
    (key, answers), *_ = answered.items()
    states = item.get(f"{key}.status")
    if isinstance(states, list) and len(states) == len(answers):
        answers = [one for one, state in zip(answers, states, strict=True) if state == "submitted"]
    if not answers:
        yield DISCARDED
        return
    if len(answers) > 1:
        yield Passed("have further annotations, of which one was taken", TAKEN)
    yield from text_with_spans(_with(item, answers[0]))


def _are_answers(value: Any) -> bool:
    """Whether a question's answers are lists of spans."""
    return isinstance(value, list) and bool(value) and all(
        isinstance(answer, list) and all(map(is_span, answer)) for answer in value
    )  # fmt: skip


def _with(item: dict, spans: Any) -> dict:
    """The object's text with the spans that count."""
    return {key: item[key] for key in TEXT_KEYS if key in item} | {"entities": spans}
