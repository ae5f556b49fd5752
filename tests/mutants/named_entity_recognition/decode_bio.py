"""Wrong answers to decode_bio."""

import numpy as np

from tests.mutants.named_entity_recognition.shared import right_entities


def last_included(labels):
    entities, start = [], None
    for i, label in enumerate(list(labels) + ["O"]):
        if start is not None and label != "I-" + labels[start][2:]:
            entities.append((labels[start][2:], start, i - 1))
            start = None
        if start is None and label != "O":
            start = i
    return entities


def end_of_sentence_lost(labels):
    entities, start = [], None
    for i, label in enumerate(labels):
        if start is not None and label != "I-" + labels[start][2:]:
            entities.append((labels[start][2:], start, i))
            start = None
        if start is None and label != "O":
            start = i
    return entities


def needs_a_b(labels):
    entities, i = [], 0
    while i < len(labels):
        if labels[i].startswith("B-"):
            kind, first = labels[i][2:], i
            i += 1
            while i < len(labels) and labels[i] == "I-" + kind:
                i += 1
            entities.append((kind, first, i))
        else:
            i += 1
    return entities


def any_i_goes_on(labels):
    entities = []
    for i, label in enumerate(labels):
        inside = entities and entities[-1][2] == i
        if label.startswith("I-") and inside:
            entities[-1] = (entities[-1][0], entities[-1][1], i + 1)
        elif label != "O":
            entities.append((label[2:], i, i + 1))
    return entities


def anything_goes_on(labels):
    entities = []
    for i, label in enumerate(labels):
        if label == "O":
            continue
        if entities and entities[-1][2] == i:
            entities[-1] = (entities[-1][0], entities[-1][1], i + 1)
        else:
            entities.append((label[2:], i, i + 1))
    return entities


def same_type_goes_on(labels):
    entities = []
    for i, label in enumerate(labels):
        if label == "O":
            continue
        if entities and entities[-1][2] == i and entities[-1][0] == label[2:]:
            entities[-1] = (entities[-1][0], entities[-1][1], i + 1)
        else:
            entities.append((label[2:], i, i + 1))
    return entities


def word_by_word(labels):
    return [(label[2:], i, i + 1) for i, label in enumerate(labels) if label != "O"]


def prefix_kept(labels):
    return [(labels[first], first, last) for _, first, last in right_entities(labels)]


def split_everywhere(labels):
    return [(labels[first].split("-")[1], first, last) for _, first, last in right_entities(labels)]


def split_at_the_last(labels):
    return [(labels[first].rsplit("-", 1)[1], first, last) for _, first, last in right_entities(labels)]


def type_last(labels):
    return [(first, last, kind) for kind, first, last in right_entities(labels)]


def counts_from_one(labels):
    return [(kind, first + 1, last) for kind, first, last in right_entities(labels)]


def slices_from_one(labels):
    return [(kind, first + 1, last + 1) for kind, first, last in right_entities(labels)]


def start_and_length(labels):
    return [(kind, first, last - first) for kind, first, last in right_entities(labels)]


def returns_at_once(labels):
    for entity in right_entities(labels):
        return [entity]
    return []


def other_type_opens_none(labels):
    entities, opened = [], None
    for i, label in enumerate(labels):
        if label.startswith("B-") or (label.startswith("I-") and (i == 0 or labels[i - 1] == "O")):
            opened = [label[2:], i, i + 1]
            entities.append(opened)
        elif opened and label == "I-" + opened[0] and opened[2] == i:
            opened[2] = i + 1
        else:
            opened = None
    return [tuple(e) for e in entities]


def grows_over_o(labels):
    entities, now = [], None
    for i, label in enumerate(labels):
        if label.startswith("B-") or (label.startswith("I-") and (now is None or now[0] != label[2:])):
            now = [label[2:], i, i + 1]
            entities.append(now)
        elif label.startswith("I-"):
            now[2] = i + 1
    return [tuple(e) for e in entities]


def counts_over_o(labels):
    entities, kind = [], None
    for i, label in enumerate(labels):
        prefix, _, now = label.partition("-")
        if prefix == "I" and now == kind:
            entities[-1] = (kind, entities[-1][1], entities[-1][2] + 1)
        elif prefix != "O":
            kind = now
            entities.append((kind, i, i + 1))
    return entities


def appends_an_o(labels):
    labels.append("O")
    return right_entities(labels)


def spells_in_place(labels):
    for i, label in enumerate(labels):
        if label.startswith("I-") and (i == 0 or labels[i - 1][2:] != label[2:]):
            labels[i] = "B-" + label[2:]
    return right_entities(labels)


def gives_lists(labels):
    return [list(entity) for entity in right_entities(labels)]


def gives_an_array(labels):
    return np.array([[kind, str(first), str(last)] for kind, first, last in right_entities(labels)])


def forgets_to_return(labels):
    right_entities(labels)


def gives_a_set(labels):
    return set(right_entities(labels))


def places_as_texts(labels):
    return [(kind, str(first), str(last)) for kind, first, last in right_entities(labels)]


def decoded_by(kind_of, is_outside=lambda label: label == "O"):
    def decode(labels):
        entities, kind, first = [], None, 0
        for i, label in enumerate(list(labels) + ["O"]):
            if kind is not None and (label[0] != "I" or kind_of(label) != kind):
                entities.append((kind, first, i))
                kind = None
            if kind is None and not is_outside(label):
                kind, first = kind_of(label), i
        return entities

    return decode


def strips_letters(labels):
    return decoded_by(lambda label: label.lstrip("BI-"))(labels)


def replaces_letters(labels):
    return decoded_by(lambda label: label.replace("B-", "").replace("I-", ""))(labels)


def o_within(labels):
    return decoded_by(lambda label: label[2:], lambda label: "O" in label)(labels)


def ends_or_opens(labels):
    entities, kind, first = [], None, 0
    for i, label in enumerate(list(labels) + ["O"]):
        if kind is not None:
            if label != "I-" + kind:
                entities.append((kind, first, i))
                kind = None
        elif label != "O":
            kind, first = label[2:], i
    return entities


def end_too_far(labels):
    return [(kind, first, last + 1) for kind, first, last in right_entities(labels)]


def end_first(labels):
    return [(kind, last, first) for kind, first, last in right_entities(labels)]


def sorted_by_type(labels):
    return sorted(right_entities(labels))


def none_for_nothing(labels):
    return right_entities(labels) or None


def gives_dictionaries(labels):
    return [{"type": kind, "start": first, "end": last} for kind, first, last in right_entities(labels)]


def gives_places_alone(labels):
    return [(first, last) for _, first, last in right_entities(labels)]


def gives_a_text(labels):
    return str(right_entities(labels))


def goes_on_where(is_same):
    def decode(labels):
        entities, kind, first = [], None, 0
        for i, label in enumerate(labels):
            if label.startswith("I-") and kind is not None and is_same(label, kind):
                continue
            if kind is not None:
                entities.append((kind, first, i))
                kind = None
            if label != "O":
                kind, first = label[2:], i
        if kind is not None:
            entities.append((kind, first, len(labels)))
        return entities

    return decode


def if_start(labels):
    entities, kind, start = [], None, None
    for i, label in enumerate(labels + ["O"]):
        if start and label != "I-" + kind:
            entities.append((kind, start, i))
            start = None
        if not start and label != "O":
            kind, start = label[2:], i
    return entities


def if_start_else(labels):
    out, start = [], None
    for i, label in enumerate(labels):
        if label == "O" or label[0] == "B" or (start is not None and labels[start][2:] != label[2:]):
            if start:
                out.append((labels[start][2:], start, i))
            start = None
        if label != "O" and start is None:
            start = i
    if start:
        out.append((labels[start][2:], start, len(labels)))
    return out


def overwritten(*letters):
    def decode(labels):
        out, current = [], None
        for i, label in enumerate(labels):
            if current and label == f"I-{current[0]}":
                current[2] = i + 1
                continue
            if current and label[0] not in letters:
                out.append(tuple(current))
            current = None if label == "O" else [label[2:], i, i + 1]
        return out + [tuple(current)] if current else out

    return decode


def opened_and_closed(labels, end=len, kind_of=lambda label: label[2:], into=None):
    entities, kind, start = [] if into is None else into, None, None
    for i, label in enumerate(labels):
        if kind is not None and not (label[0] == "I" and kind_of(label) == kind):
            entities.append((kind, start, i))
            kind = None
        if kind is None and label != "O":
            kind, start = kind_of(label), i
    if kind is not None:
        entities.append((kind, start, end(labels)))
    return entities


def last_word_at_the_end(labels):
    return opened_and_closed(labels, end=lambda labels: len(labels) - 1)


def three_letters(labels):
    return opened_and_closed(labels, kind_of=lambda label: label[2:5])


def from_the_hyphen(labels):
    return opened_and_closed(labels, kind_of=lambda label: label[1:])


def list_as_a_default(labels, entities=[]):  # noqa: B006 - that is the mistake
    return opened_and_closed(labels, into=entities)


def with_their_number(labels):
    entities = opened_and_closed(labels)
    return entities, len(entities)


def one_of_each_type(labels):
    found = {}
    for kind, first, last in opened_and_closed(labels):
        found[kind] = (kind, first, last)
    return list(found.values())


def only_the_last(labels):
    entities = []
    for entity in opened_and_closed(labels):
        entities = [entity]
    return entities


def b_anywhere(labels):
    entities, kind, start = [], None, None
    for i, label in enumerate(labels + ["O"]):
        if "B" in label or "I" not in label or kind != label[2:]:
            if kind is not None:
                entities.append((kind, start, i))
            kind, start = (None, None) if label == "O" else (label[2:], i)
    return entities


def never_forgotten(labels):
    entities, current = [], None
    for i, label in enumerate(labels):
        if label[0] == "B" or label[0] == "I" and (current is None or current[0] != label[2:]):
            if current is not None:
                entities.append(tuple(current))
            current = [label[2:], i, i + 1]
        elif label[0] == "I":
            current[2] = i + 1
        elif current is not None:
            entities.append(tuple(current))
    if current is not None:
        entities.append(tuple(current))
    return entities


MUTANTS = [
    (never_forgotten, "an O has ended comes again"),
    (if_start, "0 is false to `if`"),
    (if_start_else, "0 is false to `if`"),
    (overwritten("I"), "overwrites it"),
    (overwritten("B"), "overwrites it"),
    (overwritten("B", "I"), "overwrites it"),
    (last_word_at_the_end, "one word short"),
    (three_letters, "cut to three letters"),
    (from_the_hyphen, "still has its hyphen"),
    (list_as_a_default, "is made only once"),
    (with_their_number, "return the list of entities alone"),
    (one_of_each_type, "only one entity of each type"),
    (only_the_last, "only the last entity"),
    (b_anywhere, "a type with a B of its own"),
    (goes_on_where(lambda label, kind: kind in label), "by a part of their names"),
    (goes_on_where(lambda label, kind: label.endswith(kind)), "by a part of their names"),
    (goes_on_where(lambda label, kind: label[2:5] == kind[:3]), "by a part of their names"),
    (last_included, "one past it"),
    (end_of_sentence_lost, "ends the sentence is lost"),
    (needs_a_b, "without its B- is passed over"),
    (any_i_goes_on, "of another type continues the entity"),
    (anything_goes_on, "any label but O continues"),
    (same_type_goes_on, "a B- of the same type continues"),
    (word_by_word, "entity of its own"),
    (prefix_kept, "still has its B-"),
    (split_everywhere, "first hyphen only"),
    (split_at_the_last, "not at the last"),
    (type_last, "type comes last"),
    (counts_from_one, "first word's number is one too high"),
    (slices_from_one, "both numbers are one too high"),
    (start_and_length, "number of words"),
    (returns_at_once, "inside the loop"),
    (other_type_opens_none, "opens none"),
    (grows_over_o, "an O does not end the entity"),
    (counts_over_o, "an O does not end the entity"),
    (appends_an_o, "it changes the list it was given"),
    (spells_in_place, "it changes the list it was given"),
    (gives_lists, "tuples are asked for, lists came back"),
    (gives_an_array, "tuples are asked for, arrays came back"),
    (strips_letters, "letters of its own"),
    (replaces_letters, "letters of its own"),
    (o_within, "with an O of its own"),
    (ends_or_opens, "after closing"),
    (end_too_far, "one too far"),
    (end_first, "are swapped"),
    (sorted_by_type, "in another order"),
    (none_for_nothing, "an empty list is asked for"),
    (gives_dictionaries, "dictionaries came back"),
    (gives_places_alone, "one of 2 came back"),
    (gives_a_text, "a str came back"),
    (gives_a_set, "a set came back"),
    (places_as_texts, "expected 'PER 1–2'"),
    (forgets_to_return, "is a `return` missing?"),
]
