"""The exercise perplexity: what must hold, and what each mistake looks like."""

import functools

import numpy as np
from keras import ops

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.layers.language_model import perplexity


def _perplexity(
    total=lambda x, m: np.where(m, x, 0).sum(),
    count=lambda m, units: m.sum() if units is None else units,
    after=lambda mean: np.exp(-mean),
):
    """Perplexity in NumPy with one of its decisions changed: the sum, what it is divided by, what is made of that."""

    def wrong(log_p, is_token, units=None):
        log_p, is_token = np.asarray(log_p), np.asarray(is_token)
        with np.errstate(all="ignore"):
            return after(np.float32(total(log_p, is_token) / count(is_token, units)))

    return wrong


def _by_text(log_p, is_token, units=None):
    """Each text's perplexity, then the mean of these."""
    sums = np.where(is_token, log_p, 0).sum(axis=1)
    each = np.exp(-sums / (is_token.sum(axis=1) if units is None else units / len(log_p)))
    return np.float32(each.mean())


def _each_token(log_p, is_token, units=None):
    """The mean of 1/p."""
    count = is_token.sum() if units is None else units
    return np.float32(np.where(is_token, np.exp(-log_p), 0).sum() / count)


def _inverse_of_mean(log_p, is_token, units=None):
    """1 / mean of p."""
    count = is_token.sum() if units is None else units
    return np.float32(count / np.where(is_token, np.exp(log_p), 0).sum())


def _double_product(log_p, is_token, units=None):
    """The same with twice as many digits, which lasts for some hundred tokens."""
    count = is_token.sum() if units is None else units
    product = np.prod(np.where(is_token, np.exp(log_p.astype("float64")), 1))
    return np.float64(1 / product) ** (1 / count) if count else np.float32(np.nan)


def _product(log_p, is_token, units=None):
    """The root of the product of all probabilities, which rounds to 0."""
    count = is_token.sum() if units is None else units
    product = np.prod(np.where(is_token, np.exp(log_p), 1).astype("float32"), dtype="float32")
    return np.float32(np.float32(1) / product) ** np.float32(1 / count) if count else np.float32(np.nan)


def _once_for_all(log_p, is_token, units=None):
    """What is asked for, and 1 where there is no token at all."""
    return _perplexity()(log_p, is_token, units) if is_token.any() else np.float32(1)


def _cut_off(floor):
    """No logarithm counts for more than a certain one."""
    return lambda log_p, is_token, units=None: _perplexity()(np.maximum(log_p, floor), is_token, units)


def _found_impossible(log_p, is_token, units=None):
    """What had no probability at all is passed over."""
    return _perplexity()(np.where(np.isinf(log_p), 0, log_p), is_token, units)


def _mean_of_means(log_p, is_token, units=None):
    """The mean of each text, then the mean of these."""
    sums = np.where(is_token, log_p, 0).sum(axis=1)
    return np.float32(np.exp(-(sums / (is_token.sum(axis=1) if units is None else units)).mean()))


def _of_each_text(log_p, is_token, units=None):
    """A number for each text."""
    sums = np.where(is_token, log_p, 0).sum(axis=1)
    return np.exp(-sums / (is_token.sum(axis=1) if units is None else units))


def _or_else(of_none):
    """What is asked for; something else where there is no token at all."""
    return lambda log_p, is_token, units=None: _perplexity()(log_p, is_token, units) if is_token.any() else of_none


def _count_nonzero(log_p, is_token, units=None):
    """Divided by how many logarithms are not 0."""
    summed = np.where(is_token, log_p, 0)
    return _perplexity(count=lambda m, units: np.count_nonzero(summed) if units is None else units)(
        log_p, is_token, units
    )


def _no_default(log_p, is_token, units):
    return _perplexity()(log_p, is_token, units)


def _not_overflowing(log_p, is_token, units=None):
    """What is asked for; NaN where it is infinite though every token has a probability."""
    found = _perplexity()(log_p, is_token, units)
    return np.float32(np.nan) if np.isinf(found) and not np.isinf(log_p[is_token]).any() else found


def _infinite_padding(log_p, is_token, units=None):
    """An infinity at padding is replaced, and the rest multiplied."""
    return _perplexity(total=lambda x, m: (x * m).sum())(
        np.where(np.isinf(log_p) & ~is_token, 0, log_p), is_token, units
    )


def _units_afterwards(log_p, is_token, units=None, power=-1):
    """The perplexity a token, divided by the units or multiplied."""
    found = _perplexity()(log_p, is_token)
    return found if units is None else np.float32(found * float(units) ** power)


def _one_by_one(answer, log_p, is_token, units=None):
    """Of each text alone."""
    one_each = ((row[None], kept[None]) for row, kept in zip(log_p, is_token, strict=True))
    return np.stack([np.asarray(_number(answer(*one, units))) for one in one_each])


def _number(found):
    if found is None:
        raise TypeError("nothing came back")
    return ops.convert_to_numpy(found) if ops.is_tensor(found) else found


def _in_logarithms(result, log_p, is_token, units=None):
    """The logarithm of each, so that the small ones count too; in words where the large ones are all the same."""
    if result.dtype.kind not in "iuf" or result.shape != log_p.shape[:1]:
        return result
    found, right = np.log(result.astype("float64")), -log_p.mean(axis=1)
    near = np.abs(found[:-1] - right[:-1]) < 1e-2
    capped = found[-2] - found[-3] < 1e-3 or found[-1] >= found[-2]  # an impossible token costs as much as the worst
    if np.isfinite(found).all() and capped and (near | (found[:-1] < right[:-1])).all():
        return CUT_OFF
    return PASSED_OVER if near.all() and np.isfinite(found[-1]) else found


def _of_none(answer, log_p, is_token, units=None):
    """Where nothing is to be divided by; who says so by an error has not claimed anything."""
    try:
        found = answer(log_p, is_token, units)
    except ZeroDivisionError:
        return np.float32(np.nan)
    except OverflowError:  # the same of what is too large
        return np.float32(np.inf)
    return "np.ma.masked" if found is np.ma.masked else found


def _called(answer, log_p, is_token):
    """Without units; in words where these are missed."""
    try:
        return answer(log_p, is_token)
    except TypeError as error:
        if "required positional argument" not in str(error):
            raise
        return "it cannot be called without units"


def _how_large(result, log_p, is_token):
    """What came of a mean beyond all numbers, in words."""
    if not isinstance(result, np.ndarray) or result.dtype.kind not in "iuf" or result.shape != ():
        return result
    return "NaN" if np.isnan(result) else "infinite" if np.isinf(result) else "a number"


def _no_claim(result, log_p, is_token, units=None):
    """In words what comes of no token at all, another result as it is."""
    if is_token.any() or not isinstance(result, np.ndarray) or result.dtype.kind not in "iuf" or result.shape != ():
        return result
    return NO_CLAIM if np.isnan(result) else CLAIM


CUT_OFF = "beyond a certain one, all unlikely tokens cost the same"
PASSED_OVER = "an impossible token costs nothing, or little"
NO_CLAIM, CLAIM = "NaN, since there is no token", "a number, though there is no token"


def _unlikely(rng):
    """Texts of eight tokens, in each an unlikelier one; in the last one that is impossible."""
    log_p = np.tile(np.log(rng.uniform(0.4, 0.9, 8)).astype("float32"), (8, 1))
    log_p[:, rng.integers(0, 8)] = -np.array([3, 12, 25, 60, 150, 300, 600, np.inf])
    return case(log_p, np.ones((8, 8), bool))


def _chances(rng, *shape, padding=0, value=0.0):
    """log_p and is_token; the last text ends in padding, where log_p has some value."""
    log_p, is_token = np.log(rng.uniform(0.02, 0.9, shape)).astype("float32"), np.ones(shape, bool)
    if padding:
        is_token[-1, -padding:], log_p[-1, -padding:] = False, value
    return log_p, is_token


def _certain(rng):
    """A text of which one token was foretold with certainty."""
    log_p, is_token = _chances(rng, 2, 4)
    log_p[0, rng.integers(0, 4)] = 0
    return case(log_p, is_token)


MEAN = "the mean of the logarithms first, over all tokens; then one exponential"

register(
    Exercise(
        name="perplexity",
        notebook="16_a_decoder_alone",
        reference=perplexity,
        oracle=_perplexity(),
        properties=(
            Property(
                "the exponential of the mean loss",
                1,
                lambda rng: [case(*_chances(rng, 1, 3)), case(*_chances(rng, 3, 4)), _certain(rng)],
                run=_called,
            ),
            Property(
                "padding is neither summed nor counted, whatever stands there",
                1,
                lambda rng: [
                    case(*_chances(rng, 2, 5, padding=3, value=-2.0)),
                    case(*_chances(rng, 2, 4, padding=2, value=-np.inf)),
                    case(*_chances(rng, 2, 4, padding=1, value=np.nan)),
                    case(*_chances(rng, 2, 3, padding=1, value=np.inf)),
                    case(*_chances(rng, 1, 3, padding=3)),
                ],
                run=_of_none,
                read=_no_claim,
            ),
            Property(
                "long texts",
                1,
                lambda rng: [case(*_chances(rng, 2, 400, padding=20, value=-1.0))],
            ),
            Property(
                "unlikely tokens, however unlikely",
                1,
                lambda rng: [_unlikely(rng)],
                run=_one_by_one,
                read=_in_logarithms,
            ),
            Property(
                "divided by as many units as are given",
                1,
                lambda rng: [case(*_chances(rng, 2, 6, padding=1, value=-1.0), units=7)],
            ),
            Property(
                "infinite where the exponential is beyond all numbers",
                1,
                lambda rng: [
                    case((-mean - 10 * rng.random((1, 3))).astype("float32"), np.ones((1, 3), bool))
                    for mean in (800, 1)
                ],
                run=_of_none,
                read=_how_large,
            ),
        ),
        mistakes=(
            Mistake(
                "the sign: logarithms of probabilities are below 0, so it is exp(-mean)", _perplexity(after=np.exp)
            ),
            Mistake("the exponential is missing: this is the loss", _perplexity(after=lambda mean: -mean)),
            Mistake(
                "the logarithms are natural, so the power is one of e, not of 2",
                _perplexity(after=lambda mean: 2 ** (-mean)),
            ),
            Mistake(
                "padding is summed like a token: ops.where(is_token, log_p, 0)",
                _perplexity(total=lambda x, m: x.sum()),
            ),
            Mistake(
                "padding is counted: divide by the number of tokens, not of places",
                _perplexity(count=lambda m, units: m.size if units is None else units),
            ),
            Mistake(
                "padding is summed and counted like a token: leave it out of both",
                _perplexity(total=lambda x, m: x.sum(), count=lambda m, units: m.size if units is None else units),
            ),
            Mistake(
                "NaN: at padding log_p may be -inf, and 0 times that is NaN. Choose with ops.where, do not multiply",
                _perplexity(total=lambda x, m: (x * m).sum()),
            ),
            Mistake(
                "padding is counted, and where log_p is -inf, 0 times that is NaN: choose with ops.where, "
                "and divide by the number of tokens",
                _perplexity(
                    total=lambda x, m: (x * m).sum(), count=lambda m, units: m.size if units is None else units
                ),
            ),
            Mistake("`is_token` is turned around: it is False at padding", _perplexity(total=lambda x, m: x[~m].sum())),
            Mistake(
                "where there is no token, a number came back that looks like a measurement: 0/0 is NaN, leave it so",
                _once_for_all,
            ),
            *(
                Mistake(
                    "unlikely tokens are cut off at a floor: the worst errors must cost what they cost. The logarithms "
                    "are there already, nothing needs to be clipped",
                    _cut_off(floor),
                )
                for floor in (-20, -200)
            ),
            Mistake(
                "a token that got no probability at all (-inf) is passed over: the perplexity is infinite then. Only "
                "padding is left out",
                _found_impossible,
            ),
            Mistake(
                "the mean of each text, then the mean of these: a short text's tokens would count for more. One mean "
                "over all tokens",
                _mean_of_means,
            ),
            Mistake("one number for each text came back: one for all is asked for", _of_each_text),
            Mistake(f"each text's perplexity, then their mean: {MEAN}", _by_text),
            Mistake(f"the mean of 1/p: {MEAN}", _each_token),
            Mistake(f"one over the mean of p: {MEAN}", _inverse_of_mean),
            *(
                Mistake("a product of so many probabilities rounds to 0: add the logarithms", product)
                for product in (_product, _double_product)
            ),
            Mistake(
                "a token foretold with certainty is not counted, whose logarithm is 0: count is_token",
                _count_nonzero,
            ),
            *(
                Mistake("// rounds the mean to a whole number: / divides", _perplexity(after=after))
                for after in (lambda mean: np.exp(np.floor(-mean)), lambda mean: np.exp(-np.floor(mean)))
            ),
            Mistake(
                "units needs a default, units=None in the first line: without it, it is the number of tokens",
                _no_default,
            ),
            Mistake("None came back where there is no token: NaN is asked for, and 0/0 is NaN", _or_else(None)),
            Mistake("np.ma.masked came back where there is no token: NaN is asked for", _or_else(np.ma.masked)),
            Mistake(
                "an overflow became NaN: e to a mean beyond 700 is infinite, np.exp says so and math.exp raises",
                _not_overflowing,
            ),
            Mistake(
                "NaN: at padding log_p may be anything, also NaN. Choose with ops.where, do not multiply",
                _infinite_padding,
            ),
            Mistake(
                "`units` is ignored: where it is given, it is what the sum is divided by",
                _perplexity(count=lambda m, units: m.sum()),
            ),
            Mistake(
                "the mean is divided once more by `units`: the sum is",
                _perplexity(count=lambda m, units: m.sum() * (1 if units is None else units)),
            ),
            *(
                Mistake(
                    "`units` comes in after the exponential: it is what the sum of the logarithms is divided by",
                    functools.partial(_units_afterwards, power=power),
                )
                for power in (-1, 1)
            ),
            Mistake(
                "the exponential of the sum, then divided: divide first, then the exponential",
                lambda log_p, m, units=None: np.float32(
                    np.exp(-np.where(m, log_p, 0).sum()) / (m.sum() if units is None else units)
                ),
            ),
            Mistake(
                "divided by T, the length of the texts: by the number of tokens in all of them",
                _perplexity(count=lambda m, units: m.shape[1] if units is None else units),
            ),
            Mistake(
                "the sum is divided by the number of texts: by that of tokens, where `units` says nothing else",
                _perplexity(count=lambda m, units: len(m) if units is None else units),
            ),
            Mistake(
                "the sum is not divided at all: by the number of tokens, or by `units`",
                _perplexity(count=lambda m, units: 1),
            ),
        ),
        hints=(
            "Lesson 08 says it in a line: e to the loss. The loss is minus the mean logarithm over all tokens.",
            "Add up what stands at tokens: ops.sum(ops.where(is_token, log_p, 0.0)). The count is is_token, summed as "
            "numbers.",
            "`units` replaces only what you divide by. What goes into the exponential is minus the mean.",
        ),
    )
)
