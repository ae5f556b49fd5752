"""What goes wrong in mask_tokens: the function with one of its decisions changed."""

import numpy as np
from keras import ops

from utils.checks.frame import Mistake

MASK = 4  # the id of [MASK]


def masked(
    rate=lambda rate: rate,
    may=lambda ids, maskable: maskable,
    hidden=0.8,
    kept=0.1,
    other=lambda rng, ids, size: rng.integers(0, size, ids.shape),
    fate_of=lambda rng, ids: rng.random(ids.shape),
    chosen_by=lambda rng, ids, rate: rng.random(ids.shape) < rate,
    label=lambda ids, inputs, chosen: np.where(chosen, ids, -100),
    chance=lambda rng: rng,
    back=lambda inputs, labels: (inputs, labels),
    apart=False,
    among=lambda chosen: (chosen, chosen),
    fate_chance=lambda rng: rng,
):
    """The function with one of its decisions changed.

    What can be changed: rate; may, where a piece may be chosen; hidden and kept, the shares of [MASK] and of what
    stays; other, the random ids; fate_of, the number that decides; chosen_by; label; chance, the generator; back, what
    is returned; apart, whether the shares are drawn for every piece by itself, those for the random ids after those
    for [MASK]; among, of which pieces some get a random id, and some [MASK]; fate_chance, the generator of the fates.
    """

    def variant(token_ids, maskable, mask_id, vocabulary_size, rng, **options):
        ids, rng = np.asarray(token_ids), chance(rng)
        chosen = may(ids, maskable) & chosen_by(rng, ids, rate(options.get("rate", 0.15)))
        rng = fate_chance(rng)
        fate, (other_among, hidden_among) = fate_of(rng, ids), among(chosen)
        second = rng.random(ids.shape) < 0.1 if apart else (fate >= hidden) & (fate < 1 - kept)
        inputs = np.where(other_among & second, other(rng, ids, vocabulary_size), ids)
        inputs = np.where(hidden_among & (fate < hidden), mask_id, inputs)
        return back(inputs.astype("int32"), label(ids, inputs, chosen).astype("int32"))

    return variant


def _one_stretch(rng, ids, rate):
    """As many of each row's pieces as asked for, side by side."""
    pieces, places = (ids > MASK).sum(axis=1, keepdims=True), np.arange(ids.shape[1])
    length = np.round(rate * pieces)
    starts = 1 + np.floor(rng.random((len(ids), 1)) * (pieces - length + 1))
    return (places >= starts) & (places < starts + length)


def _cut_by_row(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    """Of each row's chosen the first eight tenths in an order that is drawn are hidden, and so on."""
    ids = np.asarray(token_ids)
    chosen = maskable & (rng.random(ids.shape) < rate)
    rank = np.where(chosen, rng.random(ids.shape), 2).argsort(axis=1).argsort(axis=1)
    hidden, ends = (np.floor(share * chosen.sum(axis=1, keepdims=True)) for share in (0.8, 0.9))
    inputs = np.where(chosen & (rank < ends), rng.integers(0, vocabulary_size, ids.shape), ids)
    inputs = np.where(chosen & (rank < hidden), mask_id, inputs)
    return inputs.astype("int32"), np.where(chosen, ids, -100).astype("int32")


def _so_many_a_row(rng, ids, rate):
    """The first so many in an order that is drawn."""
    return np.argsort(rng.random(ids.shape), axis=1) < int(rate * ids.shape[1])


def _one_at_least(rng, ids, rate):
    chosen = rng.random(ids.shape) < rate
    return np.where(chosen.any(axis=1, keepdims=True), chosen, np.arange(ids.shape[1]) == 1)


ROUNDED = "and rounding loses much of a short one: each piece by itself, with a number of its own"

MISTAKES = (
    Mistake(
        "the labels are turned around: -100 belongs where nothing is asked",
        masked(label=lambda ids, inputs, chosen: np.where(chosen, -100, ids)),
    ),
    Mistake(
        "every piece has its label: only the chosen are asked for, all others are -100",
        masked(label=lambda ids, inputs, chosen: ids),
    ),
    *(
        Mistake(
            f"{number} stands where nothing is asked: -100 is the number that the loss passes over",
            masked(label=lambda ids, inputs, chosen, number=number: np.where(chosen, ids, number)),
        )
        for number in (0, -1)
    ),
    Mistake(
        "the labels are what the input has become: they must say what was there before",
        masked(label=lambda ids, inputs, chosen: np.where(chosen, inputs, -100)),
    ),
    Mistake(
        "the labels say yes and no: they must say which id was there",
        masked(label=lambda ids, inputs, chosen: chosen.astype(int)),
    ),
    Mistake(
        "what stays as it was has no label: it is chosen too, and asked for",
        masked(label=lambda ids, inputs, chosen: np.where(inputs != ids, ids, -100)),
    ),
    Mistake(
        "only [MASK] has a label: the random ids and what stays are asked for too",
        masked(label=lambda ids, inputs, chosen: np.where(inputs == MASK, ids, -100)),
    ),
    Mistake("`maskable` is not heeded: [CLS], [SEP] and padding are chosen too", masked(may=lambda ids, m: True)),
    Mistake("`maskable` is turned around: True is where a piece may be chosen", masked(may=lambda ids, m: ~m)),
    Mistake(
        "padding is spared, [CLS] and [SEP] are not: `maskable` says where",
        masked(may=lambda ids, m: ids != 0),
    ),
    Mistake("0.15 whatever `rate` says", masked(rate=lambda rate: 0.15)),
    Mistake("turned around: the share `rate` is spared, all others are chosen", masked(rate=lambda r: 1 - r)),
    Mistake("only a tenth of what `rate` says is chosen", masked(rate=lambda rate: rate / 10)),
    Mistake(
        "one draw for all rows: the same places are chosen in each",
        masked(chosen_by=lambda rng, ids, rate: rng.random(ids.shape[1]) < rate),
    ),
    Mistake(
        "one draw for each row: whole sentences are chosen, or none of their pieces",
        masked(chosen_by=lambda rng, ids, rate: rng.random((len(ids), 1)) < rate),
    ),
    Mistake("all of the chosen are hidden: 10 % a random id, 10 % as they were", masked(hidden=1.0, kept=0.0)),
    Mistake("20 % get a random id: half of these stay as they were", masked(kept=0.0)),
    Mistake("20 % stay as they were: half of these get a random id", masked(kept=0.2)),
    Mistake("[MASK] and random are changed over: 80 % are hidden", masked(hidden=0.1, kept=0.1)),
    Mistake("[MASK] and what stays are changed over: 80 % are hidden", masked(hidden=0.1, kept=0.8)),
    Mistake(
        "a second draw of 10 % from all the chosen, most of which are hidden: only 2 % get a random id. "
        "One draw decides all three",
        masked(apart=True),
    ),
    *(
        Mistake(
            "one random id for all, or for a whole row or column: draw one for each place",
            masked(other=other),
        )
        for other in (
            lambda rng, ids, size: rng.integers(0, size),
            lambda rng, ids, size: rng.integers(0, size, (len(ids), 1)),
        )
    ),
    Mistake(
        "one fate for a whole row or column: draw a number for each place, so that some pieces of each are "
        "hidden and some are not",
        masked(fate_of=lambda rng, ids: rng.random((len(ids), 1))),
    ),
    Mistake(
        "the random ids are few, and come again and again: draw from all, from 0 to V - 1",
        masked(other=lambda rng, ids, size: rng.integers(0, 2, ids.shape)),
    ),
    Mistake(
        "the last id is never drawn: rng.integers leaves the upper end out by itself, so it is V, not V - 1",
        masked(other=lambda rng, ids, size: rng.integers(0, size - 1, ids.shape)),
    ),
    Mistake(
        "the first id is never drawn: the ids begin at 0",
        masked(other=lambda rng, ids, size: rng.integers(1, size, ids.shape)),
    ),
    Mistake(
        "random ids that no piece has: they go from 0 to V - 1, and V is `vocabulary_size`",
        masked(other=lambda rng, ids, size: rng.integers(0, size + 1, ids.shape)),
    ),
    Mistake(
        "the random ids are shuffled or picked from those in the texts: draw from all, from 0 to V - 1",
        masked(other=lambda rng, ids, size: rng.choice(ids.ravel(), ids.shape)),
    ),
    Mistake(
        "the chance is not that of `rng`: whoever calls twice with one seed wants the same twice",
        masked(chance=lambda rng: np.random.default_rng()),
    ),
    Mistake(
        "a seed of your own: every batch of every epoch would have the same places chosen",
        masked(chance=lambda rng: np.random.default_rng(0)),
    ),
    Mistake("labels first: the inputs come first", masked(back=lambda inputs, labels: (labels, inputs))),
    Mistake(
        "padding has the label 0: -100 belongs there, the number that the loss passes over",
        masked(label=lambda ids, inputs, chosen: np.where(chosen, ids, np.where(ids == 0, 0, -100))),
    ),
    Mistake(
        "a chosen piece whose id is 0 has no label: 0 is an id like any other. Ask what was chosen, not what is 0",
        masked(label=lambda ids, inputs, chosen: np.where(chosen & (ids != 0), ids, -100)),
    ),
    Mistake(
        "what was hidden is overwritten: below 0.9 are those below 0.8 too. From 0.8 to 0.9 a random id, [MASK] below",
        masked(hidden=0.0, kept=0.1),
    ),
    *(
        Mistake(
            "pieces that are not chosen change: `chosen &` belongs before each condition on the fate",
            masked(among=among),
        )
        for among in (lambda c: (c | True, c), lambda c: (c, c | True), lambda c: (c | True, c | True))
    ),
    Mistake(
        "what becomes of the chosen is not decided by `rng`: whoever calls twice with one seed wants the same twice",
        masked(fate_chance=lambda rng: np.random.default_rng()),
    ),
    Mistake(
        "what becomes of the chosen has a seed of its own: in every batch the same places would be hidden. Draw from "
        "`rng`",
        masked(fate_chance=lambda rng: np.random.default_rng(0)),
    ),
    Mistake(
        "the random ids have a seed of their own, and are the same ones in every batch: draw them from `rng` too",
        masked(other=lambda rng, ids, size: np.random.default_rng(0).integers(0, size, ids.shape)),
    ),
    Mistake(
        "one stretch a row is chosen: each piece by itself, rng.random(token_ids.shape) < rate",
        masked(chosen_by=_one_stretch),
    ),
    Mistake(f"80 % and 10 % are cut row by row, {ROUNDED}", _cut_by_row),
    Mistake(f"so many of each row are chosen, {ROUNDED}", masked(chosen_by=_so_many_a_row)),
    Mistake(
        "each row has one chosen at least, and so too many are: each piece by itself", masked(chosen_by=_one_at_least)
    ),
    Mistake(
        "lists came back, and the next cell needs arrays: np.array(…) for both",
        masked(back=lambda *two: tuple(part.tolist() for part in two)),
    ),
    Mistake(
        "tensors came back, and the next cell needs NumPy arrays: np.asarray(…) for both",
        masked(back=lambda *two: tuple(map(ops.convert_to_tensor, two))),
    ),
)
