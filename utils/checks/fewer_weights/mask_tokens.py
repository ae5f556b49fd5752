"""The exercise mask_tokens: what must hold, and what each mistake looks like.

What comes back is decided by chance, so it is counted, and the counts are put into words: those are compared.
"""

from difflib import SequenceMatcher

import numpy as np

from utils.checks.fewer_weights.mask_mistakes import MASK, MISTAKES, masked
from utils.checks.frame import Exercise, Property, case, register
from utils.tasks.masked_words import mask_tokens

V, CLS, SEP = 200, 2, 3
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


def _with_zeros(rng):
    """A case in which a piece whose id is 0 may be chosen."""
    ids = rng.choice([0, *range(FIRST, FIRST + 5)], (30, 20)).astype("int32")
    return case(ids, rng.random(ids.shape) < 0.9, seed=int(rng.integers(2**31)), rate=0.5)


def _short_rows(rng, rows=15000, **options):
    """So many sentences of six pieces, all of which may be chosen."""
    ids = rng.integers(FIRST, V, (rows, 6)).astype("int32")
    return case(ids, np.ones(ids.shape, bool), seed=int(rng.integers(2**31)), **options)


def _run(answer, token_ids, maskable, seed, size=V, **options):
    """What came back; in words where that is lists or tensors."""
    result = answer(token_ids, maskable, MASK, size, np.random.default_rng(seed), **options)
    parts = result if isinstance(result, (tuple, list)) and len(result) == 2 else ()
    if any(isinstance(part, (list, tuple)) for part in parts):
        return LISTS
    return result if all(isinstance(part, np.ndarray) for part in parts) else TENSORS


LISTS, TENSORS = "lists in place of arrays", "something else than NumPy arrays"


def _repeated(answer, token_ids, maskable, seed, size=V, **options):
    """Inputs and labels, twice with the same chance, once with other chance."""
    pairs = [_run(answer, token_ids, maskable, s, size, **options) for s in (seed, seed, seed + 1)]
    return next(
        (pair for pair in pairs if isinstance(pair, str)), [np.asarray(part) for pair in pairs for part in pair]
    )


def _chance(result, token_ids, maskable, seed, **options):
    """Whether the same chance brings the same and other chance something else, in words."""
    if isinstance(result, str) or len(result) != 6:
        return result
    inputs, labels, inputs_again, labels_again, other_inputs, other_labels = result
    if not np.array_equal(labels, labels_again):
        return "the same generator, and other pieces are chosen"
    if not np.array_equal(inputs, inputs_again):
        return "the same generator, and the chosen become something else"
    if np.array_equal(labels, other_labels):
        return "another generator, and the same pieces are chosen"
    both = (labels != -100) & (other_labels != -100)
    kinds = [np.where(made == MASK, 0, np.where(made == token_ids, 1, 2))[both] for made in (inputs, other_inputs)]
    if both.any() and np.not_equal(*kinds).mean() < 0.05:  # a random id may be the one that was there
        return "another generator, and the chosen become the same"
    there = [(y != -100) & (x != MASK) & (x != token_ids) for x, y in ((inputs, labels), (other_inputs, other_labels))]
    for wheres in (there, [there[0] & there[1]] * 2):  # drawn for those that need one, or for all places
        ids = [x[where][:100].tolist() for x, where in zip((inputs, other_inputs), wheres, strict=True)]
        if len(ids[1]) > 5 and SequenceMatcher(None, *ids, autojunk=False).ratio() > 0.9:
            return "another generator, and the same random ids"
    return "as the generator says"


def _pair(result, token_ids):
    """Inputs and labels as arrays, or words on why they are none."""
    if isinstance(result, str):
        return result
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
    if np.array_equal(wrong, padding):
        return "all of padding has a label"
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
    share, both = chosen.sum() / maskable.sum(), (chosen[:, 1:] & chosen[:, :-1]).sum() / maskable[:, 1:].sum()
    if both > 1.7 * share**2:
        return "those that stand side by side are chosen together"
    return f"{_percent(share)} % are chosen"


def _of_short_rows(result, token_ids, maskable, seed, **options):
    """What share of the pieces is chosen, and what becomes of them, in steps of 5 per cent."""
    pair = _pair(result, token_ids)
    if isinstance(pair, str):
        return pair
    chosen = pair[1] != -100
    if not chosen.any():
        return "none are chosen"
    hidden, stays = ((pair[0] == what)[chosen].mean() for what in (MASK, token_ids))
    return (
        f"{_percent(chosen.mean())} % are chosen, {_percent(hidden)} % of these [MASK], {_percent(stays)} % as it was"
    )


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


SMALL = {"rows": 30, "length": 20}

register(
    Exercise(
        name="mask_tokens",
        notebook="17_fewer_weights",
        reference=mask_tokens,
        oracle=masked(),
        properties=(
            Property(
                "labels: the right id of each chosen piece, -100 elsewhere",
                1,
                lambda rng: [_case(rng, **SMALL), _case(rng, **SMALL, rate=0.5), _with_zeros(rng)],
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
                lambda rng: [_case(rng, length=30, rate=0.5)],
                run=_repeated,
                read=_chance,
            ),
            Property(
                "short rows: as many are chosen, and become what they should, though no row divides evenly",
                1,
                lambda rng: [_short_rows(rng)],
                run=_run,
                read=_of_short_rows,
            ),
        ),
        mistakes=MISTAKES,
        hints=(
            "Two draws for each place: one decides whether it is chosen, the other what becomes of it if it is.",
            "rng.random(token_ids.shape) < rate, and only where `maskable`, is what is chosen. A second rng.random is "
            "the fate: below 0.8 [MASK], from there to 0.9 a random id, the rest stays.",
            "np.where(condition, this, that), three times: for random ids (rng.integers(0, vocabulary_size, shape)), "
            "for mask_id, and for the labels, where that is -100.",
        ),
    )
)
