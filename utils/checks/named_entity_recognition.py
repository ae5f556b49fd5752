"""Exercises of lesson 11: labels for pieces, entities from labels, their score, the loss."""

import keras
import numpy as np
import tensorflow as tf

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.guard import Crash
from utils.tasks.labels import align_labels, decode_bio, entity_f1
from utils.tasks.token_classification import token_classification_loss

NOTEBOOK = "11_named_entity_recognition"
KINDS = ("PER", "LOC", "ORG", "DATE")

# align_labels --------------------------------------------------------------------------------------


def _as_array(answer, *args):
    found = answer(*args)
    return np.asarray(found) if isinstance(found, list) else found


def _words_and_pieces(rng, sizes, padding=0):
    """Labels of len(sizes) words, none 0 or the same as its neighbour's, and word ids: words of `sizes` pieces."""
    labels = [int(n) for n in rng.permutation(np.arange(1, 9))[: len(sizes)]]
    ids = [None, *(n for n, size in enumerate(sizes) for _ in range(size)), None, *[None] * padding]
    return case(labels, ids)


def _align_with(rule):
    """An answer that gives piece i what `rule(labels, ids, i)` says."""
    return lambda labels, ids: np.array([rule(labels, ids, i) for i in range(len(ids))], "int32")


def _is_first(ids, i):
    return ids[i] is not None and (i == 0 or ids[i] != ids[i - 1])


def _is_last(ids, i):
    return ids[i] is not None and (i + 1 == len(ids) or ids[i] != ids[i + 1])


def _one_after_the_other(labels, ids):
    left = list(labels)
    return np.array([-100 if i is None or not left else left.pop(0) for i in ids], "int32")


def _by_place(labels, ids):
    rule = lambda labels, ids, i: labels[i] if ids[i] is not None and i < len(labels) else -100  # noqa: E731
    return _align_with(rule)(labels, ids)


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
                run=_as_array,
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
            Mistake("labels are looked up by the piece's place, not by its word's number", _by_place),
            Mistake(
                "the label stands at the last piece of each word: the first is asked for",
                _align_with(lambda labels, ids, i: labels[ids[i]] if _is_last(ids, i) else -100),
            ),
            Mistake(
                "word 0 is lost: `if word` is false for 0 as for None; write `is not None`",
                _align_with(lambda labels, ids, i: labels[ids[i]] if _is_first(ids, i) and ids[i] else -100),
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
            Mistake(
                "what asks for nothing was left out: each piece needs an entry, -100 where nothing is asked",
                lambda labels, ids: np.array([labels[ids[i]] for i in range(len(ids)) if _is_first(ids, i)], "int32"),
            ),
        ),
        hints=(
            "Walk through word_ids. There are three cases: no word, a new word, the same word as a moment ago.",
            "Keep the word of the piece before in a variable, and compare. Mind that word 0 is a word: `is not None`.",
            "A list with one entry for each piece: word_labels[word] where the word is new, -100 otherwise.",
        ),
    )
)

# decode_bio ----------------------------------------------------------------------------------------


def _as_text(answer, labels):
    """What came back, as "PER 0–2, LOC 3–4"; a Crash where the labels were changed, or a set could not hold it."""
    before = list(labels)
    found = answer(labels)
    found = found if found is None else list(found)
    if labels != before:
        return Crash("mutated", "it changes the list it was given: copy it")
    for kind, plural in ((list, "lists"), (np.ndarray, "arrays")):
        if any(isinstance(entity, kind) for entity in found):
            return Crash("TypeError", f"tuples are asked for, {plural} came back: only tuples can be put into a set")
    shown = [f"{kind} {first}–{last}" for kind, first, last in found]
    return ", ".join(shown) or "no entity"


def _labels(text):
    return case(text.split())


def _random_labels(rng, size, kinds=KINDS[:2], outside=0.35):
    picks = rng.random(size) < outside
    return ["O" if o else f"{rng.choice(['B', 'I'])}-{rng.choice(kinds)}" for o in picks]


def _proper(rng, size):
    """Labels in which every I- continues an entity of its type, and no two entities touch."""
    labels = ["O"]
    while len(labels) < size:
        kind, length = rng.choice(KINDS), int(rng.integers(1, 4))
        labels += [f"B-{kind}", *[f"I-{kind}"] * (length - 1), "O"]
    return labels


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


def _not_o(label):
    return label != "O"


def _begins(label):
    return label.startswith("B")


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
                    case(_proper(rng, 7)),
                    case(_proper(rng, 12)),
                ],
                run=_as_text,
            ),
            Property(
                "an entity may begin the sentence, and end it",
                1,
                lambda rng: [_labels("B-LOC"), _labels("B-PER I-PER O B-LOC"), _labels("O O B-DATE I-DATE"), case([])],
                run=_as_text,
            ),
            Property(
                "neighbours: a B- opens a new entity, whatever stands before it",
                1,
                lambda rng: [
                    _labels("O B-PER B-PER O"),
                    _labels("O B-PER I-PER B-PER I-PER O"),
                    _labels("O B-LOC B-PER I-PER B-LOC O"),
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
                    *(case(_random_labels(rng, size)) for size in (4, 6, 9, 12, 15)),
                ],
                run=_as_text,
            ),
        ),
        mistakes=(
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
                "an I- of another type continues the entity: it must end it, and open one of its own",
                _decode_with(_not_o, lambda label, opened: label.startswith("I")),
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
            Mistake(
                "only the first entity came back: is the `return` inside the loop?",
                lambda labels: decode_bio(labels)[:1],
            ),
        ),
        hints=(
            "Remember the type of the entity that you are in, or None, and the word at which it began.",
            "Two questions at each label: does it end what is open (it is no I- of that type)? Does it open something?",
            'Close what is still open after the last label; a trick is to walk over [*labels, "O"].',
        ),
    )
)

# entity_f1 -----------------------------------------------------------------------------------------


def _scores(answer, gold, predicted):
    found = answer(gold, predicted)
    if isinstance(found, (tuple, list, float)):
        raise TypeError("a dictionary with the keys precision, recall and f1 is asked for")
    return found


def _score(key):
    return lambda answer, gold, predicted: np.float64(_scores(answer, gold, predicted)[key])


def _all_scores(answer, gold, predicted):
    found = _scores(answer, gold, predicted)
    return np.array([found[key] for key in ("precision", "recall", "f1")], "float64")


def _sides(*pairs):
    return case(*([text.split() for text in side] for side in zip(*pairs, strict=True)))


def _random_sides(rng, sizes):
    gold = [_proper(rng, size) for size in sizes]
    predicted = []
    for labels in gold:
        other = _random_labels(rng, len(labels), KINDS[:3], 0.5)
        change = rng.random(len(labels)) < 0.3
        predicted.append([o if c else g for g, o, c in zip(labels, other, change, strict=True)])
    return case([*gold, ["O", "B-LOC"]], [*predicted, ["O", "B-LOC"]])


def _from_counts(right, claimed, wanted, unguarded=()):
    """The scores; those in `unguarded` divide by 0."""

    def share(key, part, whole):
        return part / whole if whole or key in unguarded else 0.0

    precision, recall = share("precision", right, claimed), share("recall", right, wanted)
    f1 = share("f1", 2 * precision * recall, precision + recall)
    return {"precision": precision, "recall": recall, "f1": f1}


def _counted(match, unguarded=()):
    """`entity_f1` with another rule for what is right: match(gold entities, predicted entities) -> their number."""

    def score(gold, predicted):
        pairs = [(decode_bio(g), decode_bio(p)) for g, p in zip(gold, predicted, strict=True)]
        right = sum(match(g, p) for g, p in pairs)
        return _from_counts(right, sum(len(p) for _, p in pairs), sum(len(g) for g, _ in pairs), unguarded)

    return score


def _same_part(part):
    return _counted(lambda g, p: len({part(e) for e in g} & {part(e) for e in p}))


def _overlap(g, p):
    return sum(any(a == x and b < z and y < c for x, y, z in g) for a, b, c in p)


def _by_words(gold, predicted):
    pairs = [(g, p) for a, b in zip(gold, predicted, strict=True) for g, p in zip(a, b, strict=True)]
    right = sum(g == p != "O" for g, p in pairs)
    return _from_counts(right, sum(p != "O" for _, p in pairs), sum(g != "O" for g, _ in pairs))


def _accuracy(gold, predicted):
    pairs = [(g, p) for a, b in zip(gold, predicted, strict=True) for g, p in zip(a, b, strict=True)]
    share = sum(g == p for g, p in pairs) / len(pairs)
    return {"precision": share, "recall": share, "f1": share}


def _joined(gold, predicted):
    return entity_f1([sum(map(list, gold), [])], [sum(map(list, predicted), [])])


def _one_set(gold, predicted):
    a, b = ({e for labels in side for e in decode_bio(labels)} for side in (gold, predicted))
    return _from_counts(len(a & b), len(b), len(a))


def _mean_of(groups):
    def score(gold, predicted):
        found = [entity_f1(g, p) for g, p in groups(gold, predicted)]
        return {key: float(np.mean([f[key] for f in found])) for key in ("precision", "recall", "f1")}

    return score


def _types(gold, predicted):
    kinds = sorted({label[2:] for labels in gold for label in labels if label != "O"}) or [""]
    for kind in kinds:
        yield [
            [[label if label[2:] == kind else "O" for label in labels] for labels in side] for side in (gold, predicted)
        ]


def _changed(change):
    return lambda gold, predicted: change(entity_f1(gold, predicted))


def _nothing_is_perfect(gold, predicted):
    scores = entity_f1(gold, predicted)
    empty = not any(decode_bio(labels) for labels in predicted)
    return dict.fromkeys(scores, 1.0) if empty else scores


def _divides_by_nothing(*unguarded):
    return _counted(lambda g, p: len(set(g) & set(p)), unguarded)


def _cases_of_scores(rng):
    """In each something is right, so that nothing is divided by 0."""
    return [
        _sides(("O B-PER O B-LOC", "O B-PER O O")),
        _sides(("B-PER I-PER O B-LOC O", "B-PER O O B-LOC B-ORG"), ("B-DATE O B-PER", "B-DATE O B-LOC")),
        _sides(("O B-PER", "O B-PER"), ("B-LOC O", "I-LOC O"), ("O B-PER", "O B-PER"), ("O O B-LOC", "B-PER B-PER O")),
        _sides(("O B-PER", "O B-PER"), ("I-PER O B-LOC", "I-PER O O")),
        _sides(("B-PER I-PER I-PER O B-LOC I-LOC", "O B-PER O O O B-LOC"), ("B-ORG I-ORG B-PER", "B-ORG O B-PER")),
        _random_sides(rng, (6, 9, 4)),
        _random_sides(rng, (8, 5, 7, 10)),
    ]


register(
    Exercise(
        name="entity_f1",
        notebook=NOTEBOOK,
        reference=entity_f1,
        properties=(
            Property(
                "precision: of the predicted entities, how many are right", 2, _cases_of_scores, _score("precision")
            ),
            Property("recall: of the gold entities, how many were found", 2, _cases_of_scores, _score("recall")),
            Property("f1: the harmonic mean of both", 1, _cases_of_scores, _all_scores),
            Property(
                "0 where nothing is right, nothing is predicted, nothing is there to find",
                1,
                lambda rng: [
                    _sides(("B-PER O", "B-PER O")),
                    _sides(("B-PER O", "O B-PER")),
                    _sides(("B-PER O", "O O")),
                    _sides(("O O", "B-PER O")),
                    _sides(("O O", "O O")),
                ],
                _all_scores,
            ),
        ),
        mistakes=(
            Mistake("words are counted, not entities: compare what decode_bio gives", _by_words),
            Mistake("this is the accuracy of words: compare what decode_bio gives", _accuracy),
            Mistake(
                "precision is divided by the number of gold entities: divide by that of the predicted ones",
                _changed(lambda s: {**s, "precision": s["recall"]}),
            ),
            Mistake(
                "recall is divided by the number of predicted entities: divide by that of the gold ones",
                _changed(lambda s: {**s, "recall": s["precision"]}),
            ),
            Mistake(
                "the average of precision and recall is not F1: take the harmonic mean",
                _changed(lambda s: {**s, "f1": (s["precision"] + s["recall"]) / 2}),
            ),
            Mistake(
                "F1 is half of what it should be: a factor 2 is missing",
                _changed(lambda s: {**s, "f1": s["f1"] / 2}),
            ),
            Mistake(
                "F1 is their geometric mean: take the harmonic one",
                _changed(lambda s: {**s, "f1": float(np.sqrt(s["precision"] * s["recall"]))}),
            ),
            Mistake(
                "each sentence is scored alone and the scores averaged: count over all sentences, divide once",
                _mean_of(lambda gold, predicted: [([g], [p]) for g, p in zip(gold, predicted, strict=True)]),
            ),
            Mistake(
                "each type is scored alone and the scores averaged: count all types together",
                _mean_of(_types),
            ),
            Mistake(
                "the type is not compared: an entity is right where its type, beginning and end are",
                _same_part(lambda e: e[1:]),
            ),
            Mistake(
                "the end is not compared: an entity is right where its type, beginning and end are",
                _same_part(lambda e: e[:2]),
            ),
            Mistake(
                "the beginning is not compared: an entity is right where its type, beginning and end are",
                _same_part(lambda e: (e[0], e[2])),
            ),
            Mistake(
                "an entity that is met in part counts as right: all of it must be",
                _counted(_overlap),
            ),
            Mistake(
                "entities of different sentences fall together in one set: count each sentence's, then add",
                _one_set,
            ),
            Mistake(
                "the sentences are joined to one, and entities run across their borders: decode each by itself",
                _joined,
            ),
            Mistake(
                "per cent came back: scores lie between 0 and 1",
                _changed(lambda s: {key: 100 * value for key, value in s.items()}),
            ),
            Mistake("nothing predicted counts as perfect: where a share is of nothing, it is 0", _nothing_is_perfect),
            Mistake(
                "nothing is right: precision + recall is 0, and F1 is divided by it; give 0 there",
                _divides_by_nothing("f1"),
            ),
            Mistake(
                "nothing is predicted: precision is divided by 0; give 0 there",
                _divides_by_nothing("precision"),
            ),
            Mistake(
                "nothing is there to find: recall is divided by 0; give 0 there",
                _divides_by_nothing("recall"),
            ),
            Mistake(
                "nothing is predicted, or nothing is there to find: precision or recall is divided by 0; give 0 there",
                _divides_by_nothing("precision", "recall"),
            ),
        ),
        hints=(
            "For each sentence, decode both sides into sets of entities. What is right lies in both sets.",
            "Three counts over all sentences: right, predicted, gold. Precision and recall are two divisions.",
            "F1 = 2 · precision · recall / (precision + recall). Mind the three places where you may divide by 0.",
        ),
    )
)

# token_classification_loss -------------------------------------------------------------------------


def _batch(rng, B, T, C, ignored=0.4, outside=False):
    logits = rng.normal(size=(B, T, C), scale=2.0).astype("float32")
    labels = rng.integers(0, C, (B, T)).astype("int32")
    labels[rng.random((B, T)) < ignored] = -100
    labels[0, 0], labels[0, 1], labels[-1, -1] = 0, C - 1, -100 if ignored else 0
    return case(labels, logits)


def _losses(labels, logits):
    """The cross-entropy at each piece, label 0 where none is asked for; and where one is."""
    labels, logits = np.asarray(labels), np.asarray(logits, "float64")
    z = logits - logits.max(-1, keepdims=True)
    z = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return -np.take_along_axis(z, np.maximum(labels, 0)[..., None], -1)[..., 0], labels != -100


def _loss_with(rule):
    def loss(labels, logits):
        losses, asked = _losses(labels, logits)
        return rule(losses, asked, np.asarray(labels))

    return loss


def _softmax(logits):
    e = np.exp(logits - logits.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def _gradient(answer, labels, logits):
    """The loss's gradient by the logits, as a step of training takes it."""
    logits = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = answer(labels, logits)
    found = tape.gradient(loss, logits) if tf.is_tensor(loss) else None
    return "no gradient" if found is None else tf.convert_to_tensor(found)


def _by_sentence(losses, asked, labels):
    return np.mean([row[a].mean() if a.any() else 0.0 for row, a in zip(losses, asked, strict=True)])


def _neither(losses, asked, labels):
    return _masked_mean(losses, asked & (labels != 0))


def _zero_instead(losses, asked, labels):
    return _masked_mean(losses, labels != 0)


def _masked_mean(losses, asked):
    return (losses * asked).sum() / max(asked.sum(), 1)


def _negative_label(labels, logits):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.constant(labels), tf.constant(logits))
    asked = tf.cast(tf.constant(labels) != -100, losses.dtype)
    return tf.reduce_sum(losses * asked) / tf.reduce_sum(asked)


def _rows_of_zeros(labels, logits):
    targets = tf.one_hot(labels, logits.shape[-1])
    losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
    return tf.math.divide_no_nan(tf.reduce_sum(losses), tf.reduce_sum(targets))


def _without_logits(labels, logits):
    return np.asarray(keras.losses.sparse_categorical_crossentropy(np.maximum(labels, 0), np.asarray(logits)))


def _nan_where_empty(losses, asked, labels):
    return losses[asked].mean() if asked.any() else np.nan


register(
    Exercise(
        name="token_classification_loss",
        notebook=NOTEBOOK,
        reference=token_classification_loss,
        properties=(
            Property(
                "where every piece is asked for: the mean cross-entropy",
                1,
                lambda rng: [_batch(rng, 1, 2, 3, ignored=0), _batch(rng, 2, 5, 4, ignored=0)],
            ),
            Property(
                "pieces with -100 count neither in the sum nor in the mean",
                2,
                lambda rng: [
                    _batch(rng, 1, 2, 3, ignored=0),
                    _batch(rng, 1, 3, 2),
                    _batch(rng, 2, 5, 4),
                    _batch(rng, 3, 7, 9, 0.6),
                ],
            ),
            Property(
                "0 where no piece is asked for",
                1,
                lambda rng: [case(np.full((2, 3), -100, "int32"), rng.normal(size=(2, 3, 4)).astype("float32"))],
            ),
            Property(
                "a gradient passes through it",
                1,
                lambda rng: [_batch(rng, 1, 3, 2), _batch(rng, 2, 5, 4)],
                run=_gradient,
            ),
        ),
        mistakes=(
            Mistake(
                "no gradient reaches the logits: NumPy, float(…) or .numpy() is at work inside; training needs tf",
                _loss_with(lambda losses, asked, labels: _masked_mean(losses, asked)),
            ),
            Mistake(
                "pieces with -100 get a gradient, as a target of zeros has one, though no loss: mask their losses",
                _rows_of_zeros,
            ),
            Mistake(
                "-100 is taken for label 0, and counted: leave these pieces out of sum and mean",
                _loss_with(lambda losses, asked, labels: losses.mean()),
            ),
            Mistake(
                "the sum is right, but divided by all pieces: divide by the number of those asked for",
                _loss_with(lambda losses, asked, labels: (losses * asked).mean()),
            ),
            Mistake(
                "this is the sum: divide by the number of pieces asked for",
                _loss_with(lambda losses, asked, labels: (losses * asked).sum()),
            ),
            Mistake(
                "divided by the number of sentences: divide by the number of pieces asked for",
                _loss_with(lambda losses, asked, labels: (losses * asked).sum() / len(losses)),
            ),
            Mistake(
                "each sentence is averaged alone: sum over the whole batch, then divide once",
                _loss_with(_by_sentence),
            ),
            Mistake("label 0 is left out: it is O, a label like others; leave out -100", _loss_with(_neither)),
            Mistake("label 0 is left out: it is O, a label like others; leave out -100", _loss_with(_zero_instead)),
            Mistake(
                "the mask is turned around: what counts is what is not -100",
                _loss_with(lambda losses, asked, labels: (losses * ~asked).sum() / max((~asked).sum(), 1)),
            ),
            Mistake(
                "a softmax was taken before the loss, which takes one itself: pass the logits",
                lambda labels, logits: _masked_mean(*_losses(labels, _softmax(np.asarray(logits, "float64")))),
            ),
            Mistake(
                "the cross-entropy takes logits for probabilities: say from_logits=True",
                lambda labels, logits: _masked_mean(_without_logits(labels, logits), np.asarray(labels) != -100),
            ),
            Mistake(
                "the sign is turned around: a loss is minus the logarithm",
                _loss_with(lambda losses, asked, labels: -_masked_mean(losses, asked)),
            ),
            Mistake(
                "the loss of each piece came back: one number, their mean, is asked for",
                _loss_with(lambda losses, asked, labels: losses * asked),
            ),
            Mistake("0/0 where no piece is asked for: give 0 there", _loss_with(_nan_where_empty)),
            Mistake(
                "-100 is given to the cross-entropy as a label: it is the number of none; put 0 there, and mask it",
                _negative_label,
            ),
        ),
        hints=(
            "Three steps: which pieces are asked for; the cross-entropy of every piece; the mean over those asked for.",
            "tf.where(asked, labels, 0) makes -100 a label that exists; the mask takes it out again afterwards.",
            "Sum of (losses times mask) divided by the sum of the mask; tf.math.divide_no_nan gives 0 for 0/0.",
        ),
    )
)
