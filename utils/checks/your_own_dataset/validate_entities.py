"""The exercise validate_entities: what must hold, and what each mistake looks like."""

import io
import json
from itertools import pairwise

from utils.checks.frame import Exercise, Property, register
from utils.checks.your_own_dataset.entity_lines import (
    all_sorts,
    broken_lines,
    misshapen_lines,
    overlap_lines,
    range_lines,
    space_lines,
    twice_lines,
)
from utils.checks.your_own_dataset.entity_mistakes import MISTAKES
from utils.checks.your_own_dataset.shared import LINE, has_shape, say


def validate_entities(lines) -> list[tuple[int, str]]:
    """Finds the lines that no model should learn from.

    Args:
        lines: texts, each an object of JSON: {"text": "…", "entities": [{"start": 0, "end": 4, "label": "PER"}]}.

    Returns:
        (number of the line from 1, kind) for each bad line, in order. The kind is the first of these that holds:
        "not JSON"; "wrong shape": it is JSON, but not of the shape LINE; "no text": there is nothing but white space;
        "out of range": for an entity 0 <= start < end <= length of the text fails; "space": one begins or ends with
        white space; "overlap": two share a character; "twice": an earlier line has the same text.
    """
    problems, seen = [], set()
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
        except ValueError:
            problems.append((number, "not JSON"))
            continue
        if not has_shape(record, LINE):
            problems.append((number, "wrong shape"))
            continue
        text = record["text"]
        spans = sorted((entity["start"], entity["end"]) for entity in record["entities"])
        covered = [text[start:end] for start, end in spans]
        if not text.strip():
            problems.append((number, "no text"))
        elif not all(0 <= start < end <= len(text) for start, end in spans):
            problems.append((number, "out of range"))
        elif any(words != words.strip() for words in covered):
            problems.append((number, "space"))
        elif any(first[1] > second[0] for first, second in pairwise(spans)):
            problems.append((number, "overlap"))
        elif text in seen:
            problems.append((number, "twice"))
        seen.add(text)
    return problems


class OpenFile(io.TextIOWrapper):
    """What a file is: lines with their ends, gone through once; errors call it by this name."""

    def __init__(self, lines):
        super().__init__(io.BytesIO("".join(f"{line}\n" for line in lines).encode()), encoding="utf-8")


def _entities_run(answer, lines):
    return say(answer(list(lines)))


def _in_a_file(answer, lines, opened=False):
    return say(answer(OpenFile(lines) if opened else list(lines)))


register(
    Exercise(
        name="validate_entities",
        notebook="14_your_own_dataset",
        reference=validate_entities,
        properties=(
            Property("lines that are not JSON, or have no text", 1, broken_lines, _entities_run),
            Property("lines of JSON that say something else", 1, misshapen_lines, _entities_run),
            Property(
                "entities outside their text; a good one may end where the text ends", 2, range_lines, _entities_run
            ),
            Property("entities with white space at their ends", 1, space_lines, _entities_run),
            Property("entities that overlap; neighbours may touch", 2, overlap_lines, _entities_run),
            Property("texts that were there before", 1, twice_lines, _entities_run),
            Property("a file with all of these: every bad line once, none invented", 2, all_sorts, _in_a_file),
        ),
        mistakes=MISTAKES,
        hints=(
            "One loop with enumerate(lines, start=1); inside it a chain of if and elif in the order of the docstring.",
            "json.loads raises ValueError; then has_shape(record, LINE): behind it nothing can crash. For overlaps "
            "sort the spans: then only neighbours need comparing.",
            "A memory of all texts so far tells what was there before. Do only good lines put theirs into it?",
        ),
    )
)
