"""Wrong tests of a line's entities, of which wrong answers to validate_entities are made."""


def pairs(spans):
    """Each entity with each behind it."""
    return [(x, y) for i, x in enumerate(spans) for y in spans[i + 1 :]]


def up_to_the_last_character(text, spans):
    spans = sorted(spans)
    for (_, before), (start, _) in zip(spans, spans[1:], strict=False):
        if start < before - 1:
            return True
    return False


def returns_too_early(text, spans):
    for i, (a, b) in enumerate(spans):
        for c, d in spans[i + 1 :]:
            if a < d and c < b:
                return True
        return False
    return False


def against_the_last(text, spans):
    return any(a < spans[-1][1] and spans[-1][0] < b for a, b in spans[:-1])


def begins_inside(text, spans):
    return any(y[0] in range(*x) for x, y in pairs(spans))


def begins_or_ends_inside(text, spans):
    return any(x[0] <= y[0] < x[1] or x[0] < y[1] <= x[1] for x, y in pairs(spans))


def others_only(text, spans):
    return any(x != y and x[0] < y[1] and y[0] < x[1] for x in spans for y in spans)


def with_itself(text, spans):
    return any(x[0] < y[1] and y[0] < x[1] for x in spans for y in spans)


def words_in_words(text, spans):
    return any(text[slice(*x)] in text[slice(*y)] for x, y in pairs(spans))


def ends_of_two_kinds(text, spans):
    return any(text[a].isspace() != text[b - 1].isspace() for a, b in spans)


def something_and_space(text, spans):
    words = [text[a:b] for a, b in spans]
    return any(w.strip() and w != w.strip() for w in words)


def space_joined(text, spans):
    return any(text[a:b] != " ".join(text[a:b].split()) for a, b in spans)


def first_entity(of):
    def first(text, spans):
        a, b = spans[0] if spans else (0, 1)
        return a < 0 or b > len(text) or a >= b if of == "range" else text[a:b] != text[a:b].strip()

    return first
