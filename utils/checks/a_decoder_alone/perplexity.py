"""The exercise perplexity: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.layers.language_model import perplexity


def _perplexity(
    total=lambda x, m: np.where(m, x, 0).sum(),
    count=lambda m, units: m.sum() if units is None else units,
    after=lambda mean: np.exp(-mean),
):
    """Perplexity in NumPy with one of its decisions changed: the sum, what it is divided by, what is made of that."""

    def wrong(log_p, is_token, units=None):
        return after(np.float32(total(np.asarray(log_p), np.asarray(is_token)) / count(np.asarray(is_token), units)))

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


def _product(log_p, is_token, units=None):
    """The root of the product of all probabilities, which rounds to 0."""
    count = is_token.sum() if units is None else units
    product = np.prod(np.where(is_token, np.exp(log_p), 1).astype("float32"), dtype="float32")
    return np.float32(np.float32(1) / product) ** np.float32(1 / count)


def _chances(rng, *shape, padding=0, value=0.0):
    """log_p and is_token; the last text ends in padding, where log_p has some value."""
    log_p, is_token = np.log(rng.uniform(0.02, 0.9, shape)).astype("float32"), np.ones(shape, bool)
    if padding:
        is_token[-1, -padding:], log_p[-1, -padding:] = False, value
    return log_p, is_token


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
                2,
                lambda rng: [case(*_chances(rng, 1, 3)), case(*_chances(rng, 3, 4))],
            ),
            Property(
                "padding is neither summed nor counted, whatever stands there",
                1,
                lambda rng: [
                    case(*_chances(rng, 2, 5, padding=3, value=-2.0)),
                    case(*_chances(rng, 2, 4, padding=2, value=-np.inf)),
                ],
            ),
            Property("long texts", 1, lambda rng: [case(*_chances(rng, 2, 400, padding=20, value=-1.0))]),
            Property(
                "divided by as many units as are given",
                1,
                lambda rng: [case(*_chances(rng, 2, 6, padding=1, value=-1.0), units=7)],
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
            Mistake(f"each text's perplexity, then their mean: {MEAN}", _by_text),
            Mistake(f"the mean of 1/p: {MEAN}", _each_token),
            Mistake(f"one over the mean of p: {MEAN}", _inverse_of_mean),
            Mistake("a product of so many probabilities rounds to 0: add the logarithms", _product),
            Mistake(
                "`units` is ignored: where it is given, it is what the sum is divided by",
                _perplexity(count=lambda m, units: m.sum()),
            ),
            Mistake(
                "the mean is divided once more by `units`: the sum is",
                _perplexity(count=lambda m, units: m.sum() * (1 if units is None else units)),
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
            "count = … if units is None else units, and give back ops.exp(-total / count).",
        ),
    )
)
