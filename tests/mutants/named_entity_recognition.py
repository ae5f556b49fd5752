"""Wrong answers to lesson 11. For each exercise: (answer, words that its diagnosis must hold)."""

import keras
import numpy as np
import tensorflow as tf

# align_labels --------------------------------------------------------------------------------------


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


# decode_bio ----------------------------------------------------------------------------------------


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


def right_entities(labels):
    entities = []
    for i, label in enumerate(labels):
        if label.startswith("I-") and entities and entities[-1][2] == i and entities[-1][0] == label[2:]:
            entities[-1] = (entities[-1][0], entities[-1][1], i + 1)
        elif label != "O":
            entities.append((label[2:], i, i + 1))
    return entities


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


# entity_f1 -----------------------------------------------------------------------------------------


def found(labels):
    return set(right_entities(list(labels)))


def harmonic(p, r):
    return 2 * p * r / (p + r) if p + r > 0 else 0.0


def shares(right, predicted, gold):
    p = right / predicted if predicted else 0.0
    r = right / gold if gold else 0.0
    return p, r, harmonic(p, r)


def as_dictionary(scores):
    return dict(zip(("precision", "recall", "f1"), scores, strict=True))


def counts(gold, predicted):
    right = sum(len(found(g) & found(p)) for g, p in zip(gold, predicted, strict=True))
    return right, sum(len(found(p)) for p in predicted), sum(len(found(g)) for g in gold)


def words_counted(gold, predicted):
    g, p = sum(gold, []), sum(predicted, [])
    right = sum(a == b and a != "O" for a, b in zip(g, p, strict=True))
    return as_dictionary(shares(right, sum(b != "O" for b in p), sum(a != "O" for a in g)))


def accuracy(gold, predicted):
    g, p = np.array(sum(gold, [])), np.array(sum(predicted, []))
    return dict.fromkeys(("precision", "recall", "f1"), np.mean(g == p))


def swapped(gold, predicted):
    p, r, f = shares(*counts(gold, predicted))
    return {"precision": r, "recall": p, "f1": f}


def recall_twice(gold, predicted):
    p, r, f = shares(*counts(gold, predicted))
    return {"precision": r, "recall": r, "f1": f}


def precision_twice(gold, predicted):
    p, r, f = shares(*counts(gold, predicted))
    return {"precision": p, "recall": p, "f1": f}


def plain_mean(gold, predicted):
    p, r, f = shares(*counts(gold, predicted))
    return {"precision": p, "recall": r, "f1": (p + r) / 2}


def without_the_two(gold, predicted):
    p, r, f = shares(*counts(gold, predicted))
    return {"precision": p, "recall": r, "f1": p * r / (p + r) if p + r else 0.0}


def root(gold, predicted):
    p, r, f = shares(*counts(gold, predicted))
    return {"precision": p, "recall": r, "f1": np.sqrt(p * r)}


def mean_over_sentences(gold, predicted):
    each = [shares(*counts([g], [p])) for g, p in zip(gold, predicted, strict=True)]
    return as_dictionary(np.mean(each, axis=0))


def mean_over_types(gold, predicted):
    kinds = {e[0] for g in gold for e in found(g)}
    each = []
    for kind in kinds:
        pairs = [({e for e in found(g) if e[0] == kind}, {e for e in found(p) if e[0] == kind})
                 for g, p in zip(gold, predicted, strict=True)]  # fmt: skip
        each.append(
            shares(sum(len(a & b) for a, b in pairs), sum(len(b) for _, b in pairs), sum(len(a) for a, _ in pairs))
        )
    return as_dictionary(np.mean(each, axis=0) if each else (0.0, 0.0, 0.0))


def compared_by(part):
    def score(gold, predicted):
        right = sum(
            len({part(e) for e in found(g)} & {part(e) for e in found(p)}) for g, p in zip(gold, predicted, strict=True)
        )
        return as_dictionary(shares(right, *counts(gold, predicted)[1:]))

    return score


def no_types(gold, predicted):
    return compared_by(lambda e: (e[1], e[2]))(gold, predicted)


def no_ends(gold, predicted):
    return compared_by(lambda e: (e[0], e[1]))(gold, predicted)


def no_beginnings(gold, predicted):
    return compared_by(lambda e: (e[0], e[2]))(gold, predicted)


def partly(gold, predicted):
    right = 0
    for g, p in zip(gold, predicted, strict=True):
        for kind, first, last in found(p):
            right += any(kind == k and first < b and a < last for k, a, b in found(g))
    return as_dictionary(shares(right, *counts(gold, predicted)[1:]))


def one_big_set(gold, predicted):
    g, p = set().union(*map(found, gold)), set().union(*map(found, predicted))
    return as_dictionary(shares(len(g & p), len(p), len(g)))


def one_long_sentence(gold, predicted):
    return as_dictionary(shares(*counts([sum(gold, [])], [sum(predicted, [])])))


def per_cent(gold, predicted):
    return as_dictionary(tuple(100 * s for s in shares(*counts(gold, predicted))))


def nothing_is_right(gold, predicted):
    right, claimed, wanted = counts(gold, predicted)
    return as_dictionary(shares(right, claimed, wanted) if claimed else (1.0, 1.0, 1.0))


def divides_by_nothing(gold, predicted):
    right, claimed, wanted = counts(gold, predicted)
    p, r = right / claimed, right / wanted
    return as_dictionary((p, r, 2 * p * r / (p + r)))


def divides_where_nothing_is_right(gold, predicted):
    right, claimed, wanted = counts(gold, predicted)
    p, r = right / claimed if claimed else 0.0, right / wanted if wanted else 0.0
    return as_dictionary((p, r, 2 * p * r / (p + r)))


def divides_by_no_prediction(gold, predicted):
    right, claimed, wanted = counts(gold, predicted)
    p, r = right / claimed, right / max(wanted, 1)
    return as_dictionary((p, r, harmonic(p, r)))


def divides_by_no_gold(gold, predicted):
    right, claimed, wanted = counts(gold, predicted)
    p, r = right / max(claimed, 1), right / wanted
    return as_dictionary((p, r, harmonic(p, r)))


def guards_f1_only(gold, predicted):
    right, claimed, wanted = counts(gold, predicted)
    p, r = right / claimed, right / wanted
    return as_dictionary((p, r, harmonic(p, r)))


def three_numbers(gold, predicted):
    return shares(*counts(gold, predicted))


def f1_alone(gold, predicted):
    return shares(*counts(gold, predicted))[2]


# token_classification_loss -------------------------------------------------------------------------


def cross_entropy(labels, logits):
    return tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(labels, 0), logits)


def mask_of(labels):
    return tf.cast(tf.constant(labels) != -100, "float32")


def no_mask(labels, logits):
    return tf.reduce_mean(cross_entropy(labels, logits))


def mean_of_all(labels, logits):
    return tf.reduce_mean(cross_entropy(labels, logits) * mask_of(labels))


def sum_only(labels, logits):
    return tf.reduce_sum(cross_entropy(labels, logits) * mask_of(labels))


def by_batch(labels, logits):
    return tf.reduce_sum(cross_entropy(labels, logits) * mask_of(labels)) / labels.shape[0]


def sentence_by_sentence(labels, logits):
    mask = mask_of(labels)
    rows = tf.math.divide_no_nan(tf.reduce_sum(cross_entropy(labels, logits) * mask, 1), tf.reduce_sum(mask, 1))
    return tf.reduce_mean(rows)


def o_is_padding(labels, logits):
    mask = tf.cast(labels > 0, "float32")
    return tf.math.divide_no_nan(tf.reduce_sum(cross_entropy(labels, logits) * mask), tf.reduce_sum(mask))


def zero_is_padding(labels, logits):
    mask = tf.cast(labels != 0, "float32")
    return tf.math.divide_no_nan(tf.reduce_sum(cross_entropy(labels, logits) * mask), tf.reduce_sum(mask))


def upside_down(labels, logits):
    mask = 1 - mask_of(labels)
    return tf.math.divide_no_nan(tf.reduce_sum(cross_entropy(labels, logits) * mask), tf.reduce_sum(mask))


def softmax_first(labels, logits):
    mask = mask_of(labels)
    losses = cross_entropy(labels, tf.nn.softmax(logits))
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def likelihood(labels, logits):
    mask = mask_of(labels)
    chosen = tf.gather(tf.nn.log_softmax(logits), tf.maximum(labels, 0), batch_dims=2)
    return tf.math.divide_no_nan(tf.reduce_sum(chosen * mask), tf.reduce_sum(mask))


def not_reduced(labels, logits):
    return cross_entropy(labels, logits) * mask_of(labels)


def zero_over_zero(labels, logits):
    mask = mask_of(labels)
    return tf.reduce_sum(cross_entropy(labels, logits) * mask) / tf.reduce_sum(mask)


def as_it_is(labels, logits):
    mask = mask_of(labels)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def keras_without_logits(labels, logits):
    losses = keras.losses.sparse_categorical_crossentropy(np.maximum(labels, 0), logits)
    mask = mask_of(labels)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))


def loss_by_numpy(labels, logits):
    total, count = 0.0, 0
    for row, scores in zip(np.reshape(labels, -1), np.reshape(logits, (-1, logits.shape[-1])), strict=True):
        if row != -100:
            total += np.log(np.sum(np.exp(scores - scores.max()))) + scores.max() - scores[row]
            count += 1
    return total / count if count else 0.0


def loss_summed_by_numpy(labels, logits):
    losses = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True, ignore_class=-100)
    return np.sum(losses) / max(np.sum(labels != -100), 1)


def loss_of_empty_targets(labels, logits):
    targets = tf.one_hot(labels, logits.shape[-1])  # -100 is no class: a row of zeros
    losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
    return tf.math.divide_no_nan(tf.reduce_sum(losses), tf.reduce_sum(targets))


def loss_as_a_float(labels, logits):
    mask = mask_of(labels)
    return float(tf.math.divide_no_nan(tf.reduce_sum(cross_entropy(labels, logits) * mask), tf.reduce_sum(mask)))


def loss_made_a_tensor_again(labels, logits):
    return tf.constant(loss_as_a_float(labels, logits))


MUTANTS = {
    "align_labels": [
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
    ],
    "decode_bio": [
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
        (forgets_to_return, "is a `return` missing?"),
    ],
    "entity_f1": [
        (words_counted, "words are counted"),
        (accuracy, "accuracy of words"),
        (swapped, "precision is divided by the number of gold"),
        (recall_twice, "precision is divided by the number of gold"),
        (precision_twice, "recall is divided by the number of predicted"),
        (plain_mean, "average of precision and recall"),
        (without_the_two, "factor 2"),
        (root, "geometric"),
        (mean_over_sentences, "each sentence is scored alone"),
        (mean_over_types, "each type is scored alone"),
        (no_types, "type is not compared"),
        (no_ends, "end is not compared"),
        (no_beginnings, "beginning is not compared"),
        (partly, "met in part"),
        (one_big_set, "fall together in one set"),
        (one_long_sentence, "run across their borders"),
        (per_cent, "per cent"),
        (nothing_is_right, "counts as perfect"),
        (divides_by_nothing, "nothing is right"),
        (divides_where_nothing_is_right, "nothing is right"),
        (divides_by_no_prediction, "nothing is predicted: precision"),
        (divides_by_no_gold, "nothing is there to find: recall"),
        (guards_f1_only, "nothing is predicted, or nothing is there to find"),
        (three_numbers, "a dictionary with the keys"),
        (f1_alone, "a dictionary with the keys"),
    ],
    "token_classification_loss": [
        (no_mask, "taken for label 0, and counted"),
        (mean_of_all, "divided by all pieces"),
        (sum_only, "this is the sum"),
        (by_batch, "number of sentences"),
        (sentence_by_sentence, "each sentence is averaged alone"),
        (o_is_padding, "label 0 is left out"),
        (zero_is_padding, "label 0 is left out"),
        (upside_down, "turned around: what counts"),
        (softmax_first, "a softmax was taken"),
        (likelihood, "minus the logarithm"),
        (not_reduced, "each piece came back"),
        (zero_over_zero, "0/0"),
        (as_it_is, "the number of none"),
        (keras_without_logits, "from_logits=True"),
        (loss_by_numpy, "no gradient reaches the logits"),
        (loss_summed_by_numpy, "no gradient reaches the logits"),
        (loss_of_empty_targets, "pieces with -100 get a gradient"),
        (loss_as_a_float, "no gradient reaches the logits"),
        (loss_made_a_tensor_again, "no gradient reaches the logits"),
    ],
}
