"""Wrong answers to greedy_decode."""

import numpy as np
from keras import ops

from utils.decoding import (
    cut_at_end,
)
from utils.layers import create_padding_mask


def greedy_with(start=None, last=-1, hide=True, stop=np.all, pad=True, choose=np.argmax, tidy=cut_at_end, more=0):
    """A learner's loop with one thing wrong."""

    def greedy(model, source_ids, max_length, start_id, end_id, use_cache=True):
        mask = create_padding_mask(source_ids, model.pad_id) if hide else None
        encoded = model.encoder(source_ids)
        ids = np.full((len(source_ids), 1), start_id if start is None else start, "int32")
        finished = np.zeros(len(source_ids), bool)
        for _ in range(max_length + more):
            if stop(finished):
                break
            logits = model.output_layer(model.decoder(ids, encoded, cross_attention_mask=mask))[:, last]
            word = choose(ops.convert_to_numpy(logits), axis=-1)
            word = np.where(finished, model.pad_id, word) if pad else word
            ids = np.concatenate([ids, word[:, None].astype("int32")], axis=1)
            finished |= word == end_id
        return tidy(ids[:, 1:], end_id, model.pad_id)

    return greedy


def keeps_start(model, source_ids, max_length, start_id, end_id, use_cache=True):
    said = greedy_with()(model, source_ids, max_length, start_id, end_id)
    return np.concatenate([np.full((len(said), 1), start_id), said], axis=1)


def last_word_only(model, source_ids, max_length, start_id, end_id, use_cache=True):
    mask, encoded = create_padding_mask(source_ids), model.encoder(source_ids)
    ids = np.full((len(source_ids), 1), start_id, "int32")
    for _ in range(max_length):
        decoded = model.decoder(ids[:, -1:], encoded, cross_attention_mask=mask)
        word = ops.argmax(model.output_layer(decoded[:, -1]), axis=-1)
        ids = np.concatenate([ids, np.asarray(word, "int32")[:, None]], axis=1)
    return cut_at_end(ids[:, 1:], end_id, model.pad_id)


def forgot_return(model, source_ids, max_length, start_id, end_id, use_cache=True):
    greedy_with()(model, source_ids, max_length, start_id, end_id)


def untidy(ids, end_id, pad_id):
    return ids


def lists_of_ids(model, source_ids, max_length, start_id, end_id, use_cache=True):
    return greedy_with()(model, source_ids, max_length, start_id, end_id).tolist()


def ends_at_two(model, source_ids, max_length, start_id, end_id, use_cache=True):
    return greedy_with()(model, source_ids, max_length, start_id, 2)


def knows_both_ids(model, source_ids, max_length, start_id, end_id, use_cache=True):
    return greedy_with(start=1)(model, source_ids, max_length, 1, 2)


def as_floats(model, source_ids, max_length, start_id, end_id, use_cache=True):
    return greedy_with()(model, source_ids, max_length, start_id, end_id) * 1.0


def rows_of_their_own(model, source_ids, max_length, start_id, end_id, use_cache=True):
    ids = greedy_with()(model, source_ids, max_length, start_id, end_id)
    return [row[row != model.pad_id] for row in ids]


def without_the_choice(model, source_ids, max_length, start_id, end_id):
    return greedy_with()(model, source_ids, max_length, start_id, end_id)


def zeros_behind(model, source_ids, max_length, start_id, end_id, use_cache=True):
    return cut_at_end(greedy_with(tidy=untidy)(model, source_ids, max_length, start_id, end_id), end_id, 0)


def filled_up(place):
    """The prefix has its full width from the beginning, and is read at the wrong place."""

    def greedy(model, source_ids, max_length, start_id, end_id, use_cache=True):
        mask, encoded = create_padding_mask(source_ids, model.pad_id), model.encoder(source_ids)
        ids = np.full((len(source_ids), max_length + 1), model.pad_id, "int32")
        ids[:, 0] = start_id
        for t in range(max_length):
            decoded = model.decoder(ids, encoded, cross_attention_mask=mask)
            ids[:, t + 1] = ops.argmax(model.output_layer(decoded[:, place(t)]), axis=-1)
        return cut_at_end(ids[:, 1:], end_id, model.pad_id)

    return greedy


def best_above_zero(scores):
    best, word = 0, 0
    for n, score in enumerate(scores):
        if score > best:
            best, word = score, n
    return word


def best_of_two_neighbours(scores):
    previous, word = scores[0], 0
    for n, score in enumerate(scores):
        if score > previous:
            word = n
        previous = score
    return word


def word_by_word(pick):
    """A choice of one row as one of all rows."""
    return lambda scores, axis: np.apply_along_axis(pick, axis, scores)


MUTANTS = [
    (zeros_behind, "what stands behind a sentence is always 0"),
    (greedy_with(choose=word_by_word(best_above_zero)), "begins at 0"),
    (greedy_with(choose=word_by_word(best_of_two_neighbours)), "with the one before it"),
    (as_floats, "ids are whole numbers"),
    (rows_of_their_own, "list came back: wrap it in np.array"),
    (without_the_choice, "use_cache"),
    (filled_up(lambda t: -1), "a place that holds padding"),
    (filled_up(lambda t: t + 1), "a place that holds padding"),
    (greedy_with(stop=lambda finished: finished[-1]), "only the last sentence's end"),
    (greedy_with(stop=lambda finished: False, pad=False, tidy=untidy), "came back: padding stands from the end on"),
    (greedy_with(start=1), "always begins with the same id"),
    (ends_at_two, "always ends with the same id"),
    (knows_both_ids, "start and end are always the same"),
    (lists_of_ids, "list came back: wrap it in np.array"),
    (keeps_start, "the start token came back"),
    (greedy_with(tidy=untidy), "came back: padding stands from the end on"),
    (greedy_with(pad=False, tidy=untidy), "came back: padding stands from the end on"),
    (greedy_with(start=2), "begins with the end token"),
    (greedy_with(start=0), "begins with padding"),
    (greedy_with(last=0), "at the first position, each time"),
    (greedy_with(choose=np.argmin), "argmax, not argmin"),
    (greedy_with(stop=np.any), "first sentence to end ends all"),
    (greedy_with(hide=False), "looks at the source's padding"),
    (greedy_with(more=-1), "one word too few"),
    (greedy_with(stop=lambda finished: finished[0]), "only the first sentence's end"),
    (last_word_only, "reads the last word only"),
    (forgot_return, "return"),
]
