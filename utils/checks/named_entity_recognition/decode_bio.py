"""The exercise decode_bio: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.guard import Crash
from utils.checks.named_entity_recognition.shared import NOTEBOOK, proper, random_labels
from utils.tasks.labels import decode_bio


def _as_text(answer, labels):
    """What came back, as "PER 0–2, LOC 3–4"; a Crash where a set could not hold it."""
    found = answer(labels)
    if isinstance(found, (set, frozenset, dict, str)):
        return Crash("set", f"a list is asked for, in order; a {type(found).__name__} came back")
    if found is None:
        return "None"
    if _several(found):
        what = f"a {type(found).__name__} of {len(found)} came back, the first a list"
        return Crash("several", f"{what}: return the list of entities alone")
    found = list(found)
    for kind, plural in ((list, "lists"), (np.ndarray, "arrays"), (dict, "dictionaries"), (str, "texts")):
        if any(isinstance(entity, kind) for entity in found):
            why = ": only tuples can be put into a set" if kind in (list, np.ndarray) else ": (type, first, last + 1)"
            return Crash("TypeError", f"tuples are asked for, {plural} came back{why}")
    if parts := [len(entity) for entity in found if len(entity) != 3]:
        return Crash("parts", f"each entity is (type, first, last + 1), three parts; one of {parts[0]} came back")
    shown = [f"{kind} {_place(first)}–{_place(last)}" for kind, first, last in found]
    return ", ".join(shown) or "no entity"


def _as_text_twice(answer, labels):
    """The same; in words where two calls give one and the same list."""
    results = []
    shown = _as_text(lambda given: results.append(answer(given)) or results[0], labels)
    if isinstance(results[0], list) and answer(list(labels)) is results[0]:
        line = "two calls gave one and the same list: a default, entities=[], is made only once; make it inside"
        return Crash("remembers", line)
    return shown


def _several(found):
    """Whether the list of entities is one of several results."""
    if not isinstance(found, (list, tuple)) or not found or not isinstance(found[0], list):
        return False
    return not found[0] or not isinstance(found[0][0], str)


def _place(value):
    """A word's number; anything that is not one shows."""
    return value if isinstance(value, (int, np.integer)) else repr(value)


def _labels(text):
    return case(text.split())


def _one_of_its_own(rng):
    """The labels of an entity, its type and its length by chance."""
    kind = rng.choice(["PER", "LOC", "DATE"])
    return [f"B-{kind}", *[f"I-{kind}"] * int(rng.integers(4))]


def _decode_with(opens, goes_on, last=1, name=lambda label: label[2:], at_end=True):
    """`decode_bio` with its decisions as arguments: (label, kind open or None) -> bool."""

    def decode(labels):
        entities, opened, first = [], None, 0
        for i, label in enumerate(labels):
            if opened is not None and not goes_on(label, opened):
                entities.append((opened, first, i - 1 + last))
                opened = None
            if opened is None and opens(label):
                opened, first = name(label), i
        if opened is not None and at_end:
            entities.append((opened, first, len(labels) - 1 + last))
        return entities

    return decode


def _inside(label, opened):
    return label == f"I-{opened}"


def _decode_by(name):
    """`decode_bio` with another way to get a label's type."""
    return _decode_with(_not_o, lambda label, opened: label[0] == "I" and name(label) == opened, name=name)


def _not_o(label):
    return label != "O"


def _begins(label):
    return label.startswith("B")


def _never_both(labels):
    """Closes or opens at a label, never both."""
    entities, opened, first = [], None, 0
    for i, label in enumerate([*labels, "O"]):
        if opened is not None:
            if not _inside(label, opened):
                entities.append((opened, first, i))
                opened = None
        elif label != "O":
            opened, first = label[2:], i
    return entities


def _never_forgotten(labels):
    """What was open when an O came stays open, and is put into the list once more at whatever ends it again."""
    entities, entity = [], None
    for i, label in enumerate(labels):
        if entity and label == f"I-{entity[0]}":
            entity = (*entity[:2], i + 1)
            continue
        entities += [entity] if entity else []
        entity = entity if label == "O" else (label[2:], i, i + 1)
    return entities + ([entity] if entity else [])


def _only_after_an_entity(labels):
    """An I- opens one where it ends another, and nowhere else."""
    return [e for e in decode_bio(labels) if labels[e[1]][0] == "B" or (e[1] and labels[e[1] - 1] != "O")]


def _other_kind_is_dropped(labels):
    entities = []
    for i, label in enumerate(labels):
        before = labels[i - 1] if i else "O"
        starts = label[0] == "B" or (label[0] == "I" and before == "O")
        if starts:
            last = i + 1
            while last < len(labels) and labels[last] == f"I-{label[2:]}":
                last += 1
            entities.append((label[2:], i, last))
    return entities


def _start_is_false_at_0(labels):
    """An answer that asks `if start:`, which says no at word 0."""
    entities, kind, start = [], None, None
    for i, label in enumerate([*labels, "O"]):
        if start and not _inside(label, kind):
            entities.append((kind, start, i))
            start = None
        if not start and label != "O":
            kind, start = label[2:], i
    return entities


def _overwritten_by(letters):
    """An answer in which an entity is lost where a label with one of these letters follows at once."""
    return lambda labels: [e for e in decode_bio(labels) if "".join(labels[e[2] : e[2] + 1])[:1] not in letters]


def _one_short_at_the_end(labels):
    return [(kind, first, last - (last == len(labels))) for kind, first, last in decode_bio(labels)]


def _over_o(reach):
    """An answer in which an O ends nothing: an I- of the same type moves the end to reach(its place, the end)."""

    def decode(labels):
        entities = []
        for i, label in enumerate(labels):
            if label[0] == "I" and entities and entities[-1][0] == label[2:]:
                entities[-1] = (*entities[-1][:2], reach(i, entities[-1][2]))
            elif label != "O":
                entities.append((label[2:], i, i + 1))
        return entities

    return decode


register(
    Exercise(
        name="decode_bio",
        notebook=NOTEBOOK,
        reference=decode_bio,
        properties=(
            Property(
                "single entities: type, first word, last word + 1",
                2,
                lambda rng: [
                    _labels("O B-PER O"),
                    _labels("O B-PER I-PER I-PER O"),
                    _labels("O O"),
                    case(proper(rng, 7)),
                    case(proper(rng, 12)),
                ],
                run=_as_text_twice,
            ),
            Property(
                "an entity may begin the sentence, and end it",
                1,
                lambda rng: [
                    *(_labels("B-LOC"), _labels("B-PER I-PER O B-LOC"), _labels("O O B-DATE I-DATE"), case([])),
                    case([*_one_of_its_own(rng), *"OOO", *_one_of_its_own(rng)]),
                ],
                run=_as_text,
            ),
            Property(
                "neighbours: a B- opens a new entity, whatever stands before it",
                1,
                lambda rng: [
                    _labels("O B-PER B-PER O"),
                    _labels("O B-PER I-PER B-PER I-PER O"),
                    _labels("O B-LOC B-PER I-PER B-LOC O"),
                    case(["O", *_one_of_its_own(rng), *_one_of_its_own(rng), *_one_of_its_own(rng), "O"]),
                ],
                run=_as_text,
            ),
            Property(
                "an I- that continues no entity of its type opens one; types may have hyphens",
                2,
                lambda rng: [
                    _labels("O I-PER I-PER O"),
                    _labels("O I-PER O I-PER"),
                    _labels("I-PER O B-PER I-LOC I-LOC O"),
                    _labels("O B-creative-work I-creative-work O"),
                    _labels("B-BIB I-BIB O I-INFO O"),  # letters of its own that a B-, an I- and an O have
                    _labels("O B-API-call I-API-call B-DB-name"),
                    _labels("B-PER I-PERSON I-PER O B-GROUP I-UP O B-PRO I-PER"),  # one within another, alike at an end
                    _labels("B-PERSON I-PER O B-UP I-GROUP"),
                    *(case(random_labels(rng, size)) for size in (4, 6, 9, 12, 15)),
                ],
                run=_as_text,
            ),
        ),
        mistakes=(
            Mistake("nothing came back: is a `return` missing?", lambda labels: None),
            Mistake("where there is no entity, an empty list is asked for", lambda labels: decode_bio(labels) or None),
            *(
                Mistake(
                    "the type loses letters of its own: strip and replace take them wherever they stand; take what "
                    "follows the first hyphen",
                    _decode_by(name),
                )
                for name in (
                    lambda label: label.strip("BI-"),
                    lambda label: label.lstrip("BI-"),
                    lambda label: label.replace("B-", "").replace("I-", ""),
                )
            ),
            *(
                Mistake(
                    'a type with an O of its own is taken for outside: compare the whole label with "O"',
                    _decode_with(opens, _inside),
                )
                for opens in (lambda label: "O" not in label, lambda label: not label.endswith("O"))
            ),
            Mistake(
                "a label that ends an entity opens none: after closing, look whether it opens one",
                _never_both,
            ),
            Mistake(
                "the end is one too far: it is the number of the word after the entity",
                lambda labels: [(kind, first, last + 1) for kind, first, last in decode_bio(labels)],
            ),
            Mistake(
                "first and last + 1 are swapped: the order is (type, first, last + 1)",
                lambda labels: [(kind, last, first) for kind, first, last in decode_bio(labels)],
            ),
            *(
                Mistake("the entities are in another order: that of the sentence is asked for", wrong)
                for wrong in (lambda labels: decode_bio(labels)[::-1], lambda labels: sorted(decode_bio(labels)))
            ),
            Mistake(
                "the last word's own number came back: the end is one past it, as in Python's slices",
                _decode_with(_not_o, _inside, last=0),
            ),
            Mistake(
                "an entity that ends the sentence is lost: close what is open after the loop",
                _decode_with(_not_o, _inside, at_end=False),
            ),
            Mistake(
                "an I- without its B- is passed over: it opens an entity",
                _decode_with(_begins, _inside),
            ),
            Mistake(
                "an I- without its B- is passed over: it opens an entity",
                _only_after_an_entity,
            ),
            Mistake(
                "an I- of another type continues the entity: it must end it, and open one of its own",
                _decode_with(_not_o, lambda label, opened: label.startswith("I")),
            ),
            *(
                Mistake(
                    "types are compared by a part of their names: an I- continues exactly its own type, the whole name",
                    _decode_with(_not_o, goes_on),
                )
                for goes_on in (
                    lambda label, opened: label[0] == "I" and opened in label,
                    lambda label, opened: label[0] == "I" and label.endswith(opened),
                    lambda label, opened: label[0] == "I" and label[2:] in opened,
                    lambda label, opened: label[0] == "I" and label[2:5] == opened[:3],
                    lambda label, opened: label[0] == "I" and label[2] == opened[0],
                )
            ),
            Mistake(
                "any label but O continues the entity: a B- or another type must begin a new one",
                _decode_with(_not_o, lambda label, opened: label != "O"),
            ),
            Mistake(
                "a B- of the same type continues the entity: a B- always begins a new one",
                _decode_with(_not_o, lambda label, opened: label[2:] == opened),
            ),
            Mistake(
                "an I- of another type ends the entity but opens none",
                _other_kind_is_dropped,
            ),
            *(
                Mistake("an O does not end the entity: an I- after an O opens a new one", _over_o(reach))
                for reach in (lambda i, last: i + 1, lambda i, last: last + 1)
            ),
            Mistake(
                "an entity that an O has ended comes again: nothing is open then, so forget it once it is in the list",
                _never_forgotten,
            ),
            Mistake(
                "each word became an entity of its own: an I- continues the one before it",
                _decode_with(_not_o, lambda label, opened: False),
            ),
            Mistake(
                "the type still has its B- or I-: take what follows the first hyphen",
                lambda labels: [(labels[first], first, last) for _, first, last in decode_bio(labels)],
            ),
            Mistake(
                "a type with a hyphen is cut: split at the first hyphen only",
                lambda labels: [(kind.split("-")[0], first, last) for kind, first, last in decode_bio(labels)],
            ),
            Mistake(
                "a type with a hyphen is cut: split at the first hyphen, not at the last",
                lambda labels: [(kind.split("-")[-1], first, last) for kind, first, last in decode_bio(labels)],
            ),
            Mistake(
                "the order is (type, first, last + 1): here the type comes last",
                lambda labels: [(first, last, kind) for kind, first, last in decode_bio(labels)],
            ),
            Mistake(
                "the first word's number is one too high: Python counts from 0",
                lambda labels: [(kind, first + 1, last) for kind, first, last in decode_bio(labels)],
            ),
            Mistake(
                "both numbers are one too high: Python counts from 0",
                lambda labels: [(kind, first + 1, last + 1) for kind, first, last in decode_bio(labels)],
            ),
            Mistake(
                "the number of words came back instead of the end",
                lambda labels: [(kind, first, last - first) for kind, first, last in decode_bio(labels)],
            ),
            *(
                Mistake("an entity at word 0 is lost: 0 is false to `if`; ask whether it `is not None`", wrong)
                for wrong in (lambda labels: [e for e in decode_bio(labels) if e[1]], _start_is_false_at_0)
            ),
            *(
                Mistake(
                    "an entity that follows another at once overwrites it: put the one before into the list first",
                    _overwritten_by(letters),
                )
                for letters in (["I"], ["B"], ["B", "I"])
            ),
            Mistake(
                "an entity that ends the sentence is one word short: its end is len(labels)",
                _one_short_at_the_end,
            ),
            Mistake(
                "the type is cut to three letters: take all that follows the first hyphen",
                _decode_by(lambda label: label[2:5]),
            ),
            Mistake(
                "the type still has its hyphen: label[2:] begins behind it",
                lambda labels: [(f"-{kind}", first, last) for kind, first, last in decode_bio(labels)],
            ),
            Mistake(
                "a type with a B of its own begins a new entity: look at the label's first letter alone",
                _decode_with(_not_o, lambda label, opened: "B" not in label and label[2:] == opened),
            ),
            Mistake(
                "only one entity of each type came back, as a dictionary keeps one: use a list",
                lambda labels: list({e[0]: e for e in decode_bio(labels)}.values()),
            ),
            Mistake(
                "only the last entity came back: make the list before the loop, and append",
                lambda labels: decode_bio(labels)[-1:],
            ),
            Mistake(
                "only the first entity came back: is the `return` inside the loop?",
                lambda labels: decode_bio(labels)[:1],
            ),
        ),
        hints=(
            "Remember the type of the entity that you are in, or None, and the word at which it began.",
            "Two questions at each label: does it end what is open (it is no I- of that type)? Does it open something?",
            "When the labels end, something may still be open. What would have closed it, had one more word come?",
        ),
    )
)
