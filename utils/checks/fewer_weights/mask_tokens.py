"""The exercise mask_tokens: what must hold, and what each mistake looks like.

What comes back is decided by chance, so it is counted, and the counts are put into words: those are compared.
"""

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.tasks.masked_words import mask_tokens

V, MASK, CLS, SEP = 200, 4, 2, 3
FIRST = 5  # the first id of a word


def _sentences(rng, rows, length, size):
    """Ids (rows, length) between [CLS] and [SEP], padded with 0, and where a piece may be chosen."""
    ids = rng.integers(FIRST, size, (rows, length))
    ends = rng.integers(length // 2, length, rows)
    ids[:, 0] = CLS
    ids[np.arange(rows), ends] = SEP
    ids[np.arange(length) > ends[:, None]] = 0
    return ids.astype("int32"), ids >= FIRST


def _case(rng, rows=400, length=100, size=V, **options):
    ids, maskable = _sentences(rng, rows, length, size)
    return case(ids, maskable, seed=int(rng.integers(2**31)), size=size, **options)


def _run(answer, token_ids, maskable, seed, size=V, **options):
    return answer(token_ids, maskable, MASK, size, np.random.default_rng(seed), **options)


def _repeated(answer, token_ids, maskable, seed, size=V):
    """Twice with the same chance, once with other chance; in words."""
    same, again, other = (_run(answer, token_ids, maskable, s)[1] for s in (seed, seed, seed + 1))
    same, again, other = (np.asarray(labels) for labels in (same, again, other))
    if not np.array_equal(same, again):
        return "the same generator, and other pieces are chosen"
    return (
        "another generator, and the same pieces are chosen" if np.array_equal(same, other) else "as the generator says"
    )


def _pair(result, token_ids):
    """Inputs and labels as arrays, or words on why they are none."""
    if not isinstance(result, tuple) or len(result) != 2:
        return "two results are asked for: inputs, then labels"
    inputs, labels = (np.asarray(part) for part in result)
    for name, part in (("inputs", inputs), ("labels", labels)):
        if part.shape != token_ids.shape:
            return f"the {name} have shape {part.shape}, expected {token_ids.shape}"
        if part.dtype.kind not in "iu":
            return f"the {name} are of dtype {part.dtype}: ids are whole numbers"
    return inputs, labels


def _labels(result, token_ids, maskable, seed, **options):
    """Whether the labels say what was there, and what was not chosen is as it was."""
    pair = _pair(result, token_ids)
    if isinstance(pair, str):
        return pair
    inputs, labels = pair
    changed = inputs != token_ids
    if not (labels != -100).any():
        return "no piece is chosen"
    if np.array_equal(labels, token_ids):
        return "every piece has a label, also those that are not chosen"
    outside = np.unique(labels[(labels != -100) & (labels != token_ids)])
    if outside.size:
        if set(outside.tolist()) == {0, 1} and (labels != -100).all():
            return "the labels are yes and no"
        unlabelled = set(np.unique(labels[~changed]).tolist()) & {0, -1, MASK}
        if outside.size == 1 and unlabelled:
            return f"{outside[0]} where nothing is asked"
        if np.array_equal(labels[labels != -100], inputs[labels != -100]):
            return "the labels are the inputs after hiding"
        return "labels that are not what was there"
    return "a changed piece has no label" if (changed & (labels == -100)).any() else "right"


def _places(result, token_ids, maskable, seed, **options):
    """Whether only pieces that may be chosen are."""
    pair = _pair(result, token_ids)
    if isinstance(pair, str):
        return pair
    inputs, labels = pair
    wrong = ~maskable & ((labels != -100) | (inputs != token_ids))
    if not wrong.any():
        return "right"
    if not (maskable & (labels != -100)).any():
        return "only where none may be"
    padding = token_ids == 0
    return f"chosen: {'padding' if (wrong & padding).any() else 'only marks'}"


def _share(result, token_ids, maskable, seed, **options):
    """What share of the pieces that may be chosen is, in steps of 5 per cent; and whether each row has as many."""
    pair = _pair(result, token_ids)
    if isinstance(pair, str):
        return pair
    chosen = (pair[1] != -100) & maskable
    columns = chosen.sum(axis=0)[1 : token_ids.shape[1] // 2]
    if len(set(map(tuple, chosen[:, : token_ids.shape[1] // 2].tolist()))) == 1:
        return "every row has the same places chosen"
    if (chosen.sum(axis=1) == 0).mean() > 0.2:
        return "many rows have none chosen"
    if columns.min() == 0 and chosen.any():
        return "some places are never chosen"
    return f"{_percent(chosen.sum() / maskable.sum())} % are chosen"


def _percent(share):
    return int(5 * np.round(20 * share))


def _fates(result, token_ids, maskable, seed, size=V, **options):
    """What becomes of the chosen, in steps of 5 per cent, and where the random ids come from."""
    pair = _pair(result, token_ids)
    if isinstance(pair, str):
        return pair
    inputs, labels = pair
    chosen = labels != -100
    if not chosen.any():
        return "no piece is chosen"
    hidden, stays = chosen & (inputs == MASK), chosen & (inputs == token_ids)
    others = chosen & ~hidden & ~stays
    of_each = [fate[chosen].mean() for fate in (hidden, stays, others)]
    kinds = np.where(hidden, 0, np.where(stays, 1, 2))
    if max(of_each) < 1 and any(_alike(*turned, 8) for turned in ((kinds, chosen), (kinds.T, chosen.T))):
        return "one fate for a whole row or column"
    if others.sum() >= 100 and any(_alike(*turned, 3) for turned in ((inputs, others), (inputs.T, others.T))):
        return "one random id for all, or for a whole row or column"
    another = "2" if 0.005 < of_each[2] < 0.035 else _percent(of_each[2])
    words = f"{_percent(of_each[0])} % [MASK], {another} % another id, {_percent(of_each[1])} % as it was"
    words = words if size == V else "so many of each"  # in a small vocabulary many random ids are the right one
    return words if others.sum() < 100 else words + _whence(inputs[others], size)


def _alike(values, where, least):
    """Whether most rows that have so many values have the same one again and again."""
    rows = [row[kept] for row, kept in zip(values, where, strict=True) if kept.sum() >= least]
    return len(rows) > 5 and np.mean([len(np.unique(row)) == 1 for row in rows]) > 0.5


def _whence(others, size):
    """What is strange about the random ids, in words. Whoever leaves out the marks, as some do, is not strange."""
    if others.min() < 0 or others.max() >= size:
        return "; ids that are none"
    found = set(np.unique(others).tolist())
    if len(found) <= size // 2:
        return "; the same few ids again and again"
    if len(others) < 25 * size:  # too few for each to have come
        return ""
    missing = set(range(size)) - found - {MASK}
    if missing == {0}:
        return "; never the first id"
    if missing == {size - 1} or missing == {0, size - 1}:
        return "; never the last id"
    if missing == {1}:  # which stands in no text, while the other marks do
        return "; those of the texts"
    return "" if missing <= set(range(FIRST)) else "; some ids never"


def _masked(
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
):
    """The function with one of its decisions changed.

    What can be changed: rate; may, where a piece may be chosen; hidden and kept, the shares of [MASK] and of what
    stays; other, the random ids; fate_of, the number that decides; chosen_by; label; chance, the generator; back, what
    is returned; apart, whether the shares are drawn for every piece by itself, those for the random ids after those
    for [MASK].
    """

    def variant(token_ids, maskable, mask_id, vocabulary_size, rng, **options):
        ids, rng = np.asarray(token_ids), chance(rng)
        chosen = may(ids, maskable) & chosen_by(rng, ids, rate(options.get("rate", 0.15)))
        fate = fate_of(rng, ids)
        second = rng.random(ids.shape) < 0.1 if apart else (fate >= hidden) & (fate < 1 - kept)
        inputs = np.where(chosen & second, other(rng, ids, vocabulary_size), ids)
        inputs = np.where(chosen & (fate < hidden), mask_id, inputs)
        return back(inputs.astype("int32"), label(ids, inputs, chosen).astype("int32"))

    return variant


SMALL = {"rows": 30, "length": 20}

register(
    Exercise(
        name="mask_tokens",
        notebook="17_fewer_weights",
        reference=mask_tokens,
        oracle=_masked(),
        properties=(
            Property(
                "labels: the right id of each chosen piece, -100 elsewhere",
                2,
                lambda rng: [_case(rng, **SMALL), _case(rng, **SMALL, rate=0.5)],
                run=_run,
                read=_labels,
            ),
            Property(
                "only pieces that may be chosen are",
                1,
                lambda rng: [_case(rng, rows=40, length=30, rate=0.5)],
                run=_run,
                read=_places,
            ),
            Property(
                "as many are chosen as `rate` says",
                2,
                lambda rng: [_case(rng), _case(rng, rate=0.4)],
                run=_run,
                read=_share,
            ),
            Property(
                "of the chosen 80 % are [MASK], 10 % a random id, 10 % as they were",
                2,
                lambda rng: [_case(rng, rate=0.4), _case(rng, size=40, rate=0.4)],
                run=_run,
                read=_fates,
            ),
            Property(
                "all chance comes from `rng`",
                1,
                lambda rng: [_case(rng, **SMALL)],
                run=_repeated,
            ),
        ),
        mistakes=(
            Mistake(
                "the labels are turned around: -100 belongs where nothing is asked",
                _masked(label=lambda ids, inputs, chosen: np.where(chosen, -100, ids)),
            ),
            Mistake(
                "every piece has its label: only the chosen are asked for, all others are -100",
                _masked(label=lambda ids, inputs, chosen: ids),
            ),
            *(
                Mistake(
                    f"{number} stands where nothing is asked: -100 is the number that the loss passes over",
                    _masked(label=lambda ids, inputs, chosen, number=number: np.where(chosen, ids, number)),
                )
                for number in (0, -1)
            ),
            Mistake(
                "the labels are what the input has become: they must say what was there before",
                _masked(label=lambda ids, inputs, chosen: np.where(chosen, inputs, -100)),
            ),
            Mistake(
                "the labels say yes and no: they must say which id was there",
                _masked(label=lambda ids, inputs, chosen: chosen.astype(int)),
            ),
            Mistake(
                "what stays as it was has no label: it is chosen too, and asked for",
                _masked(label=lambda ids, inputs, chosen: np.where(inputs != ids, ids, -100)),
            ),
            Mistake(
                "only [MASK] has a label: the random ids and what stays are asked for too",
                _masked(label=lambda ids, inputs, chosen: np.where(inputs == MASK, ids, -100)),
            ),
            Mistake(
                "`maskable` is not heeded: [CLS], [SEP] and padding are chosen too", _masked(may=lambda ids, m: True)
            ),
            Mistake("`maskable` is turned around: True is where a piece may be chosen", _masked(may=lambda ids, m: ~m)),
            Mistake(
                "padding is spared, [CLS] and [SEP] are not: `maskable` says where",
                _masked(may=lambda ids, m: ids != 0),
            ),
            Mistake("0.15 whatever `rate` says", _masked(rate=lambda rate: 0.15)),
            Mistake("turned around: the share `rate` is spared, all others are chosen", _masked(rate=lambda r: 1 - r)),
            Mistake("only a tenth of what `rate` says is chosen", _masked(rate=lambda rate: rate / 10)),
            Mistake(
                "one draw for all rows: the same places are chosen in each",
                _masked(chosen_by=lambda rng, ids, rate: rng.random(ids.shape[1]) < rate),
            ),
            Mistake(
                "one draw for each row: whole sentences are chosen, or none of their pieces",
                _masked(chosen_by=lambda rng, ids, rate: rng.random((len(ids), 1)) < rate),
            ),
            Mistake("all of the chosen are hidden: 10 % a random id, 10 % as they were", _masked(hidden=1.0, kept=0.0)),
            Mistake("20 % get a random id: half of these stay as they were", _masked(kept=0.0)),
            Mistake("20 % stay as they were: half of these get a random id", _masked(kept=0.2)),
            Mistake("[MASK] and random are changed over: 80 % are hidden", _masked(hidden=0.1, kept=0.1)),
            Mistake("[MASK] and what stays are changed over: 80 % are hidden", _masked(hidden=0.1, kept=0.8)),
            Mistake(
                "a second draw of 10 % from all the chosen, most of which are hidden: only 2 % get a random id. "
                "One draw decides all three",
                _masked(apart=True),
            ),
            *(
                Mistake(
                    "one random id for all, or for a whole row or column: draw one for each place",
                    _masked(other=other),
                )
                for other in (
                    lambda rng, ids, size: rng.integers(0, size),
                    lambda rng, ids, size: rng.integers(0, size, (len(ids), 1)),
                )
            ),
            Mistake(
                "one fate for a whole row or column: draw a number for each place, so that some pieces of each are "
                "hidden and some are not",
                _masked(fate_of=lambda rng, ids: rng.random((len(ids), 1))),
            ),
            Mistake(
                "the random ids are few, and come again and again: draw from all, from 0 to V - 1",
                _masked(other=lambda rng, ids, size: rng.integers(0, 2, ids.shape)),
            ),
            Mistake(
                "the last id is never drawn: rng.integers leaves the upper end out by itself, so it is V, not V - 1",
                _masked(other=lambda rng, ids, size: rng.integers(0, size - 1, ids.shape)),
            ),
            Mistake(
                "the first id is never drawn: the ids begin at 0",
                _masked(other=lambda rng, ids, size: rng.integers(1, size, ids.shape)),
            ),
            Mistake(
                "random ids that no piece has: they go from 0 to V - 1, and V is `vocabulary_size`",
                _masked(other=lambda rng, ids, size: rng.integers(0, size + 1, ids.shape)),
            ),
            Mistake(
                "the random ids are shuffled or picked from those in the texts: draw from all, from 0 to V - 1",
                _masked(other=lambda rng, ids, size: rng.choice(ids.ravel(), ids.shape)),
            ),
            Mistake(
                "the chance is not that of `rng`: whoever calls twice with one seed wants the same twice",
                _masked(chance=lambda rng: np.random.default_rng()),
            ),
            Mistake(
                "a seed of your own: every batch of every epoch would have the same places chosen",
                _masked(chance=lambda rng: np.random.default_rng(0)),
            ),
            Mistake("labels first: the inputs come first", _masked(back=lambda inputs, labels: (labels, inputs))),
        ),
        hints=(
            "Two draws for each place: one decides whether it is chosen, the other what becomes of it if it is.",
            "rng.random(token_ids.shape) < rate, and only where `maskable`, is what is chosen. A second rng.random is "
            "the fate: below 0.8 [MASK], from there to 0.9 a random id, the rest stays.",
            "np.where(condition, this, that), three times: for random ids (rng.integers(0, vocabulary_size, shape)), "
            "for mask_id, and for the labels, where that is -100.",
        ),
    )
)
