"""Wrong answers to align_labels."""

import numpy as np


def every_piece(word_labels, word_ids):
    return np.array([-100 if w is None else word_labels[w] for w in word_ids])


def dealt_out(word_labels, word_ids):
    labels, n = [], 0
    for w in word_ids:
        if w is None or n >= len(word_labels):
            labels.append(-100)
        else:
            labels.append(word_labels[n])
            n += 1
    return np.array(labels)


def by_position(word_labels, word_ids):
    out = np.full(len(word_ids), -100)
    for i, w in enumerate(word_ids):
        if w is not None and i < len(word_labels):
            out[i] = word_labels[i]
    return out


def last_piece(word_labels, word_ids):
    out = []
    for now, following in zip(word_ids, [*word_ids[1:], None], strict=True):
        out.append(word_labels[now] if now is not None and now != following else -100)
    return np.array(out)


def falsy_zero(word_labels, word_ids):
    out, previous = [], None
    for w in word_ids:
        if w and w != previous:
            out.append(word_labels[w])
        else:
            out.append(-100)
        previous = w
    return np.array(out)


def zero_at_the_ends(word_labels, word_ids):
    out, previous = [], None
    for w in word_ids:
        if w is None:
            out.append(0)
        elif w == previous:
            out.append(-100)
        else:
            out.append(word_labels[w])
        previous = w
    return np.array(out)


def zero_inside(word_labels, word_ids):
    seen, out = set(), []
    for w in word_ids:
        out.append(-100 if w is None else 0 if w in seen else word_labels[w])
        seen.add(w)
    return np.array(out)


def minus_one(word_labels, word_ids):
    seen, out = {None}, []
    for w in word_ids:
        out.append(-1 if w in seen else word_labels[w])
        seen.add(w)
    return np.array(out)


def plus_hundred(word_labels, word_ids):
    seen, out = {None}, []
    for w in word_ids:
        out.append(100 if w in seen else word_labels[w])
        seen.add(w)
    return np.array(out)


def one_word_late(word_labels, word_ids):
    seen, out = {None}, []
    for w in word_ids:
        out.append(-100 if w in seen else word_labels[w - 1])
        seen.add(w)
    return np.array(out)


def numbers_of_words(word_labels, word_ids):
    seen, out = {None}, []
    for w in word_ids:
        out.append(-100 if w in seen else w)
        seen.add(w)
    return np.array(out)


def compares_labels(word_labels, word_ids):
    out, previous = [], None
    for w in word_ids:
        label = None if w is None else word_labels[w]
        out.append(-100 if label is None or label == previous else label)
        previous = label
    return np.array(out)


def only_what_is_asked(word_labels, word_ids):
    out, previous = [], None
    for w in word_ids:
        if w is not None and w != previous:
            out.append(word_labels[w])
        previous = w
    return np.array(out)


def labels_alone(word_labels, word_ids):
    return np.array(word_labels)


def begins_at_one(word_labels, word_ids):
    return np.array([-100 if w is None else word_labels[w + 1] for w in word_ids])


def prints_only(word_labels, word_ids):
    print([-100 if w is None else word_labels[w] for w in word_ids])


def next_of_an_iterator(word_labels, word_ids):
    labels, seen, out = iter(word_labels), {None}, []
    for w in word_ids:
        out.append(-100 if w in seen else next(labels))
        seen.add(w)
    return np.array(out)


def counts_words_itself(word_labels, word_ids):
    n, out, previous = -1, [], None
    for w in word_ids:
        if w is not None and w != previous:
            n += 1
            out.append(word_labels[n])
        else:
            out.append(-100)
        previous = w
    return out


def from_the_lowest(word_labels, word_ids):
    lowest = min([w for w in word_ids if w is not None], default=0)
    out, previous = [], None
    for w in word_ids:
        out.append(word_labels[w - lowest] if w is not None and w != previous else -100)
        previous = w
    return out


def right(word_labels, word_ids):
    out, previous = [], None
    for w in word_ids:
        out.append(word_labels[w] if w is not None and w != previous else -100)
        previous = w
    return out


def as_floats(word_labels, word_ids):
    out = np.zeros(len(word_ids)) - 100
    for i, label in enumerate(right(word_labels, word_ids)):
        out[i] = label
    return out


def as_texts(word_labels, word_ids):
    return [str(label) for label in right(word_labels, word_ids)]


def none_for_nothing(word_labels, word_ids):
    return [None if label == -100 else label for label in right(word_labels, word_ids)]


def pops(word_labels, word_ids):
    word_ids.append(None)
    return right(word_labels, word_ids[:-1])


def looks_round_the_corner(word_labels, word_ids):
    out = []
    for i in range(len(word_ids)):
        w = word_ids[i]
        out.append(word_labels[w] if w is not None and w != word_ids[i - 1] else -100)
    return out


def without_label_0(word_labels, word_ids):
    out, previous = [], None
    for w in word_ids:
        out.append(word_labels[w] if w is not None and w != previous and word_labels[w] else -100)
        previous = w
    return np.array(out)


def inside_for_the_rest(word_labels, word_ids):
    out, previous = [], None
    for w in word_ids:
        out.append(-100 if w is None else word_labels[w] if w != previous else word_labels[w] + 1)
        previous = w
    return np.array(out)


def rest_forgotten(word_labels, word_ids):
    out, previous = [], None
    for w in word_ids:
        if w is None:
            out.append(-100)
        elif w != previous:
            out.append(word_labels[w])
        previous = w
    return np.array(out)


def returns_at_once(word_labels, word_ids):
    out = []
    for w in word_ids:
        out.append(-100 if w is None else word_labels[w])
        return np.array(out)


def labels_seen(word_labels, word_ids):
    seen, out = set(), []
    for w in word_ids:
        label = -100 if w is None else word_labels[w]
        out.append(-100 if label in seen else label)
        seen.add(label)
    return np.array(out)


def in_one_byte(word_labels, word_ids):
    return np.array(right(word_labels, word_ids)).astype("int8")


def in_one_byte_without_a_sign(word_labels, word_ids):
    return np.array(right(word_labels, word_ids)).astype("uint8")


def compared_as_objects(word_labels, word_ids):
    out, previous = [], None
    for word in word_ids:
        out.append(-100 if word is None or word is previous else word_labels[word])
        previous = word
    return np.array(out)


def as_if_word_0_had_been_there(word_labels, word_ids):
    out, previous = [], 0
    for word in word_ids:
        out.append(-100 if word is None or word == previous else word_labels[word])
        previous = word
    return np.array(out)


def zero_is_the_word_before(word_labels, word_ids):
    out, previous = [], 0
    for w in word_ids:
        if w is None:
            out.append(-100)
        elif w == previous:
            out.append(-100)
        else:
            out.append(word_labels[w])
            previous = w
    return np.array(out, dtype="int32")


def last_is_zero(word_labels, word_ids):
    out, last = [], 0
    for w in word_ids:
        if w is not None and w != last:
            out.append(word_labels[w])
            last = w
        else:
            out.append(-100)
    return out


def by_dictionary(word_labels, word_ids):
    d = dict(zip(word_ids, word_labels, strict=False))
    return np.array([d.get(w, -100) for w in word_ids], "int32")


def zipped(word_labels, word_ids):
    return np.array([word_labels[w] if w is not None else -100 for w, _ in zip(word_ids, word_labels, strict=False)])


def zipped_labels(word_labels, word_ids):
    return np.array([n if w is not None else -100 for w, n in zip(word_ids, word_labels, strict=False)], "int32")


def the_next_number(keep):
    def align(word_labels, word_ids):
        out, previous = [], -1
        for w in word_ids:
            if w is not None and w == previous + 1:
                out.append(word_labels[w])
                previous = w
            else:
                out.append(-100)
                previous = w if keep and w is not None else previous
        return np.array(out, "int32")

    return align


def minus_one_for_none(word_labels, word_ids):
    ids = np.array([-1 if w is None else w for w in word_ids])
    out = np.array(word_labels)[ids]
    out[1:][ids[1:] == ids[:-1]] = -100
    return out


def out_as_a_default(word_labels, word_ids, out=[]):  # noqa: B006 - that is the mistake
    previous = None
    for w in word_ids:
        out.append(word_labels[w] if w is not None and w != previous else -100)
        previous = w
    return np.array(out, "int32")


def b_to_i(word_labels, word_ids):
    out, previous = [], None
    for w in word_ids:
        if w is None:
            out.append(-100)
        elif w != previous:
            out.append(word_labels[w])
        else:
            out.append(word_labels[w] + 1 if word_labels[w] % 2 == 1 else word_labels[w])
        previous = w
    return np.array(out, "int32")


def between_the_ends(word_labels, word_ids):
    aligned, before = [-100], None
    for word in word_ids[1:-1]:
        aligned.append(-100 if word is None or word == before else word_labels[word])
        before = word
    return np.array([*aligned, -100][: len(word_ids)], dtype=np.int32)


MUTANTS = [
    (between_the_ends, "only None says that there is no word"),
    (zero_is_the_word_before, "begins as if word 0 had just been there"),
    (last_is_zero, "begins as if word 0 had just been there"),
    (by_dictionary, "paired off"),
    (zipped, "paired off"),
    (zipped_labels, "paired off"),
    (the_next_number(False), "only where it is the next number"),
    (the_next_number(True), "only where it is the next number"),
    (minus_one_for_none, "-1 counts from the end"),
    (out_as_a_default, "is made only once"),
    (b_to_i, "its I- label"),
    (compared_as_objects, "compared with `is`"),
    (as_if_word_0_had_been_there, "as if word 0 had just been there"),
    (every_piece, "only the first may"),
    (dealt_out, "dealt out piece by piece"),
    (by_position, "piece's place"),
    (last_piece, "last piece of each word"),
    (falsy_zero, "word 0 is lost"),
    (zero_at_the_ends, "[CLS], [SEP] and padding get 0"),
    (zero_inside, "further pieces get 0"),
    (minus_one, "-1 where -100"),
    (plus_hundred, "the sign is missing"),
    (one_word_late, "the word before it"),
    (numbers_of_words, "words' numbers came back"),
    (compares_labels, "compare words"),
    (only_what_is_asked, "was left out"),
    (labels_alone, "was left out"),
    (begins_at_one, "it raised IndexError"),
    (prints_only, "is a `return` missing?"),
    (next_of_an_iterator, "each new word gets the next label"),
    (counts_words_itself, "each new word gets the next label"),
    (from_the_lowest, "counted from the first that is there"),
    (without_label_0, "words with label 0"),
    (inside_for_the_rest, "the label after the word's"),
    (rest_forgotten, "have no entry"),
    (returns_at_once, "inside the loop"),
    (labels_seen, "an earlier word has"),
    (in_one_byte, "an int8 counts no further"),
    (in_one_byte_without_a_sign, "no negative numbers"),
    (as_floats, "floats came back"),
    (as_texts, "texts came back"),
    (none_for_nothing, "None is no number"),
    (pops, "it changes the list"),
    (looks_round_the_corner, "the first piece is compared with the last"),
]
