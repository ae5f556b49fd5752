"""The exercise sample: what must hold, and what each mistake looks like."""

import functools

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.generating import sample

THROWS = 60  # numbers from 0 to 1 that a row of logits is tried with


def _draws(answer, logits, **settings):
    """The token of each row of logits for each of many numbers, the whole distribution; see _mixed."""
    return _mixed(answer, np.repeat(logits, THROWS, axis=0), np.tile(NUMBERS, len(logits)), **settings)


def _mixed(answer, logits, uniform, **settings):
    """The tokens of these numbers, the same once more, and those of the numbers taken from behind; (3, B)."""
    found = []
    for dice in (uniform, uniform, uniform[::-1]):
        given = logits.copy(), dice.copy()
        drawn = answer(*given, **settings)
        if drawn is None:
            raise TypeError("nothing came back")
        found.append(np.asarray(drawn))
        if not np.array_equal(given[0], logits) or not np.array_equal(given[1], dice):
            return CHANGED
    return np.stack(found)


def _tokens(result, logits, *_, **settings):
    """The tokens; in words where the dice are not those that were given, or what came back are no whole numbers."""
    if not isinstance(result, np.ndarray) or result.ndim == 0 or len(result) != 3:
        return result
    first, again, backwards = map(np.asarray, result)
    if not np.array_equal(first, again):
        return OWN_DICE
    rows = first.reshape(len(logits), -1).tolist() if first.ndim == 1 and first.size % len(logits) == 0 else []
    if np.array_equal(first, backwards) and any(len(set(row)) > 1 for row in rows):
        return NO_DICE
    return FLOATS if first.dtype.kind == "f" and np.array_equal(first, np.round(first)) else first


NUMBERS = ((np.arange(THROWS) + 0.5) / THROWS).astype("float32")
OWN_DICE = "other tokens for the same numbers"
NO_DICE = "the same tokens whatever the numbers"
FLOATS = "tokens that are floats"
CHANGED = "the arrays that were given hold something else afterwards"


def _softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _best_k(p, k):
    rank = np.argsort(np.argsort(-p, axis=-1, kind="stable"), axis=-1)
    return np.where(rank < k, p, 0)


def _nucleus(p, top_p, before=True, more=0):
    """The likeliest, as few as reach top_p; without the one that reaches it, or with some more."""
    order = np.argsort(-p, axis=-1, kind="stable")
    sorted_p = np.take_along_axis(p, order, axis=-1)
    reach = np.cumsum(sorted_p, axis=-1)
    kept = (reach - sorted_p < top_p - 1e-7) if before else (reach <= top_p)
    if more:
        kept = np.arange(p.shape[-1]) < kept.sum(axis=-1, keepdims=True) + more
    return np.take_along_axis(np.where(kept, sorted_p, 0), np.argsort(order, axis=-1), axis=-1)


def _whole(p):
    return p / p.sum(axis=-1, keepdims=True)


def _sample(
    heat=lambda x, t: x / t,
    cold=lambda x: x.argmax(axis=-1),
    first_k=lambda p, k: _best_k(p, k),
    nucleus=_nucleus,
    whole=_whole,
    between=_whole,
    order=lambda p: np.argsort(-p, axis=-1, kind="stable"),
    number=lambda u: u,
    out=lambda order, place: np.take_along_axis(order, place, axis=-1)[:, 0],
    p_first=False,
    p_of=None,
):
    """`sample` in NumPy with one of its decisions changed.

    What can be changed: heat, what the temperature does; cold, what comes at 0; first_k, nucleus, what they keep;
    between and whole, how what is kept is made a distribution again, after top-k and at the end; order, in which
    order the tokens are passed; number, what is made of the dice; out, what comes back; p_first, top-p before
    top-k; p_of, of which logits top-p takes its sums.
    """

    def wrong(logits, uniform, temperature=1.0, top_k=None, top_p=None):
        logits = np.asarray(logits, "float64")
        if temperature == 0 and cold is not None:
            return cold(logits).astype("int32")
        p = _softmax(heat(logits, temperature))
        passed = order(p)
        if p_first and top_p is not None:
            p = _whole(nucleus(p, top_p))
        if top_k is not None:
            p = between(first_k(p, top_k))
        if not p_first and top_p is not None:
            p = np.where(nucleus(p if p_of is None else p_of(logits), top_p) > 0, p, 0)
        p = whole(p)
        reach = np.cumsum(np.take_along_axis(p, passed, axis=-1), axis=-1)
        place = (reach <= number(np.asarray(uniform, "float64"))[:, None]).sum(axis=-1, keepdims=True)
        return out(passed, np.minimum(place, p.shape[-1] - 1)).astype("int32")

    return wrong


def _argmax(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    return np.asarray(logits).argmax(axis=-1).astype("int32")


def _own_dice(logits, uniform, temperature=1.0, top_k=None, top_p=None, seed=None):
    """Everything but the numbers."""
    numbers = np.random.default_rng(seed).random(len(logits))
    return _sample()(logits, numbers, temperature, top_k, top_p)


def _floats(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    return _sample()(logits, uniform, temperature, top_k, top_p).astype("float32")


def _cooled_p(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    """The probabilities divided by the temperature, and left so."""
    if temperature == 0:
        return _argmax(logits, uniform)
    return _sample()(logits, np.asarray(uniform, "float64") * temperature, 1.0, top_k, top_p)


def _either(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    """Top-k or top-p, never both."""
    return _sample()(logits, uniform, temperature, top_k, top_p if top_k is None else None)


def _k_not_renewed(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    """Made whole after top-p alone."""
    whole = {} if top_p is not None else {"whole": lambda p: p}
    return _sample(between=lambda p: p, **whole)(logits, uniform, temperature, top_k, top_p)


def _in_place(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    """The logits are divided where they lie."""
    if temperature not in (0, 1):
        logits /= np.float32(temperature)
    return _sample()(logits, uniform, 1.0 if temperature else 0, top_k, top_p)


def _first_rows_nucleus(p, top_p):
    """As many for each row as the first needs."""
    return _best_k(p, (_nucleus(p, top_p)[0] > 0).sum())


def _clear(draw, **settings):
    """A case whose tokens are no matter of rounding: neither a number nor top_p lies where one token ends."""
    while True:
        logits = draw()
        p = -np.sort(-_softmax(logits.astype("float64") / (settings.get("temperature") or 1)), axis=-1)
        p = _whole(np.where(np.arange(p.shape[-1]) < (settings.get("top_k") or p.shape[-1]), p, 0))
        top_p = settings.get("top_p", 2)
        sums = np.cumsum(p, axis=-1)
        reach = np.cumsum(_whole(_nucleus(p, top_p)), axis=-1)
        gaps = np.abs(reach[..., None] - NUMBERS.astype("float64"))
        if min(gaps.min(), np.abs(sums[:, :-1] - top_p).min(initial=1)) > 2e-5:
            return case(logits, **settings)


def _unlike(rng, *shape):
    """Rows of which one is sharper than the other."""
    return _spread(rng, *shape) * np.linspace(0.6, 1.4, shape[0], dtype="float32")[:, None]


def _spread(rng, *shape):
    """Logits no two of which are nearly the same."""
    steps = rng.permuted(np.tile(np.arange(shape[-1]), (*shape[:-1], 1)), axis=-1)
    return (0.55 * steps + rng.uniform(0, 0.3, shape)).astype("float32")


def _best_within(rng, rows, V):
    """Logits whose likeliest token is neither the first id nor the last."""
    x = _spread(rng, rows, V)
    for row, place in zip(x, rng.integers(1, V - 1, rows), strict=True):
        best = row.argmax()
        row[[best, place]] = row[[place, best]]
    return x


def _even(rng, *shape):
    """Logits in even steps: which tokens a share of the probability takes is known beforehand, with room to spare."""
    steps = rng.permuted(np.tile(np.arange(shape[-1]), (*shape[:-1], 1)), axis=-1)
    return (0.55 * steps + rng.uniform(0, 0.04, shape)).astype("float32")


def _numbers(rng):
    """Sixteen numbers, the first of them no likeliest token's."""
    return (np.array([0.9, *rng.permutation(np.arange(15) / 15)]) + rng.uniform(0, 0.05, 16)).astype("float32")


RENEW = "what is left must be made a distribution again: divide by its sum"

register(
    Exercise(
        name="sample",
        notebook="16_a_decoder_alone",
        reference=sample,
        oracle=_sample(),
        properties=(
            Property(
                "each token as often as its probability says, the likelier first",
                2,
                lambda rng: [_clear(lambda: _spread(rng, 1, 3)), _clear(lambda: _unlike(rng, 3, 8))],
                run=_draws,
                read=_tokens,
            ),
            Property(
                "each row its own number",
                1,
                lambda rng: [case(_spread(rng, 16, 6), _numbers(rng))],
                run=_mixed,
                read=_tokens,
            ),
            Property(
                "temperature: below 1 sharper, above 1 flatter, at 0 the likeliest",
                1,
                lambda rng: [
                    _clear(lambda: _spread(rng, 2, 7), temperature=0.5),
                    _clear(lambda: _spread(rng, 2, 7), temperature=2.5),
                    case(_best_within(rng, 2, 7), temperature=0),
                ],
                run=_draws,
                read=_tokens,
            ),
            Property(
                "top_k: so many, no more",
                1,
                lambda rng: [_clear(lambda: _spread(rng, 2, 8), top_k=1), _clear(lambda: _spread(rng, 2, 8), top_k=3)],
                run=_draws,
                read=_tokens,
            ),
            Property(
                "top_p: the likeliest, as few as reach it, the one that reaches it among them",
                2,
                lambda rng: [
                    case(np.log(np.array([[0.2, 0.5, 0.1, 0.2001]], "float32")), top_p=0.6),
                    _clear(lambda: _unlike(rng, 2, 8), top_p=0.35),
                    _clear(lambda: _unlike(rng, 3, 8), top_p=0.8),
                    _clear(lambda: _unlike(rng, 1, 8), top_p=0.999),  # all; 1.0 would be a matter of rounding
                ],
                run=_draws,
                read=_tokens,
            ),
            Property(
                "all three: temperature, then top_k, then top_p of what that has left",
                1,
                lambda rng: [
                    _clear(lambda: _even(rng, 3, 9), temperature=3.0, top_k=5, top_p=0.6),
                    _clear(lambda: _even(rng, 3, 9), temperature=0.6, top_k=3, top_p=0.8),
                ],
                run=_draws,
                read=_tokens,
            ),
        ),
        mistakes=(
            Mistake(
                "dice of its own: the same numbers must draw the same tokens. `uniform` holds them, one for each row",
                _own_dice,
            ),
            Mistake(
                "`uniform` is not looked at: the same tokens come whatever the numbers are",
                functools.partial(_own_dice, seed=0),
            ),
            Mistake("the tokens are floats: a token is a whole number, cast them to int32", _floats),
            Mistake("always the likeliest, whatever the number: the dice decide", _argmax),
            Mistake(
                "the tokens are passed in the order of their ids: the likelier come first",
                _sample(order=lambda p: np.tile(np.arange(p.shape[-1]), (len(p), 1))),
            ),
            Mistake(
                "the least likely come first: sort by minus the logits, and take the number as it is",
                _sample(order=lambda p: np.argsort(p, axis=-1)),
            ),
            Mistake(
                "the place in the sorted row came back: which token stands there?",
                _sample(out=lambda order, place: place[:, 0]),
            ),
            Mistake(
                "one place too far: it is how many tokens the number has passed",
                _sample(
                    out=lambda order, place: np.take_along_axis(order, np.minimum(place + 1, order.shape[1] - 1), 1)[
                        :, 0
                    ]
                ),
            ),
            Mistake(
                "one place too early: it is how many tokens the number has passed",
                _sample(out=lambda order, place: np.take_along_axis(order, np.maximum(place - 1, 0), 1)[:, 0]),
            ),
            Mistake("the temperature divides the probabilities: it divides the logits, before the softmax", _cooled_p),
            Mistake("`top_p` is passed over where `top_k` is given: first the one, then the other", _either),
            Mistake(
                "all rows get as many tokens as the first: each row has a sum of its own",
                _sample(nucleus=_first_rows_nucleus),
            ),
            Mistake(f"what `top_k` has left is not made whole: {RENEW}", _k_not_renewed),
            Mistake("it changes the array it was given: work on a copy, or build a new array", _in_place),
            Mistake("all rows get the first number: each has its own", _sample(number=lambda u: np.full_like(u, u[0]))),
            Mistake("the temperature multiplies: the logits are divided by it", _sample(heat=lambda x, t: x * t)),
            Mistake(
                "the temperature does nothing: divide the logits by it, before the softmax",
                _sample(heat=lambda x, t: x),
            ),
            Mistake(
                "a temperature of 0 is taken for none at all: the likeliest token comes then",
                _sample(cold=None, heat=lambda x, t: x / (t or 1)),
            ),
            Mistake(
                "a temperature of 0 is a division by 0: the likeliest token comes then",
                _sample(cold=lambda x: np.zeros(len(x))),
            ),
            Mistake(
                "a temperature of 0 is a division by 0: the likeliest token comes then",
                _sample(cold=lambda x: np.full(len(x), x.shape[-1] - 1)),
            ),
            Mistake(
                "a temperature of 0 is a division by 0: the likeliest token comes then",
                _sample(cold=lambda x: np.argsort(-x, axis=-1)[:, -1]),
            ),
            Mistake("`top_k` does nothing: only that many may come", _sample(first_k=lambda p, k: p)),
            Mistake("one too many: k tokens may come, not k + 1", _sample(first_k=lambda p, k: _best_k(p, k + 1))),
            Mistake(
                "one too few: k tokens may come, not k - 1", _sample(first_k=lambda p, k: _best_k(p, max(k - 1, 1)))
            ),
            Mistake(
                "the first k ids are kept: it is the k likeliest",
                _sample(first_k=lambda p, k: np.where(np.arange(p.shape[-1]) < k, p, 0)),
            ),
            Mistake(
                "the k least likely are kept: it is the k likeliest",
                _sample(first_k=lambda p, k: np.where(np.argsort(np.argsort(p)) < k, p, 0)),
            ),
            Mistake("`top_p` does nothing: as few as reach it may come", _sample(nucleus=lambda p, t: p)),
            Mistake(
                "the token that reaches `top_p` is left out: it belongs to them, and the likeliest always comes",
                _sample(
                    nucleus=lambda p, t: _best_k(
                        p, np.maximum((_nucleus(p, t, before=False) > 0).sum(-1, keepdims=True), 1)
                    )
                ),
            ),
            Mistake(
                "the token that reaches `top_p` is left out: it belongs to them, and the likeliest always comes",
                _sample(nucleus=lambda p, t: _nucleus(p, t, before=False)),
            ),
            Mistake(
                "one too many: the token that reaches `top_p` is the last to be kept",
                _sample(nucleus=lambda p, t: _nucleus(p, t, more=1)),
            ),
            Mistake(
                "each probability is compared with `top_p`: it is their sum, from the likeliest on",
                _sample(nucleus=lambda p, t: np.where((p >= t) | (p == p.max(-1, keepdims=True)), p, 0)),
            ),
            Mistake(
                "1 - `top_p` is taken: the tokens kept have `top_p` together",
                _sample(nucleus=lambda p, t: _nucleus(p, max(1 - t, 1e-6))),
            ),
            Mistake(
                "top-p sums as if top-k had taken nothing: top-k first, what is left made whole, then top-p of that",
                _sample(p_first=True),
            ),
            Mistake(
                "top-p takes its sums before the temperature: the probabilities that it sums are the heated ones",
                _sample(p_of=_softmax),
            ),
            Mistake(
                f"the last token gets all that was taken away: {RENEW}", _sample(whole=lambda p: p, between=lambda p: p)
            ),
            Mistake(f"the last token gets all that was taken away: {RENEW}", _sample(whole=lambda p: p)),
        ),
        hints=(
            "Sort first: order = ops.argsort(-logits), and from then on everything is the likeliest first. "
            "Temperature, top-k and top-p only make some probabilities 0.",
            "top_k: where ops.arange(V) < top_k, else 0, and divide by the sum. top_p: keep a token where the sum of "
            "those *before* it, ops.cumsum(p) - p, is below top_p.",
            "reach = ops.cumsum(p) says up to which number each token comes; scale the dice by its last entry. How "
            "many entries of reach are at most the number? That is the place; ops.take_along_axis(order, …) gives the "
            "token.",
        ),
    )
)
