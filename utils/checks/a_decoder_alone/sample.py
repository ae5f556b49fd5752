"""The exercise sample: what must hold, and what each mistake looks like."""

import numpy as np
from keras import ops

from utils.checks.a_decoder_alone.sample_mistakes import MISTAKES, REFUSED, drawn, edge_of, nucleus, softmax, whole
from utils.checks.frame import Exercise, Property, case, register
from utils.generating import sample

THROWS = 60  # numbers from 0 to 1 that a row of logits is tried with


def _draws(answer, logits, uniform=None, **settings):
    """The token of each row of logits for each of many numbers, the whole distribution, unless numbers are given.

    The same once more, then with the numbers from behind, then with halves of them; (4, B).
    """
    if uniform is None:
        logits, uniform = np.repeat(logits, THROWS, axis=0), np.tile(NUMBERS, len(logits))
    found = []
    for dice in (uniform, uniform, uniform[::-1], uniform / 2):
        given = logits.copy(), dice.copy()
        tokens = answer(*given, **settings)
        if tokens is None:
            raise TypeError("nothing came back")
        if isinstance(tokens, (list, tuple)):
            return LISTED
        found.append(np.asarray(tokens))
        if not np.array_equal(given[0], logits) or not np.array_equal(given[1], dice):
            return CHANGED
    return np.stack(found)


def _tokens(result, logits, *_, **settings):
    """The tokens; in words where the dice are not those that were given, or what came back are no whole numbers."""
    if not isinstance(result, np.ndarray) or result.ndim == 0 or len(result) != 4:
        return result
    first, again, backwards, halved = map(np.asarray, result)
    if not np.array_equal(first, again):
        return OWN_DICE
    rows = first.reshape(len(logits), -1).tolist() if first.ndim == 1 and first.size % len(logits) == 0 else []
    vary = any(len(set(row)) > 1 for row in rows) or rows and len(rows[0]) == 1 and (first != logits.argmax(-1)).any()
    if np.array_equal(first, backwards) and vary:
        return NO_DICE if np.array_equal(first, halved) else SORTED
    return FLOATS if first.dtype.kind == "f" and np.array_equal(first, np.round(first)) else first


def _or_failing(answer, logits, uniform, **settings):
    """The tokens; in words where it fails."""
    try:
        return np.asarray(answer(logits, uniform, **settings))
    except NotImplementedError:
        raise  # not started
    except Exception as error:  # noqa: BLE001 - elsewhere it was right
        return f"it raised {type(error).__name__}"


def _at_the_edge(result, logits, uniform, **settings):
    """Whether the tokens are right at an edge, in words."""
    edge, right = edge_of(logits, uniform, **settings), False
    if edge == REFUSED:
        return "refused" if result == "it raised ValueError" else f"no ValueError: {edge}"
    if not isinstance(result, str) and result.shape == uniform.shape:
        result = result.astype("int64")
        if settings.get("temperature") != 0 and logits.shape[1] > 2:
            right = np.array_equal(result, drawn()(logits, uniform, **settings))
        elif len(uniform) == 1:
            right = result[0] == logits[0].argmax()
        else:  # which of two that are alike comes first is not said
            same = len(set(result.tolist())) == 1
            alone = settings.get("temperature") == 0 or settings.get("top_p") == 0.5
            right = set(result.tolist()) <= {0, 1} and same == alone
    return "right" if right else f"other tokens: {edge}"


def _of_a_tensor(answer, logits, uniform, **settings):
    return _or_failing(answer, ops.convert_to_tensor(logits), uniform, **settings)


NUMBERS = ((np.arange(THROWS) + 0.5) / THROWS).astype("float32")
OWN_DICE = "other tokens for the same numbers"
NO_DICE = "the same tokens whatever the numbers"
SORTED = "the same tokens in whichever order the numbers come"
LISTED = "a list of tokens"
FLOATS = "tokens that are floats"
CHANGED = "the arrays that were given hold something else afterwards"


def _clear(draw, **settings):
    """A case whose tokens are no matter of rounding: neither a number nor top_p lies where one token ends."""
    while True:
        logits = draw()
        p = -np.sort(-softmax(logits.astype("float64") / (settings.get("temperature") or 1)), axis=-1)
        p = whole(np.where(np.arange(p.shape[-1]) < (settings.get("top_k") or p.shape[-1]), p, 0))
        top_p = settings.get("top_p", 2)
        sums = np.cumsum(p, axis=-1)
        reach = np.cumsum(whole(nucleus(p, top_p)), axis=-1)
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


def _edges(rng):
    """Where rounding and large numbers decide; all of it the same each time, so that it is known to be clear."""
    fixed, just_below_1 = np.random.default_rng(5), np.nextafter(np.float32(1), np.float32(0))
    wide, many = fixed.normal(size=(16, 40)).astype("float32"), fixed.normal(size=(64, 12)).astype("float32")
    row = lambda *numbers: np.array([numbers], "float32")  # noqa: E731
    two = np.array([0.1, 0.9], "float32")
    return [
        case(row(8, 7.99, 7.98), row(0.9)[0], temperature=0.01),
        case(wide, np.linspace(0.22, 0.93, 16, dtype="float32"), top_p=1.0),
        case(np.repeat(row(2, 2, 0), 2, axis=0), two, temperature=0),
        case(row(4.99, 5), row(0.9)[0], temperature=0),
        case(row(0.0, 0.0).repeat(2, axis=0), row(0.4, 0.5)[0]),
        case(row(0.0, 0.0).repeat(2, axis=0), two, top_p=0.5),
        case(row(1, 2, 3), row(0.5)[0], top_k=10),
        case(row(1, 2, 3), row(0.5)[0], temperature=-1.0),
        case(row(1, 2, 3), row(0.5)[0], top_k=0),
        case(row(1, 2, 3), row(0.5)[0], top_p=1.5),
        case(many, np.full(64, just_below_1)),
        case(many, np.full(64, just_below_1), top_k=3),
    ]


register(
    Exercise(
        name="sample",
        notebook="16_a_decoder_alone",
        reference=sample,
        oracle=drawn(),
        properties=(
            Property(
                "each token as often as its probability says, the likelier first; each row its own number",
                1,
                lambda rng: [
                    _clear(lambda: _spread(rng, 1, 3)),
                    _clear(lambda: _unlike(rng, 3, 8)),
                    case(_spread(rng, 16, 6), _numbers(rng)),
                ],
                run=_draws,
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
                1,
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
            Property(
                "at the edges: low temperatures and 0, top_p=1, top_k above V, numbers where a token ends or next to 1",
                1,
                _edges,
                run=_or_failing,
                read=_at_the_edge,
            ),
            Property(
                "logits may be a tensor",
                2,
                lambda rng: [
                    case(_even(rng, 12, 9), np.full(12, 0.71, "float32"), **settings)  # dice of its own: no luck
                    for settings in ({}, {"temperature": 0}, {"temperature": 0.7, "top_k": 4, "top_p": 0.99})
                ],
                run=_of_a_tensor,
            ),
        ),
        mistakes=MISTAKES,
        hints=(
            "Sort first: order = ops.argsort(-logits), and from then on everything is the likeliest first. "
            "Temperature, top-k and top-p only make some probabilities 0.",
            "top_k: where ops.arange(V) < top_k, else 0, and divide by the sum. top_p: keep a token where the sum of "
            "those *before* it, ops.cumsum(p) - p, is below top_p.",
            "How many tokens has the dice's number passed? That is a place in the sorted row, not yet a token. Where "
            "top-p has left less than 1, the number shrinks likewise.",
        ),
    )
)
