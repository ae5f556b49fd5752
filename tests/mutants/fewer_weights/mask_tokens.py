"""Wrong answers to mask_tokens."""

import numpy as np
from keras import ops


def draw(token_ids, maskable, rng, rate):
    """Which pieces are chosen, and a number that decides their fate."""
    return maskable & (rng.random(token_ids.shape) < rate), rng.random(token_ids.shape)


def hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng):
    """The inputs as they should be."""
    inputs = np.array(token_ids)
    another = chosen & (fate >= 0.8) & (fate < 0.9)
    inputs[chosen & (fate < 0.8)] = mask_id
    inputs[another] = rng.integers(0, vocabulary_size, another.sum())
    return inputs


def inverted_labels(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    inputs = hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng)
    return inputs, np.where(chosen, -100, token_ids)


def all_labels(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    return hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng), token_ids


def zero_elsewhere(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    return hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng), token_ids * chosen


def zero_is_none(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    labels = token_ids * chosen
    labels[labels == 0] = -100
    return hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng), labels


def minus_one_elsewhere(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    labels = np.full(token_ids.shape, -1)
    labels[chosen] = token_ids[chosen]
    return hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng), labels


def labels_after_hiding(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    token_ids = hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng)
    return token_ids, np.where(chosen, token_ids, -100)


def yes_and_no(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    return hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng), np.int32(chosen)


def only_what_changed(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    inputs = hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng)
    return inputs, np.where(inputs == token_ids, -100, token_ids)


def only_the_masked(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    inputs = hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng)
    return inputs, np.where(inputs == mask_id, token_ids, -100)


def everywhere(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, np.ones_like(maskable), rng, rate)
    inputs = hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng)
    return inputs, np.where(chosen, token_ids, -100)


def where_it_may_not(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, np.logical_not(maskable), rng, rate)
    inputs = hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng)
    return inputs, np.where(chosen, token_ids, -100)


def all_but_padding(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, token_ids > 0, rng, rate)
    inputs = hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng)
    return inputs, np.where(chosen, token_ids, -100)


def always_15(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, 0.15)
    inputs = hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng)
    return inputs, np.where(chosen, token_ids, -100)


def the_others(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen = maskable & (rng.random(token_ids.shape) > rate)
    inputs = hide(token_ids, chosen, rng.random(token_ids.shape), mask_id, vocabulary_size, rng)
    return inputs, np.where(chosen, token_ids, -100)


def in_all_rows_alike(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen = maskable & (rng.random(token_ids.shape[1]) < rate)
    inputs = hide(token_ids, chosen, rng.random(token_ids.shape), mask_id, vocabulary_size, rng)
    return inputs, np.where(chosen, token_ids, -100)


def whole_rows(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen = maskable & (rng.random(len(token_ids)) < rate)[:, None]
    inputs = hide(token_ids, chosen, rng.random(token_ids.shape), mask_id, vocabulary_size, rng)
    return inputs, np.where(chosen, token_ids, -100)


def always_masked(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, _ = draw(token_ids, maskable, rng, rate)
    return np.where(chosen, mask_id, token_ids), np.where(chosen, token_ids, -100)


def none_stays(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    inputs = np.where(fate < 0.8, mask_id, rng.integers(0, vocabulary_size, token_ids.shape))
    return np.where(chosen, inputs, token_ids), np.where(chosen, token_ids, -100)


def none_is_random(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    return np.where(chosen & (fate < 0.8), mask_id, token_ids), np.where(chosen, token_ids, -100)


def mostly_random(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    inputs = np.where(chosen & (fate < 0.8), rng.integers(0, vocabulary_size, token_ids.shape), token_ids)
    inputs = np.where(chosen & (fate >= 0.9), mask_id, inputs)
    return inputs, np.where(chosen, token_ids, -100)


def mostly_kept(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    inputs = hide(token_ids, chosen & (fate > 0.8), (fate - 0.8) * 8, mask_id, vocabulary_size, rng)
    inputs = np.where(chosen & (fate > 0.9), rng.integers(0, vocabulary_size, token_ids.shape), token_ids)
    inputs = np.where(chosen & (fate > 0.8) & (fate <= 0.9), mask_id, inputs)
    return inputs, np.where(chosen, token_ids, -100)


def two_draws(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen = maskable & (rng.random(token_ids.shape) < rate)
    masked = chosen & (rng.random(token_ids.shape) < 0.8)
    inputs = np.where(masked, mask_id, token_ids)
    another = chosen & ~masked & (rng.random(token_ids.shape) < 0.1)
    inputs = np.where(another, rng.integers(0, vocabulary_size, token_ids.shape), inputs)
    return inputs, np.where(chosen, token_ids, -100)


def one_for_all(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    inputs = np.where(chosen & (fate < 0.9), rng.integers(vocabulary_size), token_ids)
    inputs = np.where(chosen & (fate < 0.8), mask_id, inputs)
    return inputs, np.where(chosen, token_ids, -100)


def own_chance(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    rng = np.random.default_rng()
    chosen, fate = draw(token_ids, maskable, rng, rate)
    inputs = hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng)
    return inputs, np.where(chosen, token_ids, -100)


def the_same_chance_each_time(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    rng = np.random.default_rng(17)
    chosen, fate = draw(token_ids, maskable, rng, rate)
    inputs = hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng)
    return inputs, np.where(chosen, token_ids, -100)


def labels_first(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    inputs = hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng)
    return np.where(chosen, token_ids, -100), inputs


def in_place(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    labels = np.where(chosen, token_ids, -100)
    token_ids[chosen & (fate < 0.8)] = mask_id
    another = chosen & (fate >= 0.8) & (fate < 0.9)
    token_ids[another] = rng.integers(0, vocabulary_size, another.sum())
    return token_ids, labels


def inputs_alone(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    return hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng)


def drawing(of_each, fates=None):
    """With the random ids drawn in some other way, or the fates."""

    def variant(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
        chosen, fate = draw(token_ids, maskable, rng, rate)
        fate = fate if fates is None else fates(rng, token_ids.shape)
        inputs = np.where(chosen & (fate < 0.9), of_each(rng, vocabulary_size, token_ids), token_ids)
        return np.where(chosen & (fate < 0.8), mask_id, inputs), np.where(chosen, token_ids, -100)

    return variant


def anywhere(rng, size, ids):
    return rng.integers(0, size, ids.shape)


def by_row(cut=False, whole=False, least=False, stretch=False):
    """Row by row, and so with some rounding."""

    def variant(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
        chosen = maskable & (rng.random(token_ids.shape) < rate)
        for b in range(len(token_ids)) if whole or least or stretch else ():
            may = np.flatnonzero(maskable[b])
            if whole:
                chosen[b] = np.isin(np.arange(len(chosen[b])), rng.choice(may, int(rate * len(may)), replace=False))
            if stretch:
                length = round(rate * len(may))
                start = rng.integers(0, len(may) - length + 1)
                chosen[b] = np.isin(np.arange(len(chosen[b])), may[start : start + length])
            if least and not chosen[b].any():
                chosen[b, rng.choice(may)] = True
        if not cut:
            inputs = hide(token_ids, chosen, rng.random(token_ids.shape), mask_id, vocabulary_size, rng)
            return inputs, np.where(chosen, token_ids, -100)
        inputs = np.array(token_ids)
        for b in range(len(token_ids)):
            at = rng.permutation(np.flatnonzero(chosen[b]))
            hidden, another = int(0.8 * len(at)), int(0.9 * len(at))
            inputs[b, at[:hidden]] = mask_id
            inputs[b, at[hidden:another]] = rng.integers(0, vocabulary_size, another - hidden)
        return inputs, np.where(chosen, token_ids, -100)

    return variant


def hidden_by(chance):
    """Chance from elsewhere decides what becomes of the chosen."""

    def variant(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
        chosen, other = maskable & (rng.random(token_ids.shape) < rate), chance()
        inputs = hide(token_ids, chosen, other.random(token_ids.shape), mask_id, vocabulary_size, other)
        return inputs, np.where(chosen, token_ids, -100)

    return variant


def as_something_else(of):
    def variant(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
        chosen, fate = draw(token_ids, maskable, rng, rate)
        inputs = hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng)
        return of(inputs), of(np.where(chosen, token_ids, -100))

    return variant


def padding_labelled(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    labels = np.where(chosen, token_ids, -100)
    labels[token_ids == 0] = 0
    return hide(token_ids, chosen, fate, mask_id, vocabulary_size, rng), labels


def overwritten(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    chosen, fate = draw(token_ids, maskable, rng, rate)
    inputs = token_ids.copy()
    inputs[chosen & (fate < 0.8)] = mask_id
    another = chosen & (fate < 0.9)
    inputs[another] = rng.integers(0, vocabulary_size, another.sum())
    return inputs, np.where(chosen, token_ids, -100)


def changed_everywhere(hidden, another):
    def variant(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
        chosen, fate = draw(token_ids, maskable, rng, rate)
        other = rng.integers(0, vocabulary_size, token_ids.shape)
        inputs = np.where((chosen | hidden) & (fate < 0.8), mask_id, token_ids)
        inputs = np.where((chosen | another) & (fate >= 0.8) & (fate < 0.9), other, inputs)
        return inputs, np.where(chosen, token_ids, -100)

    return variant


def ids_with_a_seed(compact):
    """The random ids alone are not the generator's: an array of them, or as many as are needed."""

    def mask(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
        (chosen, fate), own = draw(token_ids, maskable, rng, rate), np.random.default_rng(42)
        if compact:
            inputs = hide(token_ids, chosen, fate, mask_id, vocabulary_size, own)
        else:
            other = own.integers(vocabulary_size, size=token_ids.shape)
            inputs = np.select([chosen & (fate < 0.8), chosen & (fate < 0.9)], [mask_id, other], token_ids)
        return inputs, np.where(chosen, token_ids, -100)

    return mask


MUTANTS = [
    (ids_with_a_seed(compact=False), "seed of their own"),
    (ids_with_a_seed(compact=True), "seed of their own"),
    (inverted_labels, "turned around"),
    (all_labels, "every piece has its label"),
    (zero_elsewhere, "0 stands where nothing"),
    (zero_is_none, "whose id is 0 has no label"),
    (minus_one_elsewhere, "-1 stands where nothing"),
    (labels_after_hiding, "what the input has become"),
    (yes_and_no, "yes and no"),
    (only_what_changed, "what stays as it was has no label"),
    (only_the_masked, "only [MASK] has a label"),
    (everywhere, "`maskable` is not heeded"),
    (where_it_may_not, "`maskable` is turned around"),
    (all_but_padding, "padding is spared"),
    (always_15, "whatever `rate` says"),
    (the_others, "is spared, all others"),
    (in_all_rows_alike, "one draw for all rows"),
    (whole_rows, "one draw for each row"),
    (always_masked, "all of the chosen are hidden"),
    (none_stays, "20 % get a random id"),
    (none_is_random, "20 % stay"),
    (mostly_random, "[MASK] and random are changed over"),
    (mostly_kept, "[MASK] and what stays are changed over"),
    (two_draws, "a second draw"),
    (one_for_all, "one random id for all"),
    (own_chance, "not that of `rng`"),
    (the_same_chance_each_time, "a seed of your own"),
    (labels_first, "labels first"),
    (in_place, "changes the array"),
    (inputs_alone, "two results"),
    (drawing(anywhere, lambda rng, shape: rng.random((shape[0], 1))), "one fate for a whole row"),
    (drawing(anywhere, lambda rng, shape: rng.random(shape[1])), "one fate for a whole row"),
    (drawing(lambda rng, size, ids: rng.integers(size, size=(len(ids), 1))), "one random id for all"),
    (drawing(lambda rng, size, ids: rng.integers(size, size=ids.shape[1])), "one random id for all"),
    (drawing(lambda rng, size, ids: rng.integers(0, size - 1, ids.shape)), "the last id is never drawn"),
    (drawing(lambda rng, size, ids: rng.integers(1, size, ids.shape)), "the first id is never drawn"),
    (drawing(lambda rng, size, ids: rng.integers(1, size - 1, ids.shape)), "is never drawn"),
    (drawing(lambda rng, size, ids: rng.integers(0, size, ids.shape, endpoint=True)), "no piece has"),
    (drawing(lambda rng, size, ids: rng.integers(0, 30522, ids.shape)), "no piece has"),
    (drawing(lambda rng, size, ids: rng.integers(0, 10, ids.shape)), "are few"),
    (drawing(lambda rng, size, ids: rng.permutation(ids.ravel()).reshape(ids.shape)), "from those in the texts"),
    (by_row(cut=True), "cut row by row"),
    (by_row(whole=True), "so many of each row"),
    (by_row(least=True), "one chosen at least"),
    (by_row(stretch=True), "one stretch a row"),
    (hidden_by(np.random.default_rng), "not decided by `rng`"),
    (hidden_by(lambda: np.random.default_rng(0)), "a seed of its own: in every batch"),
    (as_something_else(lambda array: array.tolist()), "lists came back"),
    (as_something_else(ops.convert_to_tensor), "tensors came back"),
    (padding_labelled, "padding has the label 0"),
    (overwritten, "what was hidden is overwritten"),
    (changed_everywhere(hidden=False, another=True), "pieces that are not chosen change"),
    (changed_everywhere(hidden=True, another=False), "pieces that are not chosen change"),
]
