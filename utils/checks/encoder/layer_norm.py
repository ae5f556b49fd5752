"""The exercise layer_norm: what must hold, and what each mistake looks like."""

import numpy as np
from keras import ops

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.inputs import normal
from utils.layers.encoder import layer_norm


def _apart(rng, *shape, mean):
    """Words whose features lie well apart, so that no spread is near 0."""
    steps = np.broadcast_to(np.linspace(-1.5, 1.5, shape[-1]), shape)
    return (mean + rng.permuted(steps, axis=-1) + 0.2 * rng.normal(size=shape)).astype("float32")


def _mean(x):
    return ops.mean(x, axis=-1, keepdims=True)


def _variance(left):
    return _mean(left**2)


def _all(x):
    return ops.mean(x)


def _over(axis):
    """Normalises over other axes than the last; ones that an array lacks are left out."""

    def wrong(x, gamma, beta, epsilon=1e-6):
        axes = tuple(a for a in axis(x.ndim) if a < x.ndim)
        mean, variance = ops.mean(x, axis=axes, keepdims=True), ops.var(x, axis=axes, keepdims=True)
        return gamma * (x - mean) / ops.sqrt(variance + epsilon) + beta

    return wrong


def _spread(x, left, epsilon):
    return ops.sqrt(_variance(left) + epsilon)


def _by(spread=_spread, middle=_mean, finish=lambda n, gamma, beta: gamma * n + beta):
    """Divides by `spread` of (x, what is left when `middle` of x is gone, epsilon)."""

    def wrong(x, gamma, beta, epsilon=1e-6):
        x = ops.convert_to_tensor(x)
        left = x - middle(x)
        return finish(left / spread(x, left, epsilon), gamma, beta)

    return wrong


def _by_root_of(variance, **changes):
    """Divides by the root of `variance` of (x, what is left) plus epsilon."""
    return _by(lambda x, left, epsilon: ops.sqrt(variance(x, left) + epsilon), **changes)


def _whole(formula):
    """A formula of (x, its mean, its spread, gamma, beta, epsilon)."""

    def wrong(x, gamma, beta, epsilon=1e-6):
        x = ops.convert_to_tensor(x)
        return formula(x, _mean(x), _spread(x, x - _mean(x), epsilon), gamma, beta, epsilon)

    return wrong


def _flat_statistics(library, mean_too=True, variance_too=True, of_what_is_left=False):
    """Mean, variance or both lost their last axis, so that they meet the words instead of the features."""

    def wrong(x, gamma, beta, epsilon=1e-6):
        x = library.convert_to_tensor(x) if library is ops else x
        left = x - library.mean(x, axis=-1, keepdims=not mean_too)
        if of_what_is_left:
            variance = library.mean(library.square(left), axis=-1, keepdims=not variance_too)
        else:
            variance = library.var(x, axis=-1, keepdims=not variance_too)
        return gamma * left / library.sqrt(variance + epsilon) + beta

    return wrong


NO_GRADIENT = "no gradient comes back to x"
OTHER_KINDS = ("float64", "float16", "bfloat16")


def _came_back_as(kind):
    return f"{kind} came back for float32"


def _with_gradient(answer, x, gamma, beta):
    """The norm of a tensor, and the gradient of its squares at x; in words where there is none."""
    import tensorflow as tf

    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        try:
            normed = answer(x, gamma, beta)
        except (AttributeError, NotImplementedError) as error:
            if not error.args:
                raise  # not started
            return NO_GRADIENT
        if (kind := tf.as_dtype(tf.convert_to_tensor(normed).dtype).name) in OTHER_KINDS:
            return _came_back_as(kind)
        pulled = tf.reduce_sum(tf.convert_to_tensor(normed) ** 3)
    gradient = tape.gradient(pulled, x)
    return NO_GRADIENT if gradient is None else (normed, gradient)


def _lacks_gradient(x, gamma, beta, epsilon=1e-6):
    return np.asarray(layer_norm(x, gamma, beta, epsilon))


def _with_default(default):
    """Right but for what epsilon is where none is given."""
    return lambda x, gamma, beta, epsilon=default: layer_norm(x, gamma, beta, epsilon)


def _behind_the_first_axis(x, gamma, beta, epsilon=1e-6):
    """Mean and variance without their last axis, which is put back in second place, whatever stands there."""
    left = x - ops.mean(x, axis=-1)[:, None]
    return gamma * left / ops.sqrt(ops.var(x, axis=-1)[:, None] + epsilon) + beta


def _length(x):
    return ops.sqrt(ops.sum(x**2, axis=-1, keepdims=True))


def _plain_cases(rng):
    arrays = [np.array([[1, 2, 3, 6]], "float32")]
    arrays += [_apart(rng, *shape, mean=3) for shape in ((2, 5), (1, 3, 3), (2, 5, 4))]
    return [case(x, np.ones(x.shape[-1], "float32"), np.zeros(x.shape[-1], "float32")) for x in arrays]


def _scaled_cases(rng):
    return [
        case(np.array([[1, 2, 3, 6]], "float32"), normal(rng, 4, mean=2), normal(rng, 4)),
        case(_apart(rng, 2, 3, 6, mean=1), normal(rng, 6, mean=2), normal(rng, 6)),
        case(*(rng.normal(size=shape) for shape in ((3, 5), 5, 5))),  # float64, as the lesson has it too
    ]


def _epsilon_cases(rng):
    small = (0.1 * normal(rng, 2, 4)).astype("float32")
    return [
        case(small, normal(rng, 4), normal(rng, 4), epsilon=0.5),
        case(normal(rng, 3, 5), normal(rng, 5), normal(rng, 5), epsilon=3.0),
        case(np.full((1, 3), 0.5, "float32"), normal(rng, 3), normal(rng, 3), epsilon=1e-3),
        case((0.001 * _apart(rng, 2, 4, mean=0)).astype("float32"), normal(rng, 4), normal(rng, 4)),
    ]


register(
    Exercise(
        name="layer_norm",
        notebook="06_encoder",
        reference=layer_norm,
        properties=(
            Property("every word for itself: mean 0 and spread 1", 3, _plain_cases),
            Property("gamma scales, beta shifts", 1, _scaled_cases),
            Property("epsilon: added to the variance, inside the root", 1, _epsilon_cases, tolerance=2e-5),
            Property(
                "a tensor comes in, and a gradient goes back through it",
                1,
                lambda rng: [case(_apart(rng, 2, 3, 4, mean=1), normal(rng, 4, mean=2), normal(rng, 4))],
                run=_with_gradient,
            ),
        ),
        mistakes=(
            Mistake(
                "NumPy has no gradients, and a network cannot learn through it: ops.mean, ops.square, ops.sqrt",
                _lacks_gradient,
            ),
            Mistake(
                "the gradient goes through x alone: mean and variance come from NumPy or are cut off, so that nothing "
                "flows back through them. ops.mean, ops.square",
                _by_root_of(
                    lambda x, left: ops.stop_gradient(ops.var(x, axis=-1, keepdims=True)),
                    middle=lambda x: ops.stop_gradient(_mean(x)),
                ),
            ),
            Mistake(
                "the gradient does not go through the variance: it comes from NumPy or is cut off. ops.mean",
                _by_root_of(lambda x, left: ops.stop_gradient(ops.var(x, axis=-1, keepdims=True))),
            ),
            Mistake(
                "the gradient does not go through the mean: it comes from NumPy or is cut off. ops.mean",
                _by(middle=lambda x: ops.stop_gradient(_mean(x))),
            ),
            *(
                Mistake(
                    f"{kind} came back where float32 came in, and the layers around it compute in float32: keep the "
                    "dtype of x",
                    lambda x, gamma, beta, epsilon=1e-6, kind=kind: ops.cast(layer_norm(x, gamma, beta, epsilon), kind),
                )
                for kind in OTHER_KINDS
            ),
            Mistake("nothing is normalised: x came back as it was", lambda x, gamma, beta, epsilon=1e-6: x),
            Mistake(
                "divided by the variance: its square root is missing",
                _by(lambda x, left, e: _variance(left) + e),
            ),
            Mistake(
                "the root is taken of epsilon alone: brackets around variance + epsilon, and the root of both",
                _by(lambda x, left, e: _variance(left) + e**0.5),
            ),
            Mistake("the mean is taken out, but nothing is divided by the spread", _by(lambda x, left, e: 1.0)),
            Mistake(
                "the root is taken twice: a standard deviation is a root already, and epsilon belongs inside that one",
                _by(lambda x, left, e: ops.sqrt(ops.sqrt(_variance(left)) + e)),
            ),
            Mistake(
                "two roots are added, of the variance and of epsilon: it is one root, of their sum",
                _by(lambda x, left, e: ops.sqrt(_variance(left)) + e**0.5),
            ),
            Mistake(
                "x is taken out of its mean, so that all signs are turned: x - mean",
                _by(finish=lambda n, gamma, beta: beta - gamma * n),
            ),
            Mistake(
                "divided by the word's length, with its mean still in: subtract the mean, then divide by the spread",
                _by(lambda x, left, e: _length(x), middle=ops.zeros_like),
            ),
            Mistake("multiplied by the spread: divide by it", _by(lambda x, left, e: 1 / _spread(x, left, e))),
            Mistake(
                "the mean is not taken out of x: only the spread is used",
                _whole(lambda x, m, s, gamma, beta, e: gamma * x / s + beta),
            ),
            Mistake(
                "the mean is nowhere taken out: this divides by the root of the mean square (that is RMS norm)",
                _by_root_of(lambda x, left: _mean(x**2), middle=ops.zeros_like),
            ),
            Mistake(
                "the variance is the mean of x²: take the mean out before squaring",
                _by_root_of(lambda x, left: _mean(x**2)),
            ),
            Mistake(
                "the mean is subtracted unsquared: the variance is the mean of x² less the square of the mean",
                _by_root_of(lambda x, left: _mean(x**2) - _mean(x)),
            ),
            Mistake(
                "the sum is taken out of x, not the mean",
                _by(middle=lambda x: ops.sum(x, axis=-1, keepdims=True)),
            ),
            Mistake(
                "the squares are added up, not averaged: the variance is a mean over the D features",
                _by_root_of(lambda x, left: ops.sum(left**2, axis=-1, keepdims=True)),
            ),
            Mistake(
                "the variance is divided by D - 1: here it is the mean of the squares, divided by D",
                _by_root_of(lambda x, left: ops.sum(left**2, axis=-1, keepdims=True) / (x.shape[-1] - 1)),
            ),
            *(
                Mistake(
                    "what is left is not squared before it is averaged: its mean is 0, the mean of its squares is the "
                    "variance",
                    _by_root_of(variance),
                )
                for variance in (lambda x, left: _mean(left), lambda x, left: _mean(left) ** 2)
            ),
            Mistake(
                "the variance is a mean of absolute distances: square them",
                _by_root_of(lambda x, left: _mean(ops.abs(left))),
            ),
            Mistake(
                "divided by the mean absolute distance: the spread is the root of the mean square",
                _by(lambda x, left, e: _mean(ops.abs(left)) + e),
            ),
            *(
                Mistake(
                    "divided by the range: the spread is the root of the mean square",
                    _by(lambda x, left, e: ops.max(x, -1, keepdims=True) - ops.min(x, -1, keepdims=True) + e, middle),
                )
                for middle in (_mean, lambda x: ops.min(x, axis=-1, keepdims=True))
            ),
            Mistake(
                "all numbers share one mean and one variance: each word has its own, axis=-1 with keepdims",
                _over(lambda rank: range(rank)),
            ),
            Mistake(
                "all numbers share one variance: each word has its own, axis=-1 with keepdims",
                _by_root_of(lambda x, left: _all(left**2)),
            ),
            Mistake(
                "all numbers share one mean: each word has its own, axis=-1 with keepdims",
                _by(middle=_all),
            ),
            Mistake(
                "all numbers share one mean: each word has its own, axis=-1 with keepdims",
                _by_root_of(lambda x, left: ops.var(x, axis=-1, keepdims=True), middle=_all),
            ),
            Mistake(
                "normalised over the words: each word over its own features, axis=-1",
                _over(lambda rank: [max(rank - 2, 0)]),
            ),
            Mistake("normalised over the first axis: each word over its own features, axis=-1", _over(lambda r: [0])),
            Mistake(
                "this is batch norm, one mean for each feature over all words of all sentences: it is axis=-1",
                _over(lambda rank: range(rank - 1)),
            ),
            Mistake(
                "axes 0 and 1, which in (B, T, D) makes it batch norm: each word over its own features, axis=-1",
                _over(lambda r: [0, 1]),
            ),
            Mistake(
                "one mean for a whole sentence: each word over its own features, axis=-1",
                _over(lambda rank: range(1, rank) if rank > 2 else [rank - 1]),
            ),
            Mistake(
                "normalised over axis 1: that is the words of a sentence; the features are the last axis, axis=-1",
                _over(lambda rank: [1] if rank > 1 else [0]),
            ),
            Mistake(
                "[:, None] puts the new axis behind the first, which is right for two axes alone: keepdims=True, or "
                "[..., None]",
                _behind_the_first_axis,
            ),
            *(
                Mistake(
                    "mean and variance have lost the last axis, so they meet the wrong numbers: keepdims=True",
                    _flat_statistics(library, of_what_is_left=of_what_is_left),
                )
                for library in (np, ops)
                for of_what_is_left in (True, False)
            ),
            *(
                Mistake(
                    "the variance has lost the last axis, so it meets the wrong numbers: keepdims=True",
                    _flat_statistics(library, mean_too=False),
                )
                for library in (np, ops)
            ),
            *(
                Mistake(
                    "the mean has lost the last axis, so it meets the wrong numbers: keepdims=True",
                    _flat_statistics(library, variance_too=False, of_what_is_left=of_what_is_left),
                )
                for library in (np, ops)
                for of_what_is_left in (True, False)
            ),
            *(
                Mistake("only the mean is divided, not what is left: put x - mean in brackets", _whole(formula))
                for formula in (
                    lambda x, m, s, gamma, beta, e: gamma * (x - m / s) + beta,
                    lambda x, m, s, gamma, beta, e: gamma * x - m / s + beta,
                )
            ),
            Mistake(
                "gamma multiplies x alone, not what is left: put x - mean in brackets",
                _whole(lambda x, m, s, gamma, beta, e: (gamma * x - m) / s + beta),
            ),
            Mistake(
                "beta is divided by the spread too: it is added last",
                _whole(lambda x, m, s, gamma, beta, e: (gamma * (x - m) + beta) / s),
            ),
            Mistake("gamma and beta are both unused", _by(finish=lambda n, gamma, beta: n)),
            Mistake("beta is unused: it is added at the end", _by(finish=lambda n, gamma, beta: gamma * n)),
            Mistake("gamma is unused: it multiplies what is normalised", _by(finish=lambda n, g, b: n + b)),
            Mistake("gamma and beta have changed places", _by(finish=lambda n, g, b: b * n + g)),
            Mistake("beta is multiplied too: gamma first, then add beta", _by(finish=lambda n, g, b: g * (n + b))),
            Mistake("beta is subtracted: it is added", _by(finish=lambda n, g, b: g * n - b)),
            Mistake("divided by gamma: it multiplies", _by(finish=lambda n, g, b: n / g + b)),
            Mistake("multiplied by beta: it is added", _by(finish=lambda n, g, b: g * n * b)),
            Mistake(
                "a matrix product with gamma adds up the features: multiply each by its own gamma, with *",
                _by(finish=lambda n, g, b: ops.matmul(n, g) + b),
            ),
            Mistake(
                "gamma and beta act before the norm: they come after it",
                lambda x, gamma, beta, epsilon=1e-6: layer_norm(
                    gamma * ops.convert_to_tensor(x) + beta, ops.ones_like(gamma), ops.zeros_like(beta), epsilon
                ),
            ),
            Mistake("gamma is added: it multiplies", _by(finish=lambda n, g, b: n + g + b)),
            Mistake(
                "epsilon is added after the root: it belongs to the variance, inside",
                _by(lambda x, left, e: ops.sqrt(_variance(left)) + e),
            ),
            Mistake(
                "epsilon is added inside the root and again outside: inside is enough",
                _by(lambda x, left, e: _spread(x, left, e) + e),
            ),
            Mistake(
                "epsilon is added to the result: it belongs to the variance, inside the root",
                _whole(lambda x, m, s, gamma, beta, e: gamma * (x - m) / _spread(x, x - m, 0) + e + beta),
            ),
            Mistake(
                "epsilon is unused: a word whose numbers are all equal is divided by 0",
                _by(lambda x, left, e: ops.sqrt(_variance(left))),
            ),
            *(
                Mistake(
                    f"epsilon is {default:g} where none is given: leave its default at 1e-6", _with_default(default)
                )
                for default in (1e-3, 1e-5, 1e-7, 1e-8)
            ),
            *(
                Mistake(
                    "epsilon is fixed: use the argument",
                    _by(lambda x, left, e, fixed=fixed: _spread(x, left, fixed)),
                )
                for fixed in (1e-6, 1e-3, 1e-5, 1e-8)
            ),
            Mistake(
                "epsilon is squared before it is added",
                _by(lambda x, left, e: _spread(x, left, e**2)),
            ),
            Mistake(
                "epsilon is subtracted from the variance: it is added",
                _by(lambda x, left, e: _spread(x, left, -e)),
            ),
            *(
                Mistake("epsilon keeps what is divided by from being small, by a maximum: it is added", _by(spread))
                for spread in (
                    lambda x, left, e: ops.sqrt(ops.maximum(_variance(left), e)),
                    lambda x, left, e: ops.maximum(ops.sqrt(_variance(left)), e),
                )
            ),
            Mistake(
                "a comma behind the result makes a tuple of it: return the array alone",
                lambda x, gamma, beta, epsilon=1e-6: (layer_norm(x, gamma, beta, epsilon),),
            ),
        ),  # fmt: skip
        hints=(
            "Three steps for each word: take its mean away, divide by its spread, then gamma and beta.",
            "ops.mean(x, axis=-1, keepdims=True) is each word's mean, (…, 1). The variance is the mean of the squares "
            "of what is left when the mean is gone.",
            "The spread is the square root of (variance + epsilon). gamma multiplies what has been divided, beta is "
            "added last.",
        ),
    )
)
