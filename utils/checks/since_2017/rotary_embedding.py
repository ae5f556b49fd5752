"""The exercise rotary_embedding: what must hold, and what each mistake looks like."""

import numpy as np
from keras import ops

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.inputs import normal
from utils.layers.rotary import check_layout, rotary_embedding


def _halves(x):
    half = x.shape[-1] // 2
    return x[..., :half], x[..., half:]


def _neighbours(x):
    return x[..., 0::2], x[..., 1::2]


def _side_by_side(a, b):
    return np.concatenate([a, b], axis=-1)


def _in_turns(a, b):
    return np.stack([a, b], axis=-1).reshape(*a.shape[:-1], -1)


def _turn(a, b, cos, sin):
    return a * cos - b * sin, b * cos + a * sin


def _rotary(
    cut={"halves": _halves, "interleaved": _neighbours},  # noqa: B006 - read only
    join={"halves": _side_by_side, "interleaved": _in_turns},  # noqa: B006 - read only
    turn=_turn,
    places=lambda x, start: start + np.arange(x.shape[-2]),
    rate=lambda j, K, base: base ** (-2.0 * j / K),
    finish=lambda turned, x: turned,
):
    """The turning in NumPy with one of its decisions changed."""

    def variant(x, start=0, base=10000.0, layout="halves"):
        x, start = np.asarray(x), np.asarray(start)
        K = check_layout(x.shape[-1], layout)
        angles = np.outer(places(x, start), rate(np.arange(K // 2), K, base))
        turned = join[layout](*turn(*cut[layout](x), np.cos(angles), np.sin(angles)))
        return finish(turned, x).astype(x.dtype)

    return variant


BOTH_HALVES = {"halves": _halves, "interleaved": _halves}
BOTH_NEIGHBOURS = {"halves": _neighbours, "interleaved": _neighbours}
JOINED_HALVES = {"halves": _side_by_side, "interleaved": _side_by_side}
JOINED_TURNS = {"halves": _in_turns, "interleaved": _in_turns}
SWAPPED = {"halves": _neighbours, "interleaved": _halves}
JOINED_SWAPPED = {"halves": _in_turns, "interleaved": _side_by_side}


def _small(rng, **options):
    """A vector of two pairs at three places, then several axes in front, T and K never alike."""
    return [
        case(np.array([[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]], "float32"), **options),
        case(normal(rng, 5, 8), **options),
        case(normal(rng, 2, 3, 4, 6), **options),
    ]


def _in_words(turned, x, start, layout="halves"):
    """The dtype that came back, and whether the angles were precise."""
    if turned.shape != x.shape:
        return f"shape {turned.shape} came back for {x.shape}"
    if turned.dtype != x.dtype:
        return f"{turned.dtype} came back for {x.dtype}"
    near = np.allclose(turned.astype("float32"), rotary_embedding(x.astype("float32"), start, layout=layout), atol=0.02)
    return f"{x.dtype}, turned" if near else f"{x.dtype}, turned by other angles"


def _angles_in_half(x, start=0, base=10000.0, layout="halves"):
    check_layout(x.shape[-1], layout)
    x, start = np.asarray(x), np.asarray(start)
    a, b = _halves(x) if layout == "halves" else _neighbours(x)
    places = np.arange(start, start + x.shape[-2]).astype(x.dtype)
    rates = (base ** (-2.0 * np.arange(x.shape[-1] // 2) / x.shape[-1])).astype(x.dtype)
    angles = np.outer(places, rates)
    join = _side_by_side if layout == "halves" else _in_turns
    return join(*_turn(a, b, np.cos(angles), np.sin(angles))).astype(x.dtype)


def _always(dtype):
    return lambda x, start=0, base=10000.0, layout="halves": _rotary()(x, start, base, layout).astype(dtype)


def _interleaved_in(dtype):
    """Right but for the dtype of one layout."""

    def wrong(x, start=0, base=10000.0, layout="halves"):
        turned = _rotary()(x, start, base, layout)
        return turned if layout == "halves" else turned.astype(dtype)

    return wrong


def _unchanged(x, start=0, base=10000.0, layout="halves"):
    check_layout(x.shape[-1], layout)
    return x


def _of_tensors(answer, x, start, layout, tensor):
    """With x or start as a tensor; in words where that is too much for it."""
    given = {"x": x, "start": start}
    given[tensor] = ops.convert_to_tensor(given[tensor])
    try:
        return answer(**given, layout=layout)
    except NotImplementedError:
        raise  # not started
    except Exception:  # noqa: BLE001 - with arrays and numbers it was right
        return f"it fails where {tensor} is a tensor"


def _only(x_kinds=object, start_kinds=object):
    """Right, but for x and start of certain kinds alone."""

    def wrong(x, start=0, base=10000.0, layout="halves"):
        if not isinstance(x, x_kinds) or not isinstance(start, start_kinds):
            raise TypeError("this is a tensor")
        return _rotary()(x, start, base, layout)

    return wrong


def _scores(answer, q, k, distance, layout):
    """q·k that many places apart, at three places: the distance alone may count."""
    said = []
    for place in (0, 4, 50):
        turned = [answer(x, start=p, layout=layout) for x, p in ((q, place), (k, place + distance))]
        said.append(np.sum(np.asarray(turned[0]) * np.asarray(turned[1])))
    return np.array(said, "float32")


register(
    Exercise(
        name="rotary_embedding",
        notebook="15_since_2017",
        reference=rotary_embedding,
        properties=(
            Property("halves: feature j is paired with j + K/2", 1, _small),
            Property("interleaved: 2j is paired with 2j + 1", 1, lambda rng: _small(rng, layout="interleaved")),
            Property(
                "start: the place of the first vector",
                1,
                lambda rng: [case(normal(rng, 1, 4), start=3), case(normal(rng, 2, 5, 6), start=7)],
            ),
            Property(
                "base: how slow the slowest pair is",
                1,
                lambda rng: [case(normal(rng, 4, 6), base=50.0), case(normal(rng, 3, 8), base=500000.0)],
            ),
            Property(
                "scores depend on the distance alone",
                1,
                lambda rng: [
                    case(normal(rng, 1, 8), normal(rng, 1, 8), 3, "halves"),
                    case(normal(rng, 1, 6), normal(rng, 1, 6), -2, "interleaved"),
                ],
                run=_scores,
                tolerance=1e-3,
            ),
            Property(
                "half precision: x's dtype comes back, the angles are float32",
                1,
                lambda rng: [
                    case(normal(rng, 3, 8).astype("float16"), start=0),
                    case(normal(rng, 2, 6, 8).astype("float16"), start=3001),
                    case(normal(rng, 4, 6), start=5),
                    case(normal(rng, 2, 6).astype("float16"), start=3, layout="interleaved"),
                    case(normal(rng, 2, 6), start=2, layout="interleaved"),
                ],
                read=_in_words,
            ),
            Property(
                "x may be a tensor, and so may `start`",
                2,
                lambda rng: [
                    case(normal(rng, 2, 3, 4, 6), start=2, layout="halves", tensor="x"),
                    case(normal(rng, 2, 3, 4, 6), start=0, layout="interleaved", tensor="x"),
                    case(normal(rng, 3, 6), start=5, layout="halves", tensor="start"),
                ],
                run=_of_tensors,
            ),
        ),
        mistakes=(
            Mistake(
                "it turns the other way: the first of a pair gets a·cos - b·sin, the second b·cos + a·sin",
                _rotary(turn=lambda a, b, cos, sin: (a * cos + b * sin, b * cos - a * sin)),
            ),
            Mistake(
                "both get the same sign: one of a pair's two products has a minus",
                _rotary(turn=lambda a, b, cos, sin: (a * cos + b * sin, b * cos + a * sin)),
            ),
            Mistake(
                "sine and cosine have changed places",
                _rotary(turn=lambda a, b, cos, sin: (a * sin - b * cos, b * sin + a * cos)),
            ),
            Mistake(
                "the second of a pair is turned with the first's new value: keep the old one",
                _rotary(turn=lambda a, b, cos, sin: (a * cos - b * sin, b * cos + (a * cos - b * sin) * sin)),
            ),
            Mistake(
                "the encoding is added, not turned by: that is lesson 02's",
                _rotary(turn=lambda a, b, cos, sin: (a + sin, b + cos)),
            ),
            Mistake(
                "each feature is multiplied by its own cosine, and the partner never comes in",
                _rotary(turn=lambda a, b, cos, sin: (a * cos, b * cos)),
            ),
            Mistake("nothing is turned: x came back as it was", _unchanged),
            Mistake(
                "the two layouts have changed places",
                _rotary(cut=SWAPPED, join=JOINED_SWAPPED),
            ),
            Mistake("`layout` is ignored: this is always halves", _rotary(cut=BOTH_HALVES, join=JOINED_HALVES)),
            Mistake("`layout` is ignored: this is always interleaved", _rotary(cut=BOTH_NEIGHBOURS, join=JOINED_TURNS)),
            Mistake(
                "interleaved pairs come back side by side: put them in turns again",
                _rotary(join=JOINED_HALVES),
            ),
            Mistake(
                "the halves come back in turns: put them side by side again",
                _rotary(join=JOINED_TURNS),
            ),
            Mistake(
                "interleaved: halves are taken, neighbours given back",
                _rotary(cut=BOTH_HALVES),
            ),
            Mistake(
                "`start` is unused: the first vector stands there",
                _rotary(places=lambda x, start: np.arange(x.shape[-2])),
            ),
            Mistake(
                "every vector is turned as the first: places go on from `start`, one a vector",
                _rotary(places=lambda x, start: np.full(x.shape[-2], start)),
            ),
            Mistake(
                "places are counted from 1: the first stands at `start`",
                _rotary(places=lambda x, start: start + 1 + np.arange(x.shape[-2])),
            ),
            Mistake(
                "places are counted from 1, and `start` is unused: the first vector stands at `start`",
                _rotary(places=lambda x, start: 1 + np.arange(x.shape[-2])),
            ),
            Mistake(
                "the places are stretched: linspace counts its end in, arange does not, and places are 1 apart",
                _rotary(places=lambda x, start: np.linspace(start, start + x.shape[-2], x.shape[-2])),
            ),
            Mistake(
                "places run over another axis than the last but one",
                _rotary(
                    places=lambda x, start: (
                        (start + np.arange(x.shape[0]))[: x.shape[-2]]
                        if x.ndim == 2
                        else np.resize(start + np.arange(x.shape[1]), x.shape[-2])
                    )
                ),
            ),
            Mistake(
                "`base` is fixed at 10000: use the argument", _rotary(rate=lambda j, K, base: 1e4 ** (-2.0 * j / K))
            ),
            Mistake(
                "the exponent lacks the 2: pair j turns by base^(-2j/K)",
                _rotary(rate=lambda j, K, base: base ** (-1.0 * j / K)),
            ),
            Mistake(
                "the exponent is divided by K/2 and doubled besides: it is 2j/K",
                _rotary(rate=lambda j, K, base: base ** (-4.0 * j / K)),
            ),
            Mistake(
                "the fast pairs grow faster: the exponent is negative, or the place is divided",
                _rotary(rate=lambda j, K, base: base ** (2.0 * j / K)),
            ),
            Mistake(
                "every pair turns at one rate: pair j by base^(-2j/K)", _rotary(rate=lambda j, K, base: 1.0 + 0 * j)
            ),
            Mistake("float32 comes back for float16: cast cosine and sine to x's dtype", _always("float32")),
            Mistake("float16 comes back whatever x is: cast to x's own dtype", _always("float16")),
            Mistake(
                "the angles are float16, which cannot count beyond 2048: float32 until sine and cosine are taken",
                _angles_in_half,
            ),
            *(
                Mistake(
                    f"interleaved: {dtype} came back. Cast to x's own dtype, in both layouts", _interleaved_in(dtype)
                )
                for dtype in ("float64", "float32", "float16")
            ),
            *(
                Mistake(
                    "a tensor is given in the next cell, which has neither .astype nor .copy and cannot be written "
                    "into: begin with np.asarray(x), or use ops",
                    _only(np.ndarray, starts),
                )
                for starts in (object, (int, np.integer))
            ),
            Mistake(
                '`start` may be a scalar tensor: ops.cast(start, "float32"), then add the places',
                _only(start_kinds=(int, np.integer)),
            ),
        ),  # fmt: skip
        hints=(
            "Three steps: the angles (T, K/2), place times base^(-2j/K); the pairs a and b, each (..., T, K/2); then "
            "turn and put back.",
            "A pair turns as a clock's hand does: a·cos - b·sin and b·cos + a·sin. ops.arange gives places and pairs, "
            "places[:, None] * rates the angles.",
            "halves: a = x[..., :K//2], b the rest, ops.concatenate on the last axis. interleaved: a = x[..., 0::2], "
            "b = x[..., 1::2], ops.stack on a new last axis and ops.reshape to x's shape.",
        ),
    )
)
