"""The exercise align_labels: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.guard import Crash
from utils.checks.named_entity_recognition.shared import NOTEBOOK
from utils.tasks.labels import align_labels


def _as_array(answer, labels, ids):
    """What came back as an array; a Crash where it holds no whole numbers.

    Each word id is an object of its own, as those of a file or a long text are.
    """
    ids[:] = [None if i is None else int(str(i)) for i in ids]
    found = answer(labels, ids)
    if isinstance(found, (list, tuple)) and None in found:
        return Crash("None", "None is no number: what asks for nothing gets -100")
    array = np.asarray(found) if isinstance(found, (list, tuple)) or hasattr(found, "dtype") else found
    if getattr(array, "size", 0) and array.dtype.kind in "fSU":
        what = "floats" if array.dtype.kind == "f" else "texts"
        return Crash("float", f"labels are whole numbers, {what} came back: they name no row and no label")
    if getattr(array, "size", 0) and array.dtype.kind == "u":
        return Crash("unsigned", f"{array.dtype} knows no negative numbers, so that -100 became another: take int32")
    return array


def _as_array_again(answer, labels, ids):
    """The same, and what two other words get, the first of them behind the second, which `read` may look at.

    In words where a second call holds what the first left behind.
    """
    lengths, again = [], (list(labels), list(ids))

    def counted(*given):
        found = answer(*given)
        lengths.append(len(found) if isinstance(found, (list, np.ndarray)) else None)
        return found

    array = _as_array(counted, labels, ids)
    counted(*again)
    if lengths[0] is not None and lengths[1] is not None and lengths[0] < lengths[1]:
        line = "a second call holds the first one's labels too: a default, labels=[], is made only once; make it inside"
        return Crash("remembers", line)
    return (array, _backwards(answer)) if isinstance(array, np.ndarray) else array


def _backwards(answer):
    try:
        return np.asarray(answer([3, 4], [None, 1, 0, None]), "float64")
    except Exception:  # noqa: BLE001 - that order is asked for by nobody, and may be refused
        return np.zeros(0)


def _where_word_0_is(result, labels, ids):
    """What came back, in words where word 0 is lost at the beginning, and only there."""
    if not isinstance(result, tuple):
        return result
    array, backwards = result
    right = align_labels(labels, ids)
    if array.shape == right.shape and backwards.shape == (4,) and backwards[2] == 3:
        wrong = np.flatnonzero(array != right)
        if len(wrong) == 1 and ids[wrong[0]] == 0 and array[wrong[0]] == -100:
            return Crash("begins with 0", AS_IF_WORD_0)
    return array


AS_IF_WORD_0 = "the search begins as if word 0 had just been there: begin with a word that is none, such as None"


def _words_and_pieces(rng, sizes, padding=0):
    """Labels of len(sizes) words, none 0 or the same as its neighbour's, and word ids: words of `sizes` pieces."""
    labels = [int(n) for n in rng.permutation(np.arange(1, 9))[: len(sizes)]]
    ids = [None, *(n for n, size in enumerate(sizes) for _ in range(size)), None, *[None] * padding]
    return case(labels, ids)


def _stretch_of_words(rng):
    """Pieces of some words of a longer text only, one of which has no piece at all, and a word of another label."""
    labels = [int(n) for n in rng.permutation(np.arange(1, 9))]
    first = int(rng.integers(1, 4))
    return case(labels, [None, first, first, first + 1, first + 3, first + 3, first + 4, None])


def _align_with(rule):
    """An answer that gives piece i what `rule(labels, ids, i)` says."""
    return lambda labels, ids: np.array([rule(labels, ids, i) for i in range(len(ids))], "int32")


def _is_first(ids, i):
    return ids[i] is not None and (i == 0 or ids[i] != ids[i - 1])


def _is_other_object(ids, i):
    return ids[i] is not None and (i == 0 or ids[i] is not ids[i - 1])


def _is_last(ids, i):
    return ids[i] is not None and (i + 1 == len(ids) or ids[i] != ids[i + 1])


def _one_after_the_other(labels, ids):
    left = list(labels)
    return np.array([-100 if i is None or not left else left.pop(0) for i in ids], "int32")


def _next_for_each_word(labels, ids):
    left = list(labels)
    return np.array([left.pop(0) if _is_first(ids, i) and left else -100 for i in range(len(ids))], "int32")


def _after_the_first(labels, ids):
    """Words are counted from the first that is there: right where that is word 0, and none is passed over."""
    first = next((i for i in ids if i is not None), 0)
    return _align_with(lambda labels, ids, i: labels[ids[i] - first] if _is_first(ids, i) else -100)(labels, ids)


def _without_repeats(aligned):
    return np.array([-100 if n in aligned[:i] else n for i, n in enumerate(aligned)], "int32")


def _by_place(labels, ids):
    rule = lambda labels, ids, i: labels[i] if ids[i] is not None and i < len(labels) else -100  # noqa: E731
    return _align_with(rule)(labels, ids)


def _by_a_dictionary(labels, ids):
    found = dict(zip(ids, labels, strict=False))
    return np.array([found.get(i, -100) for i in ids], "int32")


def _side_by_side(rule):
    """Word ids and labels in pairs, the first with the first: rule(id, label, all labels) -> what the piece gets."""
    return lambda labels, ids: np.array([rule(i, n, labels) for i, n in zip(ids, labels, strict=False)], "int32")


def _only_the_next_number(always):
    """A word is new where it follows the last one kept; with `always`, the last one seen."""

    def answer(labels, ids):
        found, before = [], -1
        for i in ids:
            new = i is not None and i == before + 1
            found.append(labels[i] if new else -100)
            before = i if new or always and i is not None else before
        return np.array(found, "int32")

    return answer


def _last_for_none(every):
    """What has no word is number -1; only the first of several, where they are taken for pieces of one word."""

    def rule(labels, ids, i):
        if ids[i] is None:
            return labels[-1] if every or i == 0 or ids[i - 1] is not None else -100
        return labels[ids[i]] if _is_first(ids, i) else -100

    return _align_with(rule)


register(
    Exercise(
        name="align_labels",
        notebook=NOTEBOOK,
        reference=align_labels,
        properties=(
            Property(
                "words of one piece: each piece its word's label, -100 at both ends",
                1,
                lambda rng: [_words_and_pieces(rng, [1]), _words_and_pieces(rng, [1, 1, 1])],
                run=_as_array_again,
                read=_where_word_0_is,
            ),
            Property(
                "words of several pieces: the label at the first, -100 at the others",
                2,
                lambda rng: [
                    _words_and_pieces(rng, [2]),
                    _words_and_pieces(rng, [1, 3, 2]),
                    _words_and_pieces(rng, [3, 1, 1, 4]),
                ],
                run=_as_array,
            ),
            Property(
                "padding asks for nothing; labels that are 0 or alike stay what they are",
                1,
                lambda rng: [
                    _words_and_pieces(rng, [2, 1], padding=3),
                    case([0, 5, 5, 0], [None, 0, 0, 1, 2, 2, 3, None, None]),
                    case([300, 7], [None, 0, 1, 1, None]),  # more labels than an int8 counts
                ],
                run=_as_array,
            ),
            Property(
                "a stretch of a longer text: words are known by their numbers, whichever are there",
                1,
                lambda rng: [
                    case([1, 2, 3, 4], [None, 2, 3, None]),
                    case([1, 2, 3, 4], [2, 2]),  # no mark at its ends
                    case([5, 6], [1]),
                    case([5, 6], [0, 0, 1]),
                    case([n % 7 for n in range(400)], [None, 299, 300, 300, 300, 301, 399, 399, None]),
                    _stretch_of_words(rng),
                    _stretch_of_words(rng),
                ],
                run=_as_array,
            ),
        ),
        mistakes=(
            Mistake(
                "every piece of a word gets its label: only the first may, the others get -100",
                _align_with(lambda labels, ids, i: -100 if ids[i] is None else labels[ids[i]]),
            ),
            Mistake(
                "the labels are dealt out piece by piece: from the first word of two pieces on, all are shifted",
                _one_after_the_other,
            ),
            Mistake(
                "each new word gets the next label, whatever its number: word n has word_labels[n], and a stretch of a "
                "longer text need not begin with word 0",
                _next_for_each_word,
            ),
            Mistake(
                "words are counted from the first that is there: word n has word_labels[n], whichever came before",
                _after_the_first,
            ),
            Mistake("labels are looked up by the piece's place, not by its word's number", _by_place),
            Mistake(
                "words are compared with `is`: two equal numbers need not be one object, so compare with ==",
                _align_with(lambda labels, ids, i: labels[ids[i]] if _is_other_object(ids, i) else -100),
            ),
            Mistake(
                AS_IF_WORD_0,
                _align_with(lambda labels, ids, i: labels[ids[i]] if _is_first([0, *ids], i + 1) else -100),
            ),
            Mistake(
                "the first piece is compared with the last: ids[-1] is the end of a list, before the first is nothing",
                _align_with(
                    lambda labels, ids, i: labels[ids[i]] if ids[i] is not None and ids[i] != ids[i - 1] else -100
                ),
            ),
            Mistake(
                "the label stands at the last piece of each word: the first is asked for",
                _align_with(lambda labels, ids, i: labels[ids[i]] if _is_last(ids, i) else -100),
            ),
            Mistake(
                "word 0 is lost: 0 is the number of a word, and only None of none; write `is not None`",
                _align_with(lambda labels, ids, i: labels[ids[i]] if _is_first(ids, i) and ids[i] else -100),
            ),
            Mistake(
                "words with label 0 get -100: 0 is O, a label that is asked for like others",
                _align_with(lambda labels, ids, i: (labels[ids[i]] or -100) if _is_first(ids, i) else -100),
            ),
            Mistake(
                "the further pieces of a word get the label after the word's: they get -100",
                _align_with(
                    lambda labels, ids, i: -100 if ids[i] is None else labels[ids[i]] + (not _is_first(ids, i))
                ),
            ),
            Mistake(
                "the further pieces of a word have no entry: each piece needs one, -100 where nothing is asked",
                lambda labels, ids: np.array(
                    [-100 if i is None else labels[i] for n, i in enumerate(ids) if i is None or _is_first(ids, n)]
                ),
            ),
            Mistake(
                "only the first piece's label came back: is the `return` inside the loop?",
                lambda labels, ids: align_labels(labels, ids)[:1],
            ),
            Mistake(
                "a label that an earlier word has is not asked for again: compare words, not labels",
                lambda labels, ids: _without_repeats(align_labels(labels, ids)),
            ),
            Mistake(
                "[CLS], [SEP] and padding get 0, which is a label: what has no word gets -100",
                _align_with(
                    lambda labels, ids, i: 0 if ids[i] is None else labels[ids[i]] if _is_first(ids, i) else -100
                ),
            ),
            Mistake(
                "the further pieces get 0, which is a label: they get -100",
                _align_with(
                    lambda labels, ids, i: -100 if ids[i] is None else labels[ids[i]] if _is_first(ids, i) else 0
                ),
            ),
            *(
                Mistake(
                    "word_ids and word_labels are paired off: one has an entry for each piece, the other for each "
                    "word; word n has word_labels[n]",
                    wrong,
                )
                for wrong in (
                    _by_a_dictionary,
                    _side_by_side(lambda i, label, labels: -100 if i is None else label),
                    _side_by_side(lambda i, label, labels: -100 if i is None else labels[i]),
                )
            ),
            *(
                Mistake(
                    "a word counts as new only where it is the next number: it is where its number is another one",
                    _only_the_next_number(always),
                )
                for always in (False, True)
            ),
            *(
                Mistake(
                    "what has no word gets the last word's label: -1 counts from the end; it gets -100",
                    _last_for_none(every),
                )
                for every in (False, True)
            ),
            Mistake(
                "the further pieces of a word get its I- label: they get -100",
                _align_with(
                    lambda labels, ids, i: (
                        -100 if ids[i] is None else labels[ids[i]] + (not _is_first(ids, i)) * (labels[ids[i]] % 2)
                    )
                ),
            ),
            Mistake(
                "-1 where -100 is asked for",
                _align_with(lambda labels, ids, i: labels[ids[i]] if _is_first(ids, i) else -1),
            ),
            Mistake(
                "100 where -100 is asked for: the sign is missing",
                _align_with(lambda labels, ids, i: labels[ids[i]] if _is_first(ids, i) else 100),
            ),
            Mistake(
                "each word gets the label of the word before it: word n has word_labels[n]",
                _align_with(lambda labels, ids, i: labels[ids[i] - 1] if _is_first(ids, i) else -100),
            ),
            Mistake(
                "the words' numbers came back, not their labels",
                _align_with(lambda labels, ids, i: ids[i] if _is_first(ids, i) else -100),
            ),
            Mistake(
                "a word whose label is that of the word before it is taken for a further piece: compare words",
                _align_with(
                    lambda labels, ids, i: (
                        labels[ids[i]]
                        if _is_first(ids, i) and (not ids[i] or labels[ids[i]] != labels[ids[i] - 1])
                        else -100
                    )
                ),
            ),
            *(
                Mistake(
                    "the first piece and the last are taken for [CLS] and [SEP]: only None says that there is no word",
                    _align_with(wrong),
                )
                for wrong in (
                    lambda labels, ids, i: labels[ids[i]] if 0 < i < len(ids) - 1 and _is_first(ids, i) else -100,
                    lambda labels, ids, i: (
                        labels[ids[i]]
                        if 0 < i < len(ids) - 1 and ids[i] is not None and (i == 1 or ids[i] != ids[i - 1])
                        else -100
                    ),
                )
            ),
            Mistake(
                "an int8 counts no further than 127, so that a higher label became another: take int32",
                lambda labels, ids: align_labels(labels, ids).astype("int8"),
            ),
            Mistake(
                "what asks for nothing was left out: each piece needs an entry, -100 where nothing is asked",
                lambda labels, ids: np.array([labels[ids[i]] for i in range(len(ids)) if _is_first(ids, i)], "int32"),
            ),
        ),
        hints=(
            "Walk through word_ids. There are three cases: no word, a new word, the same word as a moment ago.",
            "Keep the word of the piece before in a variable, and compare. Mind that word 0 is a word: `is not None`.",
            "One entry for each piece. Which of the three cases gives a label, and what do the other two give?",
        ),
    )
)
